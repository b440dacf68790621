"""A watched folder, here or at any fsspec URL: what is in it, without opening a file."""

import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from upath import UPath

ERRORS = "errors"
"""The folder that problems are written into; files in it are never accepted."""

GONE = "-"
"""The stamp of a file that is not there."""


def _is_watched(path: str) -> bool:
    return not any(part.startswith(".") or part == ERRORS for part in path.split("/"))


class WatchedFolder:
    """The files below a root by their path in it. Hidden ones, links, and folders named ``errors`` are ignored.

    Args:
        url: A folder or any fsspec URL.
    """

    def __init__(self, url: str) -> None:
        self._root = UPath(url, use_listings_cache=False) if "://" in url else UPath(url)
        self._local = Path(os.path.realpath(url)) if self._root.protocol in ("", "file", "local") else None

    def __str__(self) -> str:
        return str(self._root)

    def source(self, path: str) -> str:
        """Return the location of a file, as the library remembers it."""
        return str(self._local / path) if self._local else str(self._root / path)

    def stamps(self) -> dict[str, str]:
        """Return a stamp for each file: it changes whenever the file does.

        Raises:
            FileNotFoundError: The folder is not there.
        """
        if self._local is not None:
            return _local_stamps(self._local)
        base = self._root.path.rstrip("/") + "/"
        listed = self._root.fs.find(self._root.path, detail=True)
        if not listed and not self._root.exists():
            raise FileNotFoundError(f"{self._root}: no such folder")
        stamps = {}
        for name, info in listed.items():
            path = ("/" + name if base.startswith("/") and not name.startswith("/") else name).removeprefix(base)
            if _is_watched(path):
                changed = info.get("ETag") or info.get("LastModified") or info.get("mtime") or info.get("created")
                stamps[path] = f"{info['size']} {changed}"
        return stamps

    def stamp_beside(self, path: str) -> str:
        """Return the stamp of a file that `stamps` ignores, such as an image outside the folder, or `GONE`."""
        if self._local is None:
            return GONE
        try:
            return _stamp((self._local / path).stat())
        except (OSError, ValueError):
            return GONE

    @contextmanager
    def local_copy(self, path: str, others: Iterable[str]) -> Iterator[Path]:
        """Give a file as a local path, with others at the same places relative to it, while the block runs.

        Raises:
            OSError: One of them cannot be read.
        """
        if self._local is not None:
            yield self._local / path
            return
        with tempfile.TemporaryDirectory() as folder:
            for name in (path, *others):
                copy = Path(folder) / name
                copy.parent.mkdir(parents=True, exist_ok=True)
                with (self._root / name).open("rb") as source, copy.open("wb") as target:
                    shutil.copyfileobj(source, target, 1 << 20)
            yield Path(folder) / path

    def write_errors(self, path: str, text: str) -> None:
        """Say what is wrong with a file, in `errors/` beside it."""
        target = self._root / self.errors_of(path)
        if self._local is None:
            target.write_text(text, encoding="utf-8")
            return
        # Whole or not there: people read it while it is written.
        place = Path(str(target))
        place.parent.mkdir(exist_ok=True)
        beside = place.with_name(f".{place.name}.{os.getpid()}")
        beside.write_text(text, encoding="utf-8")
        beside.replace(place)

    def clear_errors(self, path: str) -> None:
        """Remove the reported problems of a file, and the folder if it is then empty."""
        target = self._root / self.errors_of(path)
        target.unlink(missing_ok=True)
        if self._local is not None:
            folder = self._local / PurePosixPath(path).parent / ERRORS
            if folder.is_dir() and not any(folder.iterdir()):
                folder.rmdir()

    @staticmethod
    def errors_of(path: str) -> str:
        """Return where the problems of a file are written, as a path in the folder."""
        file = PurePosixPath(path)
        return str(file.parent / ERRORS / f"{file.name}.txt")


def _stamp(found: os.stat_result) -> str:
    # The change time too: a copy that keeps times and sizes is another file all the same.
    return f"{found.st_size} {found.st_mtime_ns} {found.st_ctime_ns}"


def _local_stamps(root: Path) -> dict[str, str]:
    stamps: dict[str, str] = {}
    folders = [(str(root), "")]
    while folders:
        folder, prefix = folders.pop()
        try:
            entries = os.scandir(folder)
        except FileNotFoundError:
            if not prefix:
                raise FileNotFoundError(f"{root}: no such folder; create it, or name another one") from None
            continue  # Deleted since its parent was listed.
        with entries:
            for entry in entries:
                name = entry.name
                if name[0] == "." or name == ERRORS:
                    continue
                if entry.is_dir(follow_symlinks=False):
                    folders.append((entry.path, f"{prefix}{name}/"))
                elif entry.is_file(follow_symlinks=False):
                    try:
                        stamps[prefix + name] = _stamp(entry.stat(follow_symlinks=False))
                    except FileNotFoundError:
                        continue
    return stamps
