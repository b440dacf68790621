"""What the inbox has seen and asked for: one small SQLite file, so that a kill at any instant forgets nothing."""

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from ttv_dagster.storage.sqlite import connected

State = Literal["settling", "waiting", "bad", "taken"]
"""`settling`: not yet seen twice alike. `waiting`: for images. `bad`: refused. `taken`: in the library."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS files (
    path TEXT PRIMARY KEY, stamp TEXT NOT NULL, state TEXT NOT NULL, since REAL NOT NULL,
    images TEXT, told INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS sets (
    name TEXT PRIMARY KEY, content TEXT NOT NULL, source TEXT NOT NULL, run_key TEXT NOT NULL, started INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS unstarted ON sets (started) WHERE NOT started;
"""

_DONE = "state IN ('taken', 'bad') AND coalesce(images, '[]') = '[]'"


@dataclass(frozen=True, slots=True)
class SeenFile:
    """A file as it was last seen.

    Attributes:
        path: Its path in the inbox.
        stamp: Its own stamp, and a line for that of each of its images.
        state: How far it has come.
        since: When it came there, in seconds since 1970.
        images: The images it names, as paths in the inbox; None where it was not read yet.
        told: Whether there is a file of its problems.
    """

    path: str
    stamp: str
    state: State
    since: float
    images: tuple[str, ...] | None = None
    told: bool = False


@dataclass(frozen=True, slots=True)
class WantedRun:
    """The run of a set's newest content.

    Attributes:
        prompt_set: The set.
        content: Digest of the set as the library keeps it.
        source: The file it was read from.
        run_key: What Dagster tells the run by: another one each time that the content changes.
    """

    prompt_set: str
    content: str
    source: str
    run_key: str


def _seen(row: tuple[Any, ...]) -> SeenFile:
    path, stamp, state, since, images, told = row
    return SeenFile(path, stamp, state, since, None if images is None else tuple(json.loads(images)), told == 1)


class Ledger:
    """The memory of one inbox. Losing it starts no run again for what the library and Dagster's runs still know."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    @classmethod
    @contextmanager
    def open(cls, path: Path) -> "Iterator[Ledger]":
        """The ledger in this file, which is made where it is missing."""
        with connected(path, _SCHEMA) as connection:
            yield cls(connection)

    def done(self) -> dict[str, str]:
        """The stamp of every file that was taken or refused and names no image, by path: most of them, most days."""
        return dict(self._connection.execute(f"SELECT path, stamp FROM files WHERE {_DONE}"))  # noqa: S608

    def rest(self) -> dict[str, SeenFile]:
        """Every other file that was there at the last look, by path."""
        rows = self._connection.execute(f"SELECT * FROM files WHERE NOT ({_DONE})")  # noqa: S608
        return {row[0]: _seen(row) for row in rows}

    def file(self, path: str) -> SeenFile:
        """One file that was there at the last look."""
        return _seen(self._connection.execute("SELECT * FROM files WHERE path = ?", (path,)).fetchone())

    @contextmanager
    def together(self) -> Iterator[None]:
        """What is written in the block is kept as a whole, or not at all."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    def remember(self, files: Iterable[SeenFile]) -> None:
        """Write down how these files are now."""
        self._connection.executemany(
            "INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?)",
            (
                (
                    each.path,
                    each.stamp,
                    each.state,
                    each.since,
                    None if each.images is None else json.dumps(each.images),
                    int(each.told),
                )
                for each in files
            ),
        )

    def forget(self, paths: Iterable[str]) -> None:
        """These files are gone."""
        self._connection.executemany("DELETE FROM files WHERE path = ?", ((path,) for path in paths))

    def content(self, prompt_set: str) -> str | None:
        """The digest of what a set held when it was last taken; None where it never was."""
        row = self._connection.execute("SELECT content FROM sets WHERE name = ?", (prompt_set,)).fetchone()
        return None if row is None else str(row[0])

    def want(self, run: WantedRun, *, started: bool) -> None:
        """Ask for a run, in place of any earlier one of the same set."""
        self._connection.execute(
            "INSERT OR REPLACE INTO sets VALUES (?, ?, ?, ?, ?)",
            (run.prompt_set, run.content, run.source, run.run_key, int(started)),
        )

    def started(self, runs: Iterable[WantedRun]) -> None:
        """Dagster has these runs."""
        self._connection.executemany("UPDATE sets SET started = 1 WHERE run_key = ?", ((run.run_key,) for run in runs))

    def wanted(self) -> list[WantedRun]:
        """The runs that Dagster is not known to have."""
        rows = self._connection.execute("SELECT name, content, source, run_key FROM sets WHERE NOT started")
        return [WantedRun(*row) for row in rows]
