"""What was rendered and how long it took, counted once and kept, for budgets and metrics."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg

from ttv_dagster.renders.tables import CLIPS, PROMPT_SETS
from ttv_dagster.storage.sqlite import connected
from ttv_dagster.storage.tables import Tables

PERSON = "person"
"""The queue of the runs that a person started."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS usage_runs (run_id TEXT PRIMARY KEY, queue TEXT NOT NULL, started REAL NOT NULL, ended REAL);
CREATE INDEX IF NOT EXISTS usage_by_queue ON usage_runs (queue, ended);
CREATE TABLE IF NOT EXISTS usage_shots (
    engine TEXT NOT NULL, model TEXT NOT NULL, status TEXT NOT NULL, number INTEGER NOT NULL, seconds REAL NOT NULL,
    PRIMARY KEY (engine, model, status)
);
CREATE TABLE IF NOT EXISTS usage_cursors (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS budgets_resumed (queue TEXT, day TEXT, PRIMARY KEY (queue, day));
"""


class Usage:
    """What was rendered, in the database of automation."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    @classmethod
    @contextmanager
    def open(cls, path: Path) -> "Iterator[Usage]":
        """Open the usage in this file, which is created if it is missing."""
        with connected(path, _SCHEMA) as connection:
            yield cls(connection)

    def _place(self, name: str) -> str | None:
        row = self._connection.execute("SELECT value FROM usage_cursors WHERE name = ?", (name,)).fetchone()
        return None if row is None else str(row[0])

    def _mark(self, name: str, value: str) -> None:
        self._connection.execute("INSERT OR REPLACE INTO usage_cursors VALUES (?, ?)", (name, value))

    def count_runs(self, instance: dg.DagsterInstance) -> None:
        """Note when runs started and ended since the last time."""
        place = self._place("runs")
        since = datetime.fromtimestamp(float(place), UTC) if place else None
        until = float(place or 0)
        for record in instance.get_run_records(dg.RunsFilter(updated_after=since) if since else None):
            until = max(until, record.update_timestamp.timestamp())
            if record.start_time is not None:
                run = record.dagster_run
                row = (run.run_id, run.tags.get("ttv/origin", PERSON), record.start_time, record.end_time)
                self._connection.execute("INSERT OR REPLACE INTO usage_runs VALUES (?, ?, ?, ?)", row)
        self._mark("runs", str(until))
        for (run_id,) in self._connection.execute("SELECT run_id FROM usage_runs WHERE ended IS NULL").fetchall():
            if instance.get_run_by_id(run_id) is None:
                self._connection.execute("DELETE FROM usage_runs WHERE run_id = ?", (run_id,))

    def count_shots(self, instance: dg.DagsterInstance, tables: Tables) -> None:
        """Count the shots of every manifest that was written since the last time, by engine and model."""
        clips, more = dg.AssetKey("clips"), True
        while more:
            cursor = self._place("clips")
            found = instance.fetch_materializations(clips, limit=100, cursor=cursor, ascending=True)
            self._connection.execute("BEGIN IMMEDIATE")
            for record in found.records:
                self._count_manifest(record.partition_key, tables)
            if found.records:
                self._mark("clips", found.cursor)
            self._connection.execute("COMMIT")
            more = found.has_more

    def _count_manifest(self, prompt_set: str | None, tables: Tables) -> None:
        if prompt_set is None:
            return
        made_by = {shot.id: (shot.engine, shot.model or "") for shot in PROMPT_SETS.read(tables, prompt_set)}
        for row in CLIPS.read(tables, prompt_set):
            if row.shot in made_by and row.status != "pending":
                self._connection.execute(
                    "INSERT INTO usage_shots VALUES (?, ?, ?, 1, ?) ON CONFLICT DO UPDATE SET "
                    "number = number + 1, seconds = seconds + excluded.seconds",
                    (*made_by[row.shot], row.status, row.seconds),
                )

    def shots(self) -> list[tuple[str, str, str, int, float]]:
        """Yield engine, model, status, number of shots, and seconds that they took."""
        return list(self._connection.execute("SELECT engine, model, status, number, seconds FROM usage_shots"))

    def busy_seconds(self, queue: str, *, since: float = 0.0) -> float:
        """Return how long runs of a queue have run since then, those that are running included."""
        query = "SELECT SUM(MAX(0, COALESCE(ended, ?) - MAX(started, ?))) FROM usage_runs WHERE queue = ?"
        (seconds,) = self._connection.execute(query, (time.time(), since, queue)).fetchone()
        return float(seconds or 0.0)

    def queues(self) -> list[str]:
        """Return every queue that had a run."""
        return [
            str(queue) for (queue,) in self._connection.execute("SELECT DISTINCT queue FROM usage_runs ORDER BY queue")
        ]

    def resume(self, queue: str, day: str) -> None:
        """Lift the budget of a queue for this day."""
        self._connection.execute("INSERT OR IGNORE INTO budgets_resumed VALUES (?, ?)", (queue, day))

    def is_resumed(self, queue: str, day: str) -> bool:
        """Return whether the queue's budget was lifted on this day."""
        query = "SELECT 1 FROM budgets_resumed WHERE queue = ? AND day = ?"
        return self._connection.execute(query, (queue, day)).fetchone() is not None
