"""What of the catalog is on this machine, without asking the Hub."""

import shutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from filelock import Timeout

from ttv_dagster.weights.errors import Busy
from ttv_dagster.weights.hub import TOKEN_PAGE, Hub, has_token, is_offline
from ttv_dagster.weights.listing import wanted
from ttv_dagster.weights.lock import Pins
from ttv_dagster.weights.model import Model
from ttv_dagster.weights.room import free_bytes, gigabytes
from ttv_dagster.weights.snapshots import (
    cache_folder,
    damaged,
    lacking,
    repository_folder,
    repository_lock,
    snapshot_folder,
)


def is_pulled(model: Model, pins: Pins, cache: Path | None = None) -> bool:
    """Return whether a model is pinned and complete on this machine: every file has its size; files are not read.

    Of a repository that was pinned by hand, without a list of its files, only its folder is looked for.

    Args:
        model: The model.
        pins: What `weights.lock` says.
        cache: The cache to look in; None for this machine's.
    """
    cache = cache or cache_folder()
    return all(_is_whole(cache, repository, patterns, pins) for repository, patterns in model.pulled.items())


def _is_whole(cache: Path, repository: str, patterns: Iterable[str], pins: Pins) -> bool:
    commit = pins.commits.get(repository)
    if commit is None:
        return False
    folder = snapshot_folder(cache, repository, commit)
    if repository not in pins.files:
        return folder.is_dir()
    return not lacking(folder, {path: entry.size for path, entry in wanted(pins.files[repository], patterns).items()})


def missing(models: Iterable[Model], pins: Pins, cache: Path | None = None) -> list[Model]:
    """Return the models that are not pinned, or not complete on this machine, in order and without duplicates.

    Args:
        models: The models that something needs.
        pins: What `weights.lock` says.
        cache: The cache to look in; None for this machine's.
    """
    return [model for model in dict.fromkeys(models) if not is_pulled(model, pins, cache)]


def why_not_to_pull(models: Iterable[Model], pins: Pins) -> str | None:
    """Return why these models cannot be pulled now, in one line; None if there is no known reason.

    Args:
        models: What `missing` gives.
        pins: What `weights.lock` says.
    """
    models = list(models)
    names = ", ".join(model.id for model in models)
    hub = Hub()
    if is_offline():
        return f"{names}: not on this machine, and offline mode is on (HF_HUB_OFFLINE)"
    gated = [model for model in models if model.gated]
    if gated and not has_token():
        return f"{gated[0].id} is gated: accept its license at {hub.page(gated[0].id)} and set HF_TOKEN ({TOKEN_PAGE})"
    needed = sum(_to_fetch(model, pins, hub.cache) for model in models)
    free = free_bytes(hub.cache)
    if needed > free:
        return f"{names}: {gigabytes(needed)} to download, and the disk of {hub.cache} has {gigabytes(free)} left"
    return None


def _to_fetch(model: Model, pins: Pins, cache: Path) -> int:
    """Return the bytes that a pull would download, as far as is known."""
    if not all(repository in pins.files for repository in model.repositories):
        return model.bytes or 0
    found = 0
    for repository, patterns in model.pulled.items():
        files = wanted(pins.files[repository], patterns)
        folder = snapshot_folder(cache, repository, pins.commits[repository])
        found += sum(files[path].size for path in lacking(folder, {path: files[path].size for path in files}))
    return found


def bytes_of(model: Model, pins: Pins) -> int | None:
    """Return the bytes of a model: as pinned, or as the catalog has it; None if they are not known."""
    if not all(repository in pins.files for repository in model.repositories):
        return model.bytes
    return sum(
        entry.size
        for repository, patterns in model.pulled.items()
        for entry in wanted(pins.files[repository], patterns).values()
    )


def verify(
    model: Model, pins: Pins, cache: Path | None = None, on_read: Callable[[int], None] = lambda _: None
) -> list[str]:
    """Return what is wrong with a pulled model, file by file, after every byte was read; nothing if all is well.

    Args:
        model: The model.
        pins: What `weights.lock` says.
        cache: The cache to look in; None for this machine's.
        on_read: Called with the bytes that were read since the last call.
    """
    cache = cache or cache_folder()
    found = []
    for repository, patterns in model.pulled.items():
        if repository not in pins.files:
            found.append(f"{repository}: its files are not known; pull it")
            continue
        files = wanted(pins.files[repository], patterns)
        folder = snapshot_folder(cache, repository, pins.commits[repository])
        wrong = damaged(folder, {path: entry.digest for path, entry in files.items()}, on_read)
        found += [f"{repository}: {path}: {what}" for path, what in wrong.items()]
    return found


@dataclass(frozen=True, slots=True)
class Removal:
    """What removing a model deletes from this machine.

    Attributes:
        folders: The repositories' folders in the cache.
        kept: Repositories of the model that stay, each with the pulled model that needs it.
        bytes: What is freed.
    """

    folders: Mapping[str, Path]
    kept: Mapping[str, str]
    bytes: int


def plan_removal(model: Model, models: Iterable[Model], pins: Pins, cache: Path | None = None) -> Removal:
    """Return what removing a model would delete from this machine: every commit of its repositories in the cache.

    A repository stays that another model needs which is whole on this machine.

    Args:
        model: The model.
        models: All that the installation knows.
        pins: What `weights.lock` says.
        cache: The cache to look in; None for this machine's.
    """
    cache = cache or cache_folder()
    others = [other for other in models if other.id != model.id and is_pulled(other, pins, cache)]
    kept = {
        repository: other.id
        for other in others
        for repository in other.repositories
        if repository in model.repositories
    }
    folders = {
        repository: folder
        for repository in model.repositories
        if repository not in kept and (folder := repository_folder(cache, repository)).is_dir()
    }
    return Removal(folders, kept, sum(_bytes_in(folder) for folder in folders.values()))


def _bytes_in(folder: Path) -> int:
    return sum(path.lstat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


def remove(removal: Removal) -> None:
    """Delete what was planned from this machine. The pins stay: the next pull downloads the same commits.

    Raises:
        Busy: It is being pulled.
        OSError: Something cannot be deleted.
    """
    for repository, folder in removal.folders.items():
        lock = repository_lock(folder.parent, repository)
        Path(lock.lock_file).parent.mkdir(exist_ok=True)
        try:
            with lock.acquire(timeout=0):
                _remove(repository, folder)
        except Timeout:
            raise Busy(f"{repository} is being pulled by another process: not deleted") from None


def _remove(repository: str, folder: Path) -> None:
    from huggingface_hub import scan_cache_dir

    # The Hub's own way knows of blobs that repositories share; it passes over a repository that is damaged.
    known = scan_cache_dir(folder.parent)
    commits = [
        revision.commit_hash for repo in known.repos if repo.repo_id == repository for revision in repo.revisions
    ]
    known.delete_revisions(*commits).execute()
    if folder.exists():
        shutil.rmtree(folder)
