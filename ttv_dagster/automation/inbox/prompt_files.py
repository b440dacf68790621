"""The inbox: a folder that people drop prompt files into, and that nobody has to look after.

A look lists the folder and opens only files that are new or changed. A file is read when it was seen twice alike, with
its images. What was read is in the library, and what is asked for in the ledger, before Dagster is told; what Dagster
does not have by the next look, it is told again.
"""

import hashlib
import json
import logging
import posixpath
import time
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from filelock import FileLock, Timeout

from ttv_dagster.automation.admission import Turn
from ttv_dagster.automation.inbox.folder import GONE, WatchedFolder
from ttv_dagster.automation.inbox.ledger import Ledger, SeenFile, WantedRun
from ttv_dagster.engines.deployment import Deployment
from ttv_dagster.library.intake import read_intake
from ttv_dagster.library.library import Library, LibraryError
from ttv_dagster.planning.resolve import plan_set
from ttv_dagster.shots.files import SUFFIXES, images_named
from ttv_dagster.shots.problems import PromptSetError
from ttv_dagster.shots.shot import PromptSet

SETTLE_SECONDS = 2.0
"""A file that looks the same this long after it was first seen so has stopped growing."""

ACCEPTED_PER_SCAN = 20
SECONDS_PER_LOOK = 0.7
"""A look reads this many files, or as many as fit into this time, and one at least; the next one goes on from there."""

WAIT_SECONDS = 600.0
"""An image that is missing for longer is told of."""

LARGEST_FILE = 4 * 2**20
MAX_IMAGES = 200
"""Larger files, or with more images, take longer than a look may: `ttv add` takes those."""


NOTHING = Turn()
"""Nothing was asked for yet."""


class InboxBusyError(RuntimeError):
    """Another look at the same inbox has not ended."""


@contextmanager
def one_look(path: Path, folder: WatchedFolder) -> Iterator[Ledger]:
    """The ledger of an inbox, for one look at a time on this machine.

    Args:
        path: The ledger's file.
        folder: What is looked at, for the message.

    Raises:
        InboxBusyError: Another look is not over.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(path.with_suffix(".lock")).acquire(timeout=0), Ledger.open(path) as ledger:
            yield ledger
    except Timeout:
        raise InboxBusyError(f"the last look at {folder} is not over") from None


@dataclass(slots=True)
class Look:
    """What one look at the inbox came to.

    Attributes:
        runs: The runs that Dagster does not have yet.
        taken: Files that were read into the library.
        refused: Files with problems, and the first of them.
        waiting: Files whose images are missing.
        settling: Files that are still growing, or that the next looks read.
    """

    runs: list[WantedRun] = field(default_factory=list)
    taken: list[str] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    waiting: int = 0
    settling: int = 0

    def __str__(self) -> str:
        counts = {
            "taken": len(self.taken),
            "refused": len(self.refused),
            "waiting for images": self.waiting,
            "settling": self.settling,
        }
        return ", ".join(f"{count} {what}" for what, count in counts.items() if count) or "nothing new"


class _Refused(Exception):
    """A file is not taken; the message says everything that is wrong with it."""


class StartedRuns(Protocol):
    """What Dagster knows of runs."""

    def has_run(self, run_key: str) -> bool:
        """Whether it has a run of this key."""

    def has_content(self, prompt_set: str, content: str) -> bool:
        """Whether it ever had a run of this content of the set."""


def content_digest(prompt_set: PromptSet) -> str:
    """The digest of a set as the library keeps it, images included: the first 16 hex digits of its SHA-256."""
    document = prompt_set.model_dump(mode="json", exclude_defaults=True)
    return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()[:16]


def _is_prompt_file(path: str) -> bool:
    return f".{path.rpartition('.')[2].lower()}" in SUFFIXES


class Inbox:
    """One watched folder, the library that its files go into, and the memory of what was taken.

    Args:
        folder: The folder.
        ledger: File of that memory.
        library: The library.
        deployment: What its engines can render.
        image_roots: Folders outside a prompt file's own that images may lie in.
        log: Is told what became of each file.
    """

    def __init__(
        self,
        folder: WatchedFolder,
        *,
        ledger: Path,
        library: Library,
        deployment: Deployment,
        image_roots: Iterable[Path],
        log: logging.Logger,
    ) -> None:
        self._folder = folder
        self._ledger = ledger
        self._library = library
        self._deployment = deployment
        self._image_roots = list(image_roots)
        self._log = log

    def look(self, started: StartedRuns, last: Turn = NOTHING) -> Look:
        """Take what has arrived.

        Args:
            started: Asked for each run that Dagster is not known to have.
            last: What became of the runs that the look before asked for.

        Raises:
            InboxBusyError: Another look is not over.
            FileNotFoundError: The folder is not there.
        """
        with one_look(self._ledger, self._folder) as ledger:
            return self._look(ledger, started, last)

    def _look(self, ledger: Ledger, started: StartedRuns, last: Turn) -> Look:
        look = Look()
        deadline = time.monotonic() + SECONDS_PER_LOOK
        stamps = self._folder.stamps()
        candidates = self._compare(ledger, stamps, look)
        for number, seen in enumerate(candidates):
            if number >= ACCEPTED_PER_SCAN or (number and time.monotonic() > deadline):
                look.settling += len(candidates) - number
                break
            self._read(seen, ledger, stamps, look, started)
        wanted = ledger.wanted()
        held = last.held
        begun = [run for run in wanted if run.run_key not in held and started.has_run(run.run_key)]
        ledger.started(begun)
        look.runs = [run for run in wanted if run not in begun]
        self._tell(wanted, begun, last.blocked, ledger, stamps)
        return look

    def _tell(
        self,
        wanted: Iterable[WantedRun],
        begun: Collection[WantedRun],
        blocked: Mapping[str, str],
        ledger: Ledger,
        stamps: Mapping[str, str],
    ) -> None:
        """Say once, beside its file, why the run of a set is not started; and take that away when it is."""
        here = self._folder.source("").rstrip("/") + "/"
        for run in wanted:
            path = run.source.removeprefix(here)
            if path not in stamps or not (run in begun or run.run_key in blocked):
                continue
            seen = ledger.file(path)
            if seen.state != "taken" or seen.told == (run not in begun):
                continue
            if run in begun:
                self._folder.clear_errors(path)
            else:
                why = f"{path}: taken, and not rendered yet: {blocked[run.run_key]}"
                self._folder.write_errors(path, f"{why}\nIt is rendered as soon as the weights are there.\n")
            ledger.remember([replace(seen, told=run not in begun)])

    def _compare(self, ledger: Ledger, stamps: Mapping[str, str], look: Look) -> list[SeenFile]:
        """Write down what changed since the last look; the files to read, those that wait longest first."""
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
                look.settling += 1
                continue
            stamp = self._stamp(own, seen.images, stamps) if seen.images else own
            if stamp != seen.stamp:
                # An image that arrives leaves the file's list of images as it was.
                images = seen.images if seen.stamp.partition("\n")[0] == own else None
                if images is None:
                    stamp = own
                changed.append(replace(seen, stamp=stamp, state="settling", since=now, images=images))
                look.settling += 1
            elif seen.state == "settling" and now - seen.since >= SETTLE_SECONDS:
                candidates.append(seen)
            elif seen.state == "settling":
                look.settling += 1
            elif seen.state == "waiting":
                look.waiting += 1
                if not seen.told and now - seen.since >= WAIT_SECONDS:
                    self._folder.write_errors(path, self._awaited(seen, stamps))
                    changed.append(replace(seen, told=True))
        gone = (done.keys() | rest.keys()) - present
        for path in gone:
            if ledger.file(path).told:
                self._folder.clear_errors(path)
        with ledger.together():
            ledger.remember(changed)
            ledger.forget(gone)
        return sorted(candidates, key=lambda seen: seen.since)

    def _stamp(self, own: str, images: Iterable[str], stamps: Mapping[str, str]) -> str:
        return "\n".join([own, *(stamps.get(each) or self._folder.stamp_beside(each) for each in images)])

    def _awaited(self, seen: SeenFile, stamps: Mapping[str, str]) -> str:
        missing = [each for each in seen.images or () if each not in stamps and self._folder.stamp_beside(each) == GONE]
        named = "\n".join(f"{seen.path}: waits for the image {each}" for each in missing)
        return f"{named}\nThe file is taken as soon as they are there.\n"

    def _read(
        self, seen: SeenFile, ledger: Ledger, stamps: Mapping[str, str], look: Look, started: StartedRuns
    ) -> None:
        """Take one file, or say why not; whatever is wrong with it, the others go on."""
        try:
            if seen.images is None:
                seen = replace(seen, images=self._images_of(seen))
                if seen.images:
                    seen = replace(seen, stamp=self._stamp(seen.stamp, seen.images, stamps), since=time.time())
                    awaited = GONE in seen.stamp.split("\n")
                    look.waiting += awaited
                    look.settling += not awaited
                    ledger.remember([replace(seen, state="waiting" if awaited else "settling")])
                    return
            elif GONE in seen.stamp.split("\n"):
                look.waiting += 1
                ledger.remember([replace(seen, state="waiting")])
                return
            self._take(seen, ledger, stamps, started)
        except FileNotFoundError:
            return  # It went away since it was listed; the next look says so.
        except _Refused as refused:
            self._refuse(seen, str(refused), ledger, look)
        except OSError as error:
            # The disk, the library or the network: no fault of the file's, so it is tried again.
            self._log.exception("%s: not taken yet: %s", seen.path, error)
            look.settling += 1
        except Exception as error:
            self._log.exception("%s: could not be read", seen.path)
            self._refuse(seen, f"could not be read ({type(error).__name__}: {error})", ledger, look)
        else:
            look.taken.append(seen.path)

    def _images_of(self, seen: SeenFile) -> tuple[str, ...]:
        if int(seen.stamp.split()[0]) > LARGEST_FILE:
            hint = f"the inbox takes files of at most {LARGEST_FILE // 2**20} MiB, and `ttv add` larger ones"
            raise _Refused(f"{seen.path}: is too large; {hint}")
        with self._folder.local_copy(seen.path, ()) as file:
            try:
                named = images_named(file)
            except PromptSetError as error:
                raise _Refused(_relative(error, file, seen.path)) from None
        if len(named) > MAX_IMAGES:
            hint = f"the inbox takes files with at most {MAX_IMAGES}, and `ttv add` those with more"
            raise _Refused(f"{seen.path}: names {len(named):,} images; {hint}")
        folder = posixpath.dirname(seen.path)
        return tuple(posixpath.normpath(posixpath.join(folder, name)) for name in named)

    def _take(self, seen: SeenFile, ledger: Ledger, stamps: Mapping[str, str], started: StartedRuns) -> None:
        """Put a set into the library, and ask for its run where its content is another than before."""
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
                # A library that has the set where the ledger does not: the ledger may be a new one.
                ledger.want(
                    run, started=known is None and added == "unchanged" and started.has_content(run.prompt_set, content)
                )
            ledger.remember([replace(seen, state="taken", since=time.time(), told=False)])
        if seen.told:
            self._folder.clear_errors(seen.path)
        self._log.info("%s: taken as the prompt set %s", seen.path, prompt_set.name)

    def _has_moved(self, prompt_set: str, stamps: Mapping[str, str]) -> bool:
        """Whether the set came from a file of this folder that is not there any more: it was renamed."""
        known = self._library.source(prompt_set)
        here = self._folder.source("").rstrip("/") + "/"
        if known is None or not known.startswith(here):
            return False
        return known.removeprefix(here) not in stamps

    def _refuse(self, seen: SeenFile, why: str, ledger: Ledger, look: Look) -> None:
        self._folder.write_errors(seen.path, f"{why}\n")
        ledger.remember([replace(seen, state="bad", since=time.time(), told=True)])
        look.refused[seen.path] = why.splitlines()[0]
        self._log.warning("%s: refused, see %s", why.splitlines()[0], self._folder.errors_of(seen.path))


def _relative(error: Exception, file: Path, path: str) -> str:
    """What is wrong, with the file named as people in front of the inbox see it."""
    return str(error).replace(str(file), path)
