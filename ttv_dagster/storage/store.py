"""Files that are whole or not there, in a folder or at any fsspec URL."""

import os
import shutil
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from upath import UPath

STALE_SECONDS = 24 * 3600
"""Working files older than this were left by a process that died."""

_WORK = ".work"


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class Store:
    """Files by name under one root.

    A file is written in a working folder first and published in one step, so that a process killed at any
    instant leaves either nothing or the whole file.

    Args:
        root: A folder or any fsspec URL. It is created when something is first published.
    """

    def __init__(self, root: str | os.PathLike[str]) -> None:
        # A listing from before another process published must not be believed.
        self.root = UPath(root, use_listings_cache=False) if "://" in str(root) else UPath(root)
        self._local = Path(str(self.root.path)) if self.root.protocol in ("", "file", "local") else None

    def url(self, name: str) -> str:
        """Return the file's path in a local store, its URL otherwise."""
        return str(self._local / name) if self._local else str(self.root / name)

    def size(self, name: str) -> int | None:
        """Return the file's size in bytes; None if there is no such file."""
        try:
            return int((self.root / name).stat().st_size)
        except FileNotFoundError:
            return None

    def sizes(self, folder: str) -> dict[str, int]:
        """Return the size in bytes of every file two levels below a folder, by file name, from one listing."""
        if self._local is None:
            found = self.root.fs.find(str((self.root / folder).path), detail=True)
            return {Path(path).name: int(entry["size"]) for path, entry in found.items()}
        sizes: dict[str, int] = {}
        try:
            shards = [entry.path for entry in os.scandir(self._local / folder) if entry.is_dir()]
        except FileNotFoundError:
            return sizes
        for shard in shards:
            with os.scandir(shard) as entries:
                for entry in entries:
                    sizes[entry.name] = entry.stat().st_size
        return sizes

    def files(self, folder: str) -> Iterator[tuple[str, int, float]]:
        """Yield every file below a folder: its name, its size in bytes, and when it was written in seconds since 1970.

        A file system that does not know the time gives the current time.
        """
        if self._local is not None:
            for path in (self._local / folder).rglob("*"):
                if path.is_file():
                    found = path.stat()
                    yield str(path.relative_to(self._local)), found.st_size, found.st_mtime
            return
        base = str((self.root / folder).path)
        for name, entry in self.root.fs.find(base, detail=True).items():
            written = entry.get("LastModified") or entry.get("mtime") or entry.get("created") or time.time()
            seconds = written.timestamp() if hasattr(written, "timestamp") else float(written)
            yield folder + name[name.index(base) + len(base) :], int(entry["size"]), seconds

    def delete(self, name: str) -> None:
        """Delete a file, if it is there."""
        (self.root / name).unlink(missing_ok=True)

    @contextmanager
    def working_file(self, suffix: str) -> Iterator[Path]:
        """Give a new local file path to write to; whatever is there afterwards is deleted."""
        if self._local is not None:
            folder = self._local / _WORK
            folder.mkdir(parents=True, exist_ok=True)
        else:
            folder = Path(tempfile.gettempdir())
        path = folder / f"{uuid.uuid4().hex}{suffix}"
        try:
            yield path
        finally:
            path.unlink(missing_ok=True)

    def publish(self, path: Path, name: str) -> None:
        """Move a finished local file to its name, in one step; a file already there is replaced by it.

        Raises:
            OSError: The store cannot be written. No file is left under the name.
        """
        _sync(path)
        if self._local is not None:
            target = self._local / name
            target.parent.mkdir(parents=True, exist_ok=True)
            path.replace(target)
            _sync(target.parent)
            return
        # Under a temporary name first: not every remote file system uploads in one step, and all of them can move.
        beside = self.root / _WORK / uuid.uuid4().hex
        remote = self.root / name
        fs = self.root.fs
        fs.makedirs(str(beside.parent.path), exist_ok=True)
        fs.makedirs(str(remote.parent.path), exist_ok=True)
        fs.put_file(str(path), str(beside.path))
        if fs.size(str(beside.path)) != path.stat().st_size:
            raise OSError(f"{remote}: the upload did not arrive whole")
        fs.mv(str(beside.path), str(remote.path))

    def write(self, name: str, data: bytes) -> None:
        """Publish bytes under a name."""
        with self.working_file(Path(name).suffix) as path:
            path.write_bytes(data)
            self.publish(path, name)

    @contextmanager
    def local_copy(self, name: str) -> Iterator[Path]:
        """Give the file as a local path, for as long as the block runs.

        Raises:
            FileNotFoundError: No such file.
        """
        if self._local is not None:
            path = self._local / name
            if not path.is_file():
                raise FileNotFoundError(f"{path}: no such file")
            yield path
            return
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / Path(name).name
            with (self.root / name).open("rb") as source, path.open("wb") as copy:
                shutil.copyfileobj(source, copy, 1 << 20)
            yield path

    def read(self, name: str) -> bytes:
        """Return the bytes of a file.

        Raises:
            FileNotFoundError: No such file.
        """
        data: bytes = (self.root / name).read_bytes()
        return data

    def check_writable(self) -> None:
        """Write and delete one small file.

        Raises:
            OSError: The store cannot be written.
        """
        name = f"{_WORK}/{uuid.uuid4().hex}"
        self.write(name, b"ttv")
        (self.root / name).unlink()

    def sweep(self) -> int:
        """Delete what dead processes left in the working folder; return how many files that were."""
        if self._local is None:
            return 0
        swept = 0
        for path in (self._local / _WORK).glob("*"):
            try:
                if time.time() - path.stat().st_mtime <= STALE_SECONDS:
                    continue
                if path.is_dir():
                    shutil.rmtree(path)
                else:
                    path.unlink()
            except FileNotFoundError:
                continue  # Another process swept it.
            swept += 1
        return swept
