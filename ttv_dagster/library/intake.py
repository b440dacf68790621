"""A prompt file and the pictures it names, read and checked as strangers' files are."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ttv_dagster.media.images import PictureError, digest, read_picture
from ttv_dagster.shots.files import read_prompt_set
from ttv_dagster.shots.problems import Mistake, PromptSetError
from ttv_dagster.shots.shot import PromptSet


@dataclass(frozen=True, slots=True)
class Intake:
    """A prompt set as the library keeps it.

    Attributes:
        prompt_set: The set, its pictures named ``pictures/<SHA-256 hex><suffix>``.
        pictures: Where each of those pictures lies now.
    """

    prompt_set: PromptSet
    pictures: dict[str, Path]


_SUFFIX_OF = {".jpeg": ".jpg", ".tif": ".tiff"}


def read_intake(file: Path, *, picture_roots: Sequence[Path] = ()) -> Intake:
    """Read a prompt file, and look at every picture it names.

    Args:
        file: YAML, CSV, JSONL or TXT.
        picture_roots: Folders outside the file's own that pictures may lie in.

    Raises:
        PromptSetError: With every mistake in the file, or every picture that cannot be used.
    """
    return take_pictures(read_prompt_set(file, picture_roots=picture_roots), str(file))


def take_pictures(prompt_set: PromptSet, file: str) -> Intake:
    """Look at every picture that a set names, and name it by its digest.

    Args:
        prompt_set: The set; its pictures are paths of local files.
        file: Where the set comes from, for the mistakes.

    Raises:
        PromptSetError: With every picture that cannot be used.
    """
    names: dict[str, str] = {}
    pictures: dict[str, Path] = {}
    mistakes: list[Mistake] = []
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
                    read_picture(path)
                except PictureError as error:
                    right = "a PNG, JPEG or WebP picture that opens"
                    mistakes.append(Mistake(file, shot.id, field, f"{path.name}: {error}", right))
                    continue
                suffix = path.suffix.lower()
                names[given] = f"pictures/{digest(path)}{_SUFFIX_OF.get(suffix, suffix)}"
                pictures[names[given]] = path
            named[field] = names[given]
        shots.append(shot.model_copy(update=named) if named else shot)
    if mistakes:
        raise PromptSetError(mistakes)
    return Intake(prompt_set.model_copy(update={"shots": tuple(shots)}), pictures)
