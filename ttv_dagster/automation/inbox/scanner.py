"""Scans of a watched folder: what both inboxes do with the files they find and the runs they ask for."""

import hashlib
import json
import logging
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from filelock import FileLock, Timeout

from ttv_dagster.automation.admission import Admission
from ttv_dagster.automation.inbox.folder import WatchedFolder
from ttv_dagster.automation.inbox.ledger import Ledger, SeenFile, WantedRun
from ttv_dagster.shots.shot import PromptSet

SETTLE_SECONDS = 2.0
"""A file that looks the same this long after it was first seen so has stopped growing."""

NOTHING = Admission()
"""Nothing is requested yet."""


class InboxBusyError(RuntimeError):
    """Another scan of the same inbox is still running."""


@dataclass(slots=True)
class Scan:
    """What one scan at the inbox came to.

    Attributes:
        runs: The runs that Dagster does not have yet.
        accepted: Files that were read into the library.
        refused: Files with problems, and the first of them.
        waiting: Files whose images are missing.
        settling: Files that are still growing, or that the next scan read.
    """

    runs: list[WantedRun] = field(default_factory=list)
    accepted: list[str] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    waiting: int = 0
    settling: int = 0

    def __str__(self) -> str:
        counts = {
            "accepted": len(self.accepted),
            "refused": len(self.refused),
            "waiting for images": self.waiting,
            "settling": self.settling,
        }
        return ", ".join(f"{count} {what}" for what, count in counts.items() if count) or "nothing new"


class StartedRuns(Protocol):
    """What Dagster knows of runs."""

    def has_run(self, run_key: str) -> bool:
        """Return whether it has a run with this key."""

    def has_content(self, prompt_set: str, content: str) -> bool:
        """Return whether it ever had a run of this content of the set."""


class Scanner:
    """Scans one folder, one scan at a time on this machine.

    Args:
        folder: The folder.
        inbox: Name of the inbox, in the database.
        database: The database of automation, which remembers what was found.
        log: Called with what became of each file.

    Attributes:
        folder: The folder.
    """

    def __init__(self, folder: WatchedFolder, *, inbox: str, database: Path, log: logging.Logger) -> None:
        self.folder = folder
        self._inbox = inbox
        self._database = database
        self._log = log

    @contextmanager
    def scanning(self) -> Iterator[Ledger]:
        """Hold the folder for one scan, with its ledger.

        Raises:
            InboxBusyError: Another scan is not over.
        """
        self._database.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(self._database.with_name(f"{self._inbox}-inbox.lock"))
        try:
            with lock.acquire(timeout=0), Ledger.open(self._database, self._inbox) as ledger:
                yield ledger
        except Timeout:
            raise InboxBusyError(f"the last scan of {self.folder} is not over") from None

    def remember(self, changed: Collection[SeenFile], gone: Collection[str], ledger: Ledger) -> None:
        """Write down what changed since the last scan; what was reported about deleted files is removed."""
        for path in gone:
            if ledger.file(path).reported:
                self.folder.clear_errors(path)
        with ledger.together():
            ledger.remember(changed)
            ledger.forget(gone)

    def refuse(self, seen: SeenFile, why: str, ledger: Ledger, scan: Scan) -> None:
        """Write what is wrong with a file beside it, and do not read it again until it changes."""
        self.folder.write_errors(seen.path, f"{why}\n")
        ledger.remember([replace(seen, state="bad", reported=True)])
        scan.refused[seen.path] = why.splitlines()[0]
        self._log.warning("%s: refused, see %s", why.splitlines()[0], self.folder.errors_of(seen.path))

    @staticmethod
    def ask(
        ledger: Ledger, started: StartedRuns, last: Admission, scan: Scan
    ) -> tuple[list[WantedRun], list[WantedRun]]:
        """Request the runs that Dagster does not have; return every requested run, and those that have started."""
        wanted = ledger.wanted()
        begun = [run for run in wanted if run.run_key not in last.waiting and started.has_run(run.run_key)]
        ledger.started(begun)
        scan.runs = [run for run in wanted if run not in begun]
        return wanted, begun


def content_digest(prompt_set: PromptSet) -> str:
    """Return the digest of a set as the library keeps it, images included: the first 16 hex digits of its SHA-256."""
    document = prompt_set.model_dump(mode="json", exclude_defaults=True)
    return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()[:16]
