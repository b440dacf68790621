"""The inbox: a folder that people drop prompt files into, and that does not need attention.

A scan lists the folder and opens only files that are new or changed. A file is read when it was seen twice alike, with
its images. What was read is in the library, and what is asked for in the ledger, before Dagster is asked; what Dagster
does not have by the next scan, it is asked for again.
"""

import logging
import posixpath
import time
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from ttv_dagster.automation.admission import Admission
from ttv_dagster.automation.inbox.folder import GONE, WatchedFolder
from ttv_dagster.automation.inbox.ledger import Ledger, SeenFile, WantedRun
from ttv_dagster.automation.inbox.scanner import (
    NOTHING,
    SETTLE_SECONDS,
    Scan,
    Scanner,
    StartedRuns,
    content_digest,
)
from ttv_dagster.engines.deployment import Deployment
from ttv_dagster.library.intake import read_intake
from ttv_dagster.library.library import Library, LibraryError
from ttv_dagster.planning.resolve import plan_set
from ttv_dagster.shots.files import SUFFIXES, images_named
from ttv_dagster.shots.problems import PromptSetError

ACCEPTED_PER_SCAN = 20
SECONDS_PER_SCAN = 0.7
"""A scan reads at most this many files, or as many as fit into this time, and at least one."""

WAIT_SECONDS = 600.0
"""An image that is missing for longer is reported."""

LARGEST_FILE = 4 * 2**20
MAX_IMAGES = 200
"""Larger files, or with more images, take longer than a scan may: `ttv add` accepts those."""


class _Refused(Exception):
    """A file is not accepted; the message says everything that is wrong with it."""


def _is_prompt_file(path: str) -> bool:
    return f".{path.rpartition('.')[2].lower()}" in SUFFIXES


class Inbox:
    """One watched folder, the library that its files go into, and the memory of what was accepted.

    Args:
        folder: The folder.
        database: The database of automation, which remembers what was accepted.
        library: The library.
        deployment: What its engines can render.
        image_roots: More folders that images may come from.
        log: Called with what became of each file.
    """

    def __init__(
        self,
        folder: WatchedFolder,
        *,
        database: Path,
        library: Library,
        deployment: Deployment,
        image_roots: Iterable[Path],
        log: logging.Logger,
    ) -> None:
        self._folder = folder
        self._scanner = Scanner(folder, inbox="prompts", database=database, log=log)
        self._library = library
        self._deployment = deployment
        self._image_roots = list(image_roots)
        self._log = log

    def scan(self, started: StartedRuns, last: Admission = NOTHING) -> Scan:
        """Accept what has arrived.

        Args:
            started: Asked for each run that Dagster is not known to have.
            last: What became of the runs that the scan before asked for.

        Raises:
            InboxBusyError: Another scan is not over.
            FileNotFoundError: The folder is not there.
        """
        with self._scanner.scanning() as ledger:
            return self._scan(ledger, started, last)

    def _scan(self, ledger: Ledger, started: StartedRuns, last: Admission) -> Scan:
        scan = Scan()
        deadline = time.monotonic() + SECONDS_PER_SCAN
        stamps = self._folder.stamps()
        candidates = self._compare(ledger, stamps, scan)
        for number, seen in enumerate(candidates):
            if number >= ACCEPTED_PER_SCAN or (number and time.monotonic() > deadline):
                scan.settling += len(candidates) - number
                break
            self._read(seen, ledger, stamps, scan, started)
        wanted, begun = self._scanner.ask(ledger, started, last, scan)
        self._report_blocked(wanted, begun, last.blocked, ledger, stamps)
        return scan

    def _report_blocked(
        self,
        wanted: Iterable[WantedRun],
        begun: Collection[WantedRun],
        blocked: Mapping[str, str],
        ledger: Ledger,
        stamps: Mapping[str, str],
    ) -> None:
        """Say once, beside its file, why the run of a set is not started; and remove that when it is."""
        here = self._folder.source("").rstrip("/") + "/"
        for run in wanted:
            path = run.source.removeprefix(here)
            if path not in stamps or not (run in begun or run.run_key in blocked):
                continue
            seen = ledger.file(path)
            if seen.state != "accepted" or seen.reported == (run not in begun):
                continue
            if run in begun:
                self._folder.clear_errors(path)
            else:
                why = f"{path}: accepted, but not rendered yet: {blocked[run.run_key]}"
                self._folder.write_errors(path, f"{why}\nIt is rendered as soon as the weights are there.\n")
            ledger.remember([replace(seen, reported=run not in begun)])

    def _compare(self, ledger: Ledger, stamps: Mapping[str, str], scan: Scan) -> list[SeenFile]:
        """Write down what changed since the last scan; the files to read, those that wait longest first."""
        now = time.time()
        done, rest = ledger.done(), ledger.rest()
        changed: list[SeenFile] = []
        candidates: list[SeenFile] = []
        present: set[str] = set()
        for path, own in stamps.items():
            if not _is_prompt_file(path):
                continue
            present.add(path)
            if done.get(path) == own:
                continue
            seen = ledger.file(path) if path in done else rest.get(path)
            if seen is None:
                changed.append(SeenFile(path, own, "settling", now))
                scan.settling += 1
                continue
            stamp = self._stamp(own, seen.images, stamps) if seen.images else own
            if stamp != seen.stamp:
                # An image that arrives leaves the file's list of images as it was.
                images = seen.images if seen.stamp.partition("\n")[0] == own else None
                if images is None:
                    stamp = own
                changed.append(replace(seen, stamp=stamp, state="settling", since=now, images=images))
                scan.settling += 1
            elif seen.state == "settling" and now - seen.since >= SETTLE_SECONDS:
                candidates.append(seen)
            elif seen.state == "settling":
                scan.settling += 1
            elif seen.state == "waiting":
                scan.waiting += 1
                if not seen.reported and now - seen.since >= WAIT_SECONDS:
                    self._folder.write_errors(path, self._awaited(seen, stamps))
                    changed.append(replace(seen, reported=True))
        gone = (done.keys() | rest.keys()) - present
        self._scanner.remember(changed, gone, ledger)
        return sorted(candidates, key=lambda seen: seen.since)

    def _stamp(self, own: str, images: Iterable[str], stamps: Mapping[str, str]) -> str:
        return "\n".join([own, *(stamps.get(each) or self._folder.stamp_beside(each) for each in images)])

    def _awaited(self, seen: SeenFile, stamps: Mapping[str, str]) -> str:
        missing = [each for each in seen.images or () if each not in stamps and self._folder.stamp_beside(each) == GONE]
        named = "\n".join(f"{seen.path}: waits for the image {each}" for each in missing)
        return f"{named}\nThe file is accepted as soon as they are there.\n"

    def _read(
        self, seen: SeenFile, ledger: Ledger, stamps: Mapping[str, str], scan: Scan, started: StartedRuns
    ) -> None:
        """Accept one file, or say why not; other files are not affected."""
        try:
            if seen.images is None:
                seen = replace(seen, images=self._images_of(seen))
                if seen.images:
                    seen = replace(seen, stamp=self._stamp(seen.stamp, seen.images, stamps), since=time.time())
                    awaited = GONE in seen.stamp.split("\n")
                    scan.waiting += awaited
                    scan.settling += not awaited
                    ledger.remember([replace(seen, state="waiting" if awaited else "settling")])
                    return
            elif GONE in seen.stamp.split("\n"):
                scan.waiting += 1
                ledger.remember([replace(seen, state="waiting")])
                return
            self._accept(seen, ledger, stamps, started)
        except FileNotFoundError:
            return  # It went away since it was listed; the next scan says so.
        except _Refused as refused:
            self._scanner.refuse(seen, str(refused), ledger, scan)
        except OSError as error:
            # The disk, the library or the network: no fault of the file's, so it is tried again.
            self._log.exception("%s: not accepted yet: %s", seen.path, error)
            scan.settling += 1
        except Exception as error:
            self._log.exception("%s: could not be read", seen.path)
            self._scanner.refuse(seen, f"could not be read ({type(error).__name__}: {error})", ledger, scan)
        else:
            scan.accepted.append(seen.path)

    def _images_of(self, seen: SeenFile) -> tuple[str, ...]:
        if int(seen.stamp.split()[0]) > LARGEST_FILE:
            hint = f"the inbox accepts files of at most {LARGEST_FILE // 2**20} MiB, and `ttv add` larger ones"
            raise _Refused(f"{seen.path}: is too large; {hint}")
        with self._folder.local_copy(seen.path, ()) as file:
            try:
                named = images_named(file)
            except PromptSetError as error:
                raise _Refused(_relative(error, file, seen.path)) from None
        if len(named) > MAX_IMAGES:
            hint = f"the inbox accepts files with at most {MAX_IMAGES}, and `ttv add` those with more"
            raise _Refused(f"{seen.path}: names {len(named):,} images; {hint}")
        folder = posixpath.dirname(seen.path)
        return tuple(posixpath.normpath(posixpath.join(folder, name)) for name in named)

    def _accept(self, seen: SeenFile, ledger: Ledger, stamps: Mapping[str, str], started: StartedRuns) -> None:
        """Put a set into the library, and request its run if its content has changed."""
        source = self._folder.source(seen.path)
        with self._folder.local_copy(seen.path, seen.images or ()) as file:
            try:
                intake = read_intake(file, image_roots=self._image_roots)
                prompt_set = intake.prompt_set
                plan_set(prompt_set, file=str(file), deployment=self._deployment)
                added = self._library.add(intake, source, replace=self._has_moved(prompt_set.name, stamps))
            except (PromptSetError, LibraryError) as error:
                raise _Refused(_relative(error, file, seen.path)) from None
        content = content_digest(prompt_set)
        known = ledger.content(prompt_set.name)
        run = WantedRun(prompt_set.name, content, source, f"{prompt_set.name}:{content}:{time.time_ns() // 1_000_000}")
        with ledger.together():
            if known != content:
                # If the library has the set and the ledger does not, the ledger may be new.
                ledger.want(
                    run, started=known is None and added == "unchanged" and started.has_content(run.prompt_set, content)
                )
            ledger.remember([replace(seen, state="accepted", since=time.time(), reported=False)])
        if seen.reported:
            self._folder.clear_errors(seen.path)
        self._log.info("%s: accepted as the prompt set %s", seen.path, prompt_set.name)

    def _has_moved(self, prompt_set: str, stamps: Mapping[str, str]) -> bool:
        """Return whether the set came from a file of this folder that is gone: it was renamed."""
        known = self._library.source(prompt_set)
        here = self._folder.source("").rstrip("/") + "/"
        if known is None or not known.startswith(here):
            return False
        return known.removeprefix(here) not in stamps


def _relative(error: Exception, file: Path, path: str) -> str:
    """Return what is wrong, with the file named as people in front of the inbox see it."""
    return str(error).replace(str(file), path)
