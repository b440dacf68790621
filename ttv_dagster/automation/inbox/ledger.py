"""What an inbox has seen and requested, written down so that a kill at any instant loses nothing."""

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from ttv_dagster.storage.sqlite import connected

State = Literal["settling", "waiting", "bad", "accepted"]
"""`settling`: not yet seen twice alike. `waiting`: for images. `bad`: refused. `accepted`: in the library."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS inbox_files (
    inbox TEXT NOT NULL, path TEXT NOT NULL, stamp TEXT NOT NULL, state TEXT NOT NULL, since REAL NOT NULL,
    images TEXT, reported INTEGER NOT NULL, PRIMARY KEY (inbox, path)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS inbox_runs (
    inbox TEXT NOT NULL, name TEXT NOT NULL, content TEXT NOT NULL, source TEXT NOT NULL, run_key TEXT NOT NULL,
    started INTEGER NOT NULL, PRIMARY KEY (inbox, name)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS inbox_runs_to_start ON inbox_runs (inbox) WHERE NOT started;
"""

_COLUMNS = "path, stamp, state, since, images, reported"
_DONE = "state IN ('accepted', 'bad') AND coalesce(images, '[]') = '[]'"


@dataclass(frozen=True, slots=True)
class SeenFile:
    """A file as it was last seen.

    Attributes:
        path: Its path in the inbox.
        stamp: Its own stamp, and a line for that of each of its images.
        state: How far it has come.
        since: When it came there, in seconds since 1970.
        images: The images it names, as paths in the inbox; None if it was not read yet.
        reported: Whether there is a file of its problems.
    """

    path: str
    stamp: str
    state: State
    since: float
    images: tuple[str, ...] | None = None
    reported: bool = False


@dataclass(frozen=True, slots=True)
class WantedRun:
    """The run of a set's newest content.

    Attributes:
        prompt_set: The set.
        content: Digest of the set as the library keeps it.
        source: The file it was read from.
        run_key: Identifies the run in Dagster: a new key each time that the content changes.
    """

    prompt_set: str
    content: str
    source: str
    run_key: str


def _seen(row: tuple[Any, ...]) -> SeenFile:
    path, stamp, state, since, images, reported = row
    return SeenFile(path, stamp, state, since, None if images is None else tuple(json.loads(images)), reported == 1)


class Ledger:
    """The memory of one inbox. Losing it starts no run again for what the library and Dagster's runs still know."""

    def __init__(self, connection: sqlite3.Connection, inbox: str) -> None:
        self._connection = connection
        self._inbox = inbox

    @classmethod
    @contextmanager
    def open(cls, database: Path, inbox: str) -> "Iterator[Ledger]":
        """Open the ledger of an inbox in the database of automation."""
        with connected(database, _SCHEMA) as connection:
            yield cls(connection, inbox)

    def done(self) -> dict[str, str]:
        """Return the stamps by path of accepted or refused files that do not name an image: usually most files."""
        query = f"SELECT path, stamp FROM inbox_files WHERE inbox = ? AND {_DONE}"  # noqa: S608
        return dict(self._connection.execute(query, (self._inbox,)))

    def rest(self) -> dict[str, SeenFile]:
        """Return every other file that was there at the last scan, by path."""
        query = f"SELECT {_COLUMNS} FROM inbox_files WHERE inbox = ? AND NOT ({_DONE})"  # noqa: S608
        rows = self._connection.execute(query, (self._inbox,))
        return {row[0]: _seen(row) for row in rows}

    def file(self, path: str) -> SeenFile:
        """Return one file that was there at the last scan."""
        query = f"SELECT {_COLUMNS} FROM inbox_files WHERE inbox = ? AND path = ?"  # noqa: S608
        return _seen(self._connection.execute(query, (self._inbox, path)).fetchone())

    @contextmanager
    def together(self) -> Iterator[None]:
        """Keep everything that is written in the block, or nothing."""
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
            "INSERT OR REPLACE INTO inbox_files VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                (
                    self._inbox,
                    each.path,
                    each.stamp,
                    each.state,
                    each.since,
                    None if each.images is None else json.dumps(each.images),
                    int(each.reported),
                )
                for each in files
            ),
        )

    def forget(self, paths: Iterable[str]) -> None:
        """Forget files that are gone."""
        self._connection.executemany(
            "DELETE FROM inbox_files WHERE inbox = ? AND path = ?", ((self._inbox, path) for path in paths)
        )

    def content(self, prompt_set: str) -> str | None:
        """Return the digest of a set's content when it was last accepted; None if it never was."""
        query = "SELECT content FROM inbox_runs WHERE inbox = ? AND name = ?"
        row = self._connection.execute(query, (self._inbox, prompt_set)).fetchone()
        return None if row is None else str(row[0])

    def want(self, run: WantedRun, *, started: bool) -> None:
        """Ask for a run, in place of any earlier one of the same set."""
        self._connection.execute(
            "INSERT OR REPLACE INTO inbox_runs VALUES (?, ?, ?, ?, ?, ?)",
            (self._inbox, run.prompt_set, run.content, run.source, run.run_key, int(started)),
        )

    def started(self, runs: Iterable[WantedRun]) -> None:
        """Note that Dagster has these runs."""
        self._connection.executemany(
            "UPDATE inbox_runs SET started = 1 WHERE inbox = ? AND run_key = ?",
            ((self._inbox, run.run_key) for run in runs),
        )

    def wanted(self) -> list[WantedRun]:
        """Return the runs that Dagster is not known to have."""
        query = "SELECT name, content, source, run_key FROM inbox_runs WHERE inbox = ? AND NOT started"
        rows = self._connection.execute(query, (self._inbox,))
        return [WantedRun(*row) for row in rows]
