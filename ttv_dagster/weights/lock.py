"""`weights.lock`: the commit of every repository that was ever pulled. All pulls and plans use it.

With each commit it keeps what the Hub said about its files, so that every machine knows, without asking again, which
files must be there and what they must contain.
"""

import hashlib
import json
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from filelock import FileLock

from ttv_dagster.shots.problems import TtvError
from ttv_dagster.storage.store import Store
from ttv_dagster.weights.listing import Listing, RepoFile

LOCK_NAME = "weights.lock"

_COMMIT = re.compile(r"[0-9a-f]{40}")


class LockError(TtvError, ValueError):
    """`weights.lock` cannot be read; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Pins:
    """What `weights.lock` says.

    Attributes:
        commits: The commit of each pinned repository.
        files: The files of a repository at its commit; a repository that was pinned by hand is not in it.
    """

    commits: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, Listing] = field(default_factory=dict)


class WeightsLock:
    """The pinned commits of an installation, in a folder or at any fsspec URL that its processes share.

    Args:
        url: The folder of `weights.lock`.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._store = Store(url)

    def read(self) -> Pins:
        """Return what is pinned.

        Raises:
            LockError: The file is damaged.
        """
        try:
            document = json.loads(self._store.read(LOCK_NAME))
            for repository, commit in document["commits"].items():
                # It becomes the name of a folder.
                if not _COMMIT.fullmatch(commit):
                    raise ValueError(f"{repository}: {commit!r} is not a commit, which has 40 hexadecimal digits")
            return Pins(
                dict(document["commits"]),
                {
                    repository: {path: RepoFile(*entry) for path, entry in files.items()}
                    for repository, files in document.get("files", {}).items()
                },
            )
        except FileNotFoundError:
            return Pins()
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise LockError(
                f"{self._store.url(LOCK_NAME)} is damaged ({error}): put back a copy of it, or delete it and pull "
                "again, which pins the newest commits"
            ) from error

    def commits(self) -> dict[str, str]:
        """Return the commit of each pinned repository.

        Raises:
            LockError: The file is damaged.
        """
        return dict(self.read().commits)

    def pin(self, commits: Mapping[str, str], files: Mapping[str, Listing] | None = None) -> None:
        """Pin repositories, replacing their earlier pins.

        Args:
            commits: The commit of each.
            files: Their files at it.
        """
        with self._mutex():
            before = self.read()
            kept = {name: listing for name, listing in before.files.items() if name not in commits}
            self._write(Pins({**before.commits, **commits}, {**kept, **(files or {})}))

    def pin_first(self, commits: Mapping[str, str], files: Mapping[str, Listing]) -> Pins:
        """Pin those repositories that are not pinned yet; return all pins.

        Of two that pull a model for the first time at once, both get the commit that one of them resolved.
        """
        with self._mutex():
            before = self.read()
            own = {
                name: commit
                for name, commit in commits.items()
                if before.commits.get(name, commit) == commit and name not in before.files
            }
            if not own:
                return before
            pins = Pins({**before.commits, **own}, {**before.files, **{name: files[name] for name in own}})
            self._write(pins)
            return pins

    def _write(self, pins: Pins) -> None:
        document = {
            "commits": dict(sorted(pins.commits.items())),
            "files": {
                name: {path: list(entry) for path, entry in sorted(listing.items())}
                for name, listing in sorted(pins.files.items())
            },
        }
        self._store.write(LOCK_NAME, json.dumps(document, indent=1).encode() + b"\n")

    def _mutex(self) -> FileLock:
        """Return the lock of the one writer on this machine; if two machines share a URL, the last one's pins win."""
        if "://" in self._url:
            name = hashlib.sha256(self._url.encode()).hexdigest()[:16]
            return FileLock(Path(tempfile.gettempdir()) / f"ttv-weights-{name}.lock")
        folder = Path(self._url)
        folder.mkdir(parents=True, exist_ok=True)
        return FileLock(folder / f".{LOCK_NAME}")
