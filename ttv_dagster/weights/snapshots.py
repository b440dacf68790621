"""Where pulled weights lie on this machine: the standard cache of ``huggingface_hub``."""

from pathlib import Path

from ttv_dagster.weights.model import Model

RANDOM_WEIGHTS = "RANDOM_WEIGHTS"
"""A file of this name in a repository says that its weights are random: a test of the pipeline, not a trained model."""


class WeightsMissing(RuntimeError):
    """Weights are not on this machine; the message says which, and the command that pulls them."""


def snapshot(model: Model, commit: str) -> dict[str, Path]:
    """The folder of each of a model's repositories, at its commit.

    Args:
        model: The model.
        commit: What `Model.commit` gives.

    Raises:
        WeightsMissing: One of them is not on this machine.
    """
    from huggingface_hub.constants import HF_HUB_CACHE
    from huggingface_hub.file_download import repo_folder_name

    folders = {}
    for repository, pinned in zip(model.repositories, commit.split(","), strict=True):
        name = repo_folder_name(repo_id=repository, repo_type="model")
        folder = Path(HF_HUB_CACHE) / name / "snapshots" / pinned
        if not folder.is_dir():
            raise WeightsMissing(
                f"the weights of {repository} at {pinned[:12]} are not on this machine: ttv weights pull {model.id}"
            )
        folders[repository] = folder
    return folders


def has_random_weights(folders: dict[str, Path]) -> bool:
    """Whether one of a model's repositories says that its weights are random."""
    return any((folder / RANDOM_WEIGHTS).exists() for folder in folders.values())
