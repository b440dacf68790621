"""Pulling a model: pin its commits, fetch what this machine lacks of them, and check every byte that came."""

import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from filelock import Timeout

from ttv_dagster.weights.errors import NoRoom, Offline, PullError, WrongBytes
from ttv_dagster.weights.fetch import fetch
from ttv_dagster.weights.hub import Hub, is_offline
from ttv_dagster.weights.listing import Listing, RepoFile, check_safe, wanted
from ttv_dagster.weights.lock import WeightsLock
from ttv_dagster.weights.model import Model
from ttv_dagster.weights.room import free_bytes, gigabytes
from ttv_dagster.weights.snapshots import damaged, discard, lacking, repository_folder, repository_lock, snapshot_folder

ATTEMPTS = 3
"""Tries at each step, beyond those that ``huggingface_hub`` makes; what cannot get better is not tried again."""

REF = "ttv"
"""The name that points at the pinned commit in the cache, as branches do."""

_FIRST_WAIT = 1.0
_STALE_SECONDS = 600
"""Seconds after which an unfinished file that is not written to belongs to a process that died."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a pull is.

    Attributes:
        repository: Which repository is being pulled.
        stage: ``fetch``, or ``check``.
        done: Bytes of the stage that are done, over all files of the repository.
        total: Bytes of the stage.
    """

    repository: str
    stage: str
    done: int
    total: int


Answer = TypeVar("Answer")
OnProgress = Callable[[Progress], None]
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Pulled:
    """What a pull did.

    Attributes:
        model: The model.
        commits: The commit of each of its repositories.
        files: Files of the model, over all its repositories.
        bytes: Their size.
        fetched: Bytes that were fetched by this pull.
        checked: Files whose digests this pull compared with the Hub's.
        seconds: How long it took.
    """

    model: Model
    commits: Mapping[str, str]
    files: int
    bytes: int
    fetched: int
    checked: int
    seconds: float

    @property
    def commit(self) -> str:
        """Return the commit as recipes have it."""
        return ",".join(self.commits[repository] for repository in self.model.repositories)


@dataclass(frozen=True, slots=True)
class _Target:
    repository: str
    commit: str
    files: dict[str, RepoFile]

    def lacking(self, hub: Hub) -> dict[str, RepoFile]:
        sizes = {path: entry.size for path, entry in self.files.items()}
        names = lacking(snapshot_folder(hub.cache, self.repository, self.commit), sizes)
        return {path: self.files[path] for path in names}


def pull(
    model: Model,
    *,
    lock: WeightsLock,
    hub: Hub,
    check_all: bool = False,
    on_progress: OnProgress = lambda _: None,
    say: Say = lambda _: None,
) -> Pulled:
    """Download a model's weights to this machine, at the pinned commits.

    A repository that no one pulled before is pinned at its newest commit first. What is there already is not fetched
    again: neither after an interruption, nor what another model or program brought.

    Args:
        model: The model.
        lock: The pins of the installation.
        hub: The Hub to download from, and the cache to download to.
        check_all: Also compare with the Hub's digests what was there before, and fetch again what is damaged.
        on_progress: Called a few times per second; what it raises ends the pull.
        say: Called with messages for a person who waits.

    Raises:
        PullError: It failed. What arrived stays, and the next pull continues from there.
        LockError: `weights.lock` is damaged.
    """
    started = time.monotonic()
    targets = _retrying(lambda: _pinned_targets(model, lock, hub), say)
    return _bring(model, targets, hub, check_all=check_all, on_progress=on_progress, say=say, started=started)


def move(
    model: Model,
    commits: Mapping[str, str],
    *,
    lock: WeightsLock,
    hub: Hub,
    on_progress: OnProgress = lambda _: None,
    say: Say = lambda _: None,
) -> Pulled:
    """Download a model's weights to this machine at other commits, and pin those when they are complete.

    Args:
        model: The model.
        commits: The new commit of each of its repositories.
        lock: The pins of the installation.
        hub: The Hub to download from, and the cache to download to.
        on_progress: As for `pull`.
        say: As for `pull`.

    Raises:
        PullError: It could not be done; the pins are as they were.
    """
    started = time.monotonic()
    listings = _retrying(lambda: {name: hub.files(name, commits[name]) for name in model.repositories}, say)
    for repository, patterns in model.pulled.items():
        check_safe(repository, listings[repository], patterns)
    targets = _targets(model, commits, listings)
    pulled = _bring(model, targets, hub, check_all=False, on_progress=on_progress, say=say, started=started)
    lock.pin({repository: commits[repository] for repository in model.repositories}, listings)
    return pulled


def _targets(model: Model, commits: Mapping[str, str], listings: Mapping[str, Listing]) -> list[_Target]:
    return [
        _Target(repository, commits[repository], wanted(listings[repository], patterns))
        for repository, patterns in model.pulled.items()
    ]


def _pinned_targets(model: Model, lock: WeightsLock, hub: Hub) -> list[_Target]:
    """Return what must be there, after pinning what is not pinned yet."""
    pins = lock.read()
    while new := [repository for repository in model.repositories if repository not in pins.files]:
        commits = {repository: pins.commits.get(repository) or hub.newest(repository) for repository in new}
        listings = {repository: hub.files(repository, commits[repository]) for repository in new}
        for repository in new:
            check_safe(repository, listings[repository], model.pulled[repository])
        pins = lock.pin_first(commits, listings)
    for repository, patterns in model.pulled.items():
        check_safe(repository, pins.files[repository], patterns)
    return _targets(model, pins.commits, pins.files)


def _bring(
    model: Model,
    targets: list[_Target],
    hub: Hub,
    *,
    check_all: bool,
    on_progress: OnProgress,
    say: Say,
    started: float,
) -> Pulled:
    fetched = checked = 0
    _check_room(targets, hub)
    for target in targets:
        # What is whole needs no lock: the cache may be mounted to be read only.
        if not check_all and not target.lacking(hub):
            _name(target, hub)
            continue
        with _alone(target.repository, hub, on_progress, say):
            if check_all:
                there = {path: entry for path, entry in target.files.items() if path not in target.lacking(hub)}
                wrong = _check(target, there, hub, on_progress)
                checked += len(there) - len(wrong)
                for path, what in wrong.items():
                    say(f"{target.repository}: {path} is damaged ({what}): fetching it again")
            missing = target.lacking(hub)
            fetched += sum(entry.size for entry in missing.values())
            checked += len(missing)
            if missing:
                _fetch_until_whole(target, missing, hub, on_progress, say)
            _name(target, hub)
    files = [entry for target in targets for entry in target.files.values()]
    commits = {target.repository: target.commit for target in targets}
    size = sum(entry.size for entry in files)
    return Pulled(model, commits, len(files), size, fetched, checked, time.monotonic() - started)


def _name(target: _Target, hub: Hub) -> None:
    """Add a ref to the commit in the cache: `hf cache prune` deletes commits without one."""
    ref = repository_folder(hub.cache, target.repository) / "refs" / REF
    # A cache that is read-only or deleted has nothing to prune.
    with suppress(OSError):
        if not ref.is_file() or ref.read_text() != target.commit:
            ref.parent.mkdir(exist_ok=True)
            beside = ref.with_name(f".{REF}.{os.getpid()}")
            beside.write_text(target.commit)
            beside.replace(ref)


def _check_room(targets: list[_Target], hub: Hub) -> None:
    needed = 0
    for target in targets:
        blobs = repository_folder(hub.cache, target.repository) / "blobs"
        missing = {entry.digest: entry.size for entry in target.lacking(hub).values()}
        needed += sum(size for digest, size in missing.items() if not (blobs / digest).exists())
    free = free_bytes(hub.cache)
    if needed > free:
        raise NoRoom(
            f"{gigabytes(needed)} must be downloaded and the disk of {hub.cache} has {gigabytes(free)} left: make "
            "room (`ttv weights list` shows the sizes of models), or let HF_HOME name another disk"
        )


@contextmanager
def _alone(repository: str, hub: Hub, on_progress: OnProgress, say: Say) -> Iterator[None]:
    """Allow one pull of a repository at a time on this machine: the second finds what the first one downloaded."""
    lock = repository_lock(hub.cache, repository)
    try:
        Path(lock.lock_file).parent.mkdir(parents=True, exist_ok=True)
        told = False
        while True:
            try:
                lock.acquire(timeout=1)
                break
            except Timeout:
                if not told:
                    say(f"{repository} is being pulled by another process: waiting for it")
                    told = True
                on_progress(Progress(repository, "wait", 0, 0))
    except OSError as error:
        raise hub.explain(repository, error) from None
    try:
        yield
    finally:
        lock.release()


def _fetch_until_whole(
    target: _Target, missing: dict[str, RepoFile], hub: Hub, on_progress: OnProgress, say: Say
) -> None:
    if is_offline():
        size = gigabytes(sum(entry.size for entry in missing.values()))
        raise Offline(
            f"{target.repository} lacks {len(missing)} of its files here ({size}), and offline mode is on "
            "(HF_HUB_OFFLINE): unset it to pull"
        )

    def once() -> None:
        if missing := target.lacking(hub):
            _fetch(target, missing, hub, on_progress)

    _retrying(once, say)


def _retrying(do: Callable[[], Answer], say: Say) -> Answer:
    """Call it, and retry a few times after errors that may pass."""
    wait = _FIRST_WAIT
    for _ in range(ATTEMPTS - 1):
        try:
            return do()
        except PullError as error:
            if not error.retriable:
                raise
            say(f"{error} (trying again in {wait:g} s)")
            time.sleep(wait)
            wait *= 2
    return do()


def _fetch(target: _Target, missing: dict[str, RepoFile], hub: Hub, on_progress: OnProgress) -> None:
    """Fetch files once, and compare them with the Hub's digests.

    Raises:
        WrongBytes: One of them is not what the Hub says; it is deleted.
    """
    blobs = repository_folder(hub.cache, target.repository) / "blobs"
    _sweep(blobs)
    # A file of another size was truncated while it was written.
    cut = [(path, entry.digest) for path, entry in missing.items() if _is_cut(blobs / entry.digest, entry.size)]
    discard(hub.cache, target.repository, target.commit, cut)
    total = sum(entry.size for entry in missing.values())
    folder = snapshot_folder(hub.cache, target.repository, target.commit)

    def waiting() -> None:
        done = sum(_arrived(blobs, folder / path, entry) for path, entry in missing.items())
        on_progress(Progress(target.repository, "fetch", min(done, total), total))

    fetch(hub, target.repository, target.commit, list(missing), waiting)
    on_progress(Progress(target.repository, "fetch", total, total))
    if short := [path for path in missing if path in target.lacking(hub)]:
        discard(hub.cache, target.repository, target.commit, [(path, missing[path].digest) for path in short])
        raise WrongBytes(f"{target.repository}: {short[0]} did not arrive in the size that the Hub says")
    wrong = _check(target, missing, hub, on_progress)
    if wrong:
        path, what = next(iter(wrong.items()))
        raise WrongBytes(f"{target.repository}: {path} arrived damaged: {what}")


def _check(target: _Target, files: Mapping[str, RepoFile], hub: Hub, on_progress: OnProgress) -> dict[str, str]:
    """Compare files with the Hub's digests; files that differ are deleted."""
    total = sum(entry.size for entry in files.values())
    read = 0

    def on_read(count: int) -> None:
        nonlocal read
        read += count
        on_progress(Progress(target.repository, "check", read, total))

    folder = snapshot_folder(hub.cache, target.repository, target.commit)
    wrong = damaged(folder, {path: entry.digest for path, entry in files.items()}, on_read)
    discard(hub.cache, target.repository, target.commit, [(path, files[path].digest) for path in wrong])
    return wrong


def _is_cut(blob: Path, size: int) -> bool:
    try:
        return blob.stat().st_size != size
    except FileNotFoundError:
        return True


def _arrived(blobs: Path, place: Path, entry: RepoFile) -> int:
    """Return the bytes of a file that are on the disk."""
    for path in (blobs / entry.digest, place):
        try:
            return path.stat().st_size
        except OSError:
            continue
    parts = []
    for path in blobs.glob(f"{entry.digest}.*.incomplete"):
        try:
            found = path.stat()
        except OSError:
            continue
        # A file may be given its length before its bytes.
        parts.append((found.st_mtime, min(found.st_size, found.st_blocks * 512)))
    return max(parts)[1] if parts else 0


def _sweep(blobs: Path) -> None:
    """Delete what dead processes left; ``huggingface_hub`` never resumes it."""
    for path in blobs.glob("*.incomplete"):
        try:
            if time.time() - path.stat().st_mtime > _STALE_SECONDS:
                path.unlink()
        except OSError:
            continue  # It was just finished, or swept by another.
