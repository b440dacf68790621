"""A prompt file and the images it names, read and checked as strangers' files are."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ttv_dagster.media.images import ImageError, digest, read_image
from ttv_dagster.shots.files import read_prompt_set
from ttv_dagster.shots.problems import Problem, PromptSetError
from ttv_dagster.shots.shot import PromptSet


@dataclass(frozen=True, slots=True)
class Intake:
    """A prompt set as the library keeps it.

    Attributes:
        prompt_set: The set, its images named ``images/<SHA-256 hex><suffix>``.
        images: Where each of those images lies now.
    """

    prompt_set: PromptSet
    images: dict[str, Path]


_SUFFIX_OF = {".jpeg": ".jpg", ".tif": ".tiff"}


def read_intake(file: Path, *, image_roots: Sequence[Path] = ()) -> Intake:
    """Read a prompt file, and look at every image it names.

    Args:
        file: YAML, CSV, JSONL or TXT.
        image_roots: Folders outside the file's own that images may lie in.

    Raises:
        PromptSetError: With every problem in the file, or every image that cannot be used.
    """
    return take_images(read_prompt_set(file, image_roots=image_roots), str(file))


def take_images(prompt_set: PromptSet, file: str) -> Intake:
    """Look at every image that a set names, and name it by its digest.

    Args:
        prompt_set: The set; its images are paths of local files.
        file: Where the set comes from, for the problems.

    Raises:
        PromptSetError: With every image that cannot be used.
    """
    names: dict[str, str] = {}
    images: dict[str, Path] = {}
    problems: list[Problem] = []
    shots = []
    for shot in prompt_set.shots:
        named = {}
        for field in ("image", "last_image"):
            given = getattr(shot, field)
            if given is None:
                continue
            if given not in names:
                path = Path(given)
                try:
                    read_image(path)
                except ImageError as error:
                    hint = "a PNG, JPEG or WebP image that opens"
                    problems.append(Problem(field, f"{path.name}: {error}", hint, file, shot.id))
                    continue
                suffix = path.suffix.lower()
                names[given] = f"images/{digest(path)}{_SUFFIX_OF.get(suffix, suffix)}"
                images[names[given]] = path
            named[field] = names[given]
        shots.append(shot.model_copy(update=named) if named else shot)
    if problems:
        raise PromptSetError(problems)
    return Intake(prompt_set.model_copy(update={"shots": tuple(shots)}), images)
