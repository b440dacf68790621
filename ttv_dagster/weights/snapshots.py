"""Where pulled weights are on this machine: the standard cache of ``huggingface_hub``."""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from filelock import FileLock

from ttv_dagster.shots.problems import TtvError
from ttv_dagster.weights.model import Model

RANDOM_WEIGHTS = "RANDOM_WEIGHTS"
"""A file of this name in a repository says that its weights are random: a test of the pipeline, not a trained model."""

_READ_BYTES = 1 << 20


class WeightsMissing(TtvError, RuntimeError):
    """Weights are not on this machine; the message says which, and the command that pulls them."""

    exit_code = 1


def cache_folder() -> Path:
    """Return the cache of ``huggingface_hub`` on this machine."""
    from huggingface_hub import constants

    return Path(constants.HF_HUB_CACHE)


def repository_folder(cache: Path, repository: str) -> Path:
    """Return the folder of a repository in the cache."""
    from huggingface_hub.file_download import repo_folder_name

    return cache / repo_folder_name(repo_id=repository, repo_type="model")


def snapshot_folder(cache: Path, repository: str, commit: str) -> Path:
    """Return the folder of a repository's files at a commit."""
    return repository_folder(cache, repository) / "snapshots" / commit


def repository_lock(cache: Path, repository: str) -> FileLock:
    """Return the lock of the one process on this machine that changes a repository's files in the cache."""
    return FileLock(cache / ".locks" / f"ttv-{repository.replace('/', '--')}.lock")


def snapshot(model: Model, commit: str | None) -> dict[str, Path]:
    """Return the folder of each of a model's repositories, at its commit.

    Args:
        model: The model.
        commit: What `Model.commit` gives.

    Raises:
        WeightsMissing: One of them is not on this machine, or the model had other repositories when it was planned.
    """
    if not commit:
        raise WeightsMissing(f"the weights of {model.id} were never pulled: ttv weights pull {model.id}")
    cache = cache_folder()
    commits = commit.split(",")
    if len(commits) != len(model.repositories):
        raise WeightsMissing(
            f"{model.id} has other parts than when this was planned (TTV_MODELS_FILE): materialize prompt_sets again"
        )
    folders = {}
    for repository, pinned in zip(model.repositories, commits, strict=True):
        folder = snapshot_folder(cache, repository, pinned)
        if not folder.is_dir():
            raise WeightsMissing(
                f"the weights of {repository} at {pinned[:12]} are not on this machine: ttv weights pull {model.id}"
            )
        folders[repository] = folder
    return folders


def has_random_weights(folders: dict[str, Path]) -> bool:
    """Return whether one of a model's repositories is marked as random weights."""
    return any((folder / RANDOM_WEIGHTS).exists() for folder in folders.values())


def lacking(folder: Path, sizes: Mapping[str, int]) -> list[str]:
    """Return the files that a snapshot lacks, or has in another size, without reading them.

    Args:
        folder: The snapshot.
        sizes: The bytes of each file that it should have.
    """
    found = []
    for path, size in sizes.items():
        try:
            if (folder / path).stat().st_size != size:
                found.append(path)
        except OSError:
            found.append(path)
    return found


def damaged(
    folder: Path, digests: Mapping[str, str], on_read: Callable[[int], None] = lambda _: None
) -> dict[str, str]:
    """Return the files of a snapshot that differ from the Hub's digests, with what is wrong with each.

    Args:
        folder: The snapshot.
        digests: The Hub's digest of each file, as in `RepoFile`.
        on_read: Called with the bytes that were read since the last call.
    """
    found = {}
    for path, digest in digests.items():
        try:
            actual = _digest(folder / path, like=digest, on_read=on_read)
        except OSError as error:
            found[path] = error.strerror or str(error)
            continue
        if actual != digest:
            found[path] = f"its digest is {actual[:12]}…, the Hub's is {digest[:12]}…"
    return found


def _digest(path: Path, *, like: str, on_read: Callable[[int], None]) -> str:
    with path.open("rb") as file:
        if len(like) == 40:
            # Git's name of a blob.
            hasher = hashlib.sha1(f"blob {path.stat().st_size}\0".encode(), usedforsecurity=False)
        else:
            hasher = hashlib.sha256()
        while block := file.read(_READ_BYTES):
            hasher.update(block)
            on_read(len(block))
    return hasher.hexdigest()


def discard(cache: Path, repository: str, commit: str, files: Iterable[tuple[str, str]]) -> None:
    """Delete files of a snapshot with their blobs, so that they are downloaded again.

    Args:
        cache: The cache.
        repository: The repository.
        commit: The commit.
        files: Path and digest of each.
    """
    folder = snapshot_folder(cache, repository, commit)
    for path, digest in files:
        for link in (folder / path, repository_folder(cache, repository) / "blobs" / digest):
            if link.is_symlink():
                # It may lead, by another link, to a blob that repositories share.
                link.resolve().unlink(missing_ok=True)
            link.unlink(missing_ok=True)
