"""Alerts: one message when a problem begins, and one when it is over."""

import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg

from ttv_dagster.assets.failures import why_it_failed
from ttv_dagster.automation.clock import DAY_TAG
from ttv_dagster.observability.channels import Message
from ttv_dagster.renders.tables import CLIPS
from ttv_dagster.storage.sqlite import connected
from ttv_dagster.storage.tables import Tables

SHOTS_NAMED = 10
MAX_MESSAGES = 5
"""More problems than these at one scan are one message: a broken store fails every set."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS incidents (key TEXT PRIMARY KEY, title TEXT NOT NULL, since REAL NOT NULL);
CREATE TABLE IF NOT EXISTS alerts_seen (id INTEGER PRIMARY KEY CHECK (id = 0), until REAL NOT NULL);
"""


@dataclass(frozen=True, slots=True)
class Incident:
    """Something that a person should look at.

    Attributes:
        key: Identifies it: while it lasts, it is not reported again.
        title: What is wrong.
        body: Why, and where to look.
    """

    key: str
    title: str
    body: str


class OpenIncidents:
    """The problems that were reported and are not over, in a small SQLite file."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    @classmethod
    @contextmanager
    def open(cls, path: Path) -> "Iterator[OpenIncidents]":
        """Open the problems in this file, which is created if it is missing."""
        with connected(path, _SCHEMA) as connection:
            yield cls(connection)

    def seen_until(self) -> float:
        """Return up to when runs were checked, in seconds since 1970; at first, now."""
        self._connection.execute("INSERT OR IGNORE INTO alerts_seen VALUES (0, ?)", (time.time(),))
        return float(self._connection.execute("SELECT until FROM alerts_seen").fetchone()[0])

    def keys(self) -> set[str]:
        """Return the keys of the problems."""
        return {str(key) for (key,) in self._connection.execute("SELECT key FROM incidents")}

    def write(self, begun: Sequence[Incident], over: Sequence[str], until: float) -> None:
        """Write down what was reported."""
        self._connection.execute("BEGIN IMMEDIATE")
        for problem in begun:
            row = (problem.key, problem.title, time.time())
            self._connection.execute("INSERT OR REPLACE INTO incidents VALUES (?, ?, ?)", row)
        self._connection.executemany("DELETE FROM incidents WHERE key = ?", ((key,) for key in over))
        self._connection.execute("INSERT OR REPLACE INTO alerts_seen VALUES (0, ?)", (until,))
        self._connection.execute("COMMIT")


@dataclass(frozen=True, slots=True)
class Alert:
    """What there is to report.

    Attributes:
        messages: In the order in which to send them.
        begun: The problems that they report.
        over: The keys of the problems that ended.
        until: Up to when runs were looked at.
    """

    messages: list[Message]
    begun: list[Incident]
    over: list[str]
    until: float


class Watch:
    """Looks at the runs of an instance.

    Args:
        instance: The instance.
        tables: The tables with the manifests.
        ui_url: Address of Dagster's page, for links.
        queue_minutes: A queue that did not move for so many minutes is a problem.
    """

    def __init__(self, instance: dg.DagsterInstance, *, tables: Tables, ui_url: str, queue_minutes: float) -> None:
        self._instance = instance
        self._tables = tables
        self._ui_url = ui_url.rstrip("/")
        self._queue_minutes = queue_minutes

    def scan(self, known: set[str], since: float, standing: Sequence[Incident] = ()) -> Alert:
        """Return what began and what ended since the last scan.

        Args:
            known: Keys of the problems that were reported.
            since: Up to when runs were looked at.
            standing: Incidents that others found, such as a spent budget; they are over when they are not given.
        """
        until = since
        failed: dict[str, Incident] = {}
        mended: set[str] = set()
        ended = dg.RunsFilter(
            statuses=[dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE],
            updated_after=datetime.fromtimestamp(since, UTC),
        )
        records = self._instance.get_run_records(ended)
        for record in sorted(records, key=lambda record: record.end_time or 0.0):
            run = record.dagster_run
            until = max(until, record.update_timestamp.timestamp())
            key = _key_of(run)
            if run.status == dg.DagsterRunStatus.SUCCESS:
                failed.pop(key, None)
                if damage := self._damage(run):
                    mended.discard(key)
                    failed[key] = Incident(key, f"ttv: {key} found damage", damage)
                else:
                    mended.add(key)
            elif run.tags.get("dagster/will_retry") != "true":
                mended.discard(key)
                failed[key] = self._failure(key, run)
        lasting = {problem.key: problem for problem in (*standing, *self._still_queue())}
        begun = [problem for problem in (*failed.values(), *lasting.values()) if problem.key not in known]
        over = sorted(key for key in known if key in mended or (_is_standing(key) and key not in lasting))
        messages = [Message(problem.title, problem.body) for problem in begun]
        if len(messages) > MAX_MESSAGES:
            listed = "\n\n".join(f"{message.title}\n{message.body}" for message in messages[:MAX_MESSAGES])
            rest = f"\n\nand {len(messages) - MAX_MESSAGES} more: {self._ui_url}/runs"
            messages = [Message(f"ttv: {len(messages)} problems", listed + rest)]
        if over:
            named = ", ".join(over[:50]) + (f" and {len(over) - 50} more" if len(over) > 50 else "")
            messages.append(Message(f"ttv: recovered: {named}", f"{self._ui_url}/runs"))
        return Alert(messages, begun, over, until)

    def _failure(self, key: str, run: dg.DagsterRun) -> Incident:
        prompt_set = run.tags.get("dagster/partition")
        found = CLIPS.read(self._tables, prompt_set) if prompt_set else []
        broken = [row for row in found if row.status == "failed"]
        if broken:
            named = [f"{row.shot}: {row.error}" for row in broken[:SHOTS_NAMED]]
            if len(broken) > SHOTS_NAMED:
                named.append(f"and {len(broken) - SHOTS_NAMED} more")
            why = f"{len(broken)} of {len(found)} shots failed:\n" + "\n".join(named)
        else:
            why = why_it_failed(self._instance, run.run_id)[:2000]
        return Incident(key, f"ttv: {key} failed", f"{why}\n{self._ui_url}/runs/{run.run_id}")

    def _damage(self, run: dg.DagsterRun) -> str:
        """Return what a run that only checks found: its failed checks do not fail the run."""
        if DAY_TAG not in run.tags:
            return ""
        records = self._instance.get_records_for_run(run.run_id, of_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION)
        found = [record.event_log_entry.dagster_event for record in records.records]
        checks = [event.asset_check_evaluation_data for event in found if event is not None]
        said = [f"{check.asset_check_key.name}: {check.description}" for check in checks if not check.passed]
        return "\n".join([*said, f"{self._ui_url}/runs/{run.run_id}"]) if said else ""

    def _still_queue(self) -> list[Incident]:
        before = time.time() - self._queue_minutes * 60
        queued = self._instance.get_run_records(
            dg.RunsFilter(statuses=[dg.DagsterRunStatus.QUEUED]), limit=1, ascending=True
        )
        if not queued or queued[0].create_timestamp.timestamp() > before:
            return []
        moved = dg.RunsFilter(
            statuses=[dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE],
            updated_after=datetime.fromtimestamp(before, UTC),
        )
        if self._instance.get_run_records(moved, limit=1):
            return []
        count = self._instance.get_runs_count(dg.RunsFilter(statuses=[dg.DagsterRunStatus.QUEUED]))
        still = f"none has started or ended for {self._queue_minutes:g} minutes"
        body = f"{count} runs wait, and {still}.\n{self._ui_url}/runs"
        return [Incident(f"{_STANDING}the queue", "ttv: the queue stands still", body)]


_STANDING = "standing: "


def standing_incident(name: str, title: str, body: str) -> Incident:
    """Return a problem that lasts until it is not found any more."""
    return Incident(f"{_STANDING}{name}", title, body)


def _is_standing(key: str) -> bool:
    return key.startswith(_STANDING)


def _key_of(run: dg.DagsterRun) -> str:
    return run.tags.get("dagster/partition") or f"the job {run.job_name}"
