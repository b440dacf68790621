"""Prompt files: from a path to a prompt set, or to every reason why not."""

import os
import stat
from collections.abc import Sequence
from pathlib import Path

from ttv_dagster.shots.formats.csv import read_csv
from ttv_dagster.shots.formats.jsonl import read_jsonl
from ttv_dagster.shots.formats.rows import Draft, build
from ttv_dagster.shots.formats.text import as_utf8
from ttv_dagster.shots.formats.txt import read_txt
from ttv_dagster.shots.formats.yaml import read_yaml
from ttv_dagster.shots.image_paths import ImagePaths
from ttv_dagster.shots.names import is_set_name, slug
from ttv_dagster.shots.problems import Problems, Unreadable
from ttv_dagster.shots.shot import FindImage, PromptSet

SUFFIXES = (".yaml", ".yml", ".csv", ".jsonl", ".txt")
LARGEST_FILE = 64 * 2**20


def read_prompt_set(path: Path, *, image_roots: Sequence[Path] = ()) -> PromptSet:
    """Read a prompt file and validate it as a whole.

    The set is named after the file unless the file names it. Images become absolute paths of files that exist
    inside the file's folder or one of the roots.

    Args:
        path: A YAML, CSV, JSONL or TXT file; its suffix says which.
        image_roots: Folders outside the file's own that its images may be in.

    Raises:
        PromptSetError: Something is wrong with the file; it carries every problem.
    """
    return _built(path, ImagePaths(path.parent, image_roots))


def images_named(path: Path) -> list[str]:
    """Return the images that a prompt file names, as it names them and whether or not they are there.

    Raises:
        PromptSetError: Something else is wrong with the file.
    """
    named: dict[str, None] = {}

    def find(image: str) -> str:
        named[image] = None
        return image

    _built(path, find)
    return list(named)


def _built(path: Path, find_image: FindImage) -> PromptSet:
    problems = Problems(str(path))
    try:
        draft = _draft(path, problems)
    except Unreadable as error:
        problems.add(shot=error.place, message=error.message, hint=error.hint)
        raise problems.error() from None
    return build(draft, find_image, problems)


def set_name_of(path: Path) -> str:
    """Return the name of a set that does not name itself: that of its file, made safe if it can be.

    Example:
        >>> set_name_of(Path("My Prompts (2).csv"))
        'My-Prompts-2'
    """
    return path.stem if is_set_name(path.stem) else slug(path.stem) or path.stem


def _draft(path: Path, problems: Problems) -> Draft:
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise Unreadable("", "is not a prompt file by its name", f"a name that ends in {', '.join(SUFFIXES)}")
    data, name = as_utf8(_read(path)), set_name_of(path)
    if suffix == ".csv":
        return Draft(name, read_csv(data, problems))
    if suffix == ".jsonl":
        return Draft(name, read_jsonl(data, problems))
    if suffix == ".txt":
        return Draft(name, read_txt(data))
    return read_yaml(data, name, problems)


def _read(path: Path) -> bytes:
    """Return what is in the file. Only regular files are opened, and at most the allowed size is read.

    Raises:
        Unreadable: The file does not exist or cannot be read.
    """
    hint = f"a text file of at most {LARGEST_FILE // 2**20} MiB"
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise Unreadable("", "is a folder" if path.is_dir() else "is not a regular file", hint)
        # Should it have become a pipe since, opening it must not wait for a writer.
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
            data = file.read(LARGEST_FILE + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise Unreadable("", f"cannot be read: {reason.lower()}", hint) from None
    if len(data) > LARGEST_FILE:
        raise Unreadable("", f"has more than {LARGEST_FILE // 2**20} MiB", "several smaller files")
    return data
