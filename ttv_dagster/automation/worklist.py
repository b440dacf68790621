"""The worklist: runs that a schedule wants, until Dagster has them.

A schedule finds what to do in a separate run, which may take minutes; a sensor then asks for the runs a few at a
time, so that the queue is never longer than it needs to be.
"""

import sqlite3
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ttv_dagster.storage.sqlite import connected

_SCHEMA = """
CREATE TABLE IF NOT EXISTS worklist (
    origin TEXT NOT NULL, prompt_set TEXT NOT NULL, run_key TEXT NOT NULL, reason TEXT NOT NULL, asked REAL NOT NULL,
    PRIMARY KEY (origin, prompt_set)
) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class WorkItem:
    """One set that is to be rendered.

    Attributes:
        origin: Who asks, such as ``nightly``.
        prompt_set: The set.
        run_key: Identifies the run in Dagster.
        reason: Why, for people.
    """

    origin: str
    prompt_set: str
    run_key: str
    reason: str


class Worklist:
    """What is to be rendered, in the order in which it was asked for."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    @classmethod
    @contextmanager
    def open(cls, path: Path) -> "Iterator[Worklist]":
        """Open the worklist in this file, which is created if it is missing."""
        with connected(path, _SCHEMA) as connection:
            yield cls(connection)

    def want(self, items: Iterable[WorkItem]) -> None:
        """Request runs; each replaces an earlier one of the same origin and set."""
        rows = [(each.origin, each.prompt_set, each.run_key, each.reason, time.time()) for each in items]
        self._connection.executemany("INSERT OR REPLACE INTO worklist VALUES (?, ?, ?, ?, ?)", rows)

    def wanted(self, origin: str) -> list[WorkItem]:
        """Return what is still to be asked for, oldest first."""
        found = self._connection.execute(
            "SELECT origin, prompt_set, run_key, reason FROM worklist WHERE origin = ? ORDER BY asked, prompt_set",
            (origin,),
        )
        return [WorkItem(*row) for row in found]

    def done(self, items: Iterable[WorkItem]) -> None:
        """Remove items that Dagster has, or that are not wanted anymore."""
        self._connection.executemany("DELETE FROM worklist WHERE run_key = ?", ((each.run_key,) for each in items))
