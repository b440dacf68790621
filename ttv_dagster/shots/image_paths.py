"""The images that a prompt set names: found next to it, and elsewhere only if that is configured."""

import os
import stat
from collections.abc import Sequence
from pathlib import Path

from ttv_dagster.shots.problems import shown
from ttv_dagster.shots.values import refuse

_DEEPEST = 32
_RULE = "the path of an image, relative to the folder of the prompt set and inside it"


class ImagePaths:
    """Finds images by the paths that shots name; a `FindImage`.

    No file is opened: its content is checked elsewhere.

    Args:
        folder: Where the prompt set is: paths are relative to it.
        roots: Other folders that paths may lead to.
    """

    def __init__(self, folder: Path, roots: Sequence[Path]) -> None:
        self._folder = folder
        self._roots = [_real(root) for root in (folder, *roots)]
        self._real_folders: dict[Path, Path] = {}

    def __call__(self, path: str) -> str:
        """The absolute path of an image, with links resolved.

        Raises:
            PydanticCustomError: It leads out of the folders, or to no file (what `refuse` makes).
        """
        if path.count("/") > _DEEPEST:
            raise refuse(f"is {shown(path)}, too many folders deep", _RULE)
        try:
            found = self._resolved(self._folder / path)
            if not any(found.is_relative_to(root) for root in self._roots):
                raise refuse(f"is {shown(path)}, which leads out of the folder", _RULE)
            mode = found.stat().st_mode
        except OSError as error:
            reason = (error.strerror or "cannot be found").lower()
            slashes = "; folders are separated by /" if "\\" in path else ""
            raise refuse(f"is {shown(path)}: {reason}", _RULE + slashes) from None
        if not stat.S_ISREG(mode):
            raise refuse(f"is {shown(path)}, which is not a regular file", _RULE)
        return str(found)

    def _resolved(self, path: Path) -> Path:
        """Return the path without links and dots; each folder is resolved once, whatever the number of its images."""
        folder = path.parent
        if folder not in self._real_folders:
            self._real_folders[folder] = _real(folder)
        found = self._real_folders[folder] / path.name
        return _real(found) if path.name == ".." or found.is_symlink() else found


def _real(path: Path) -> Path:
    # Path.resolve raises at a loop of links; this leaves it to stat.
    return Path(os.path.realpath(path))
