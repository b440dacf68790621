"""Pruning: what is not needed anymore is found every night, and deleted if that is turned on."""

import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

import dagster as dg

from ttv_dagster.installation import Installation
from ttv_dagster.library.library import Library, LibraryError
from ttv_dagster.planning.freshness import FilmInspector
from ttv_dagster.renders.tables import CLIPS, FILMS, KEYFRAMES, PROMPT_SETS
from ttv_dagster.settings import Settings
from ttv_dagster.shots.plan import image_digest
from ttv_dagster.shots.problems import PromptSetError
from ttv_dagster.storage.layout import clip_name, image_name, record_name
from ttv_dagster.storage.store import Store
from ttv_dagster.storage.tables import Tables
from ttv_dagster.tags import PARTITIONS

DAY = 86_400.0

_MEDIA = ("clips", "keyframes", "images", "films")
_ENDED = {dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED}


@dataclass(slots=True)
class Findings:
    """What can go.

    Attributes:
        media: Files of the media store that no manifest names, with their sizes in bytes.
        runs: Runs that ended long ago, and that no partition was made by last.
        lost: Partitions whose set the library does not have.
        delivered: Partitions whose film was delivered long ago: they leave the UI and stay in the library.
    """

    media: dict[str, int] = field(default_factory=dict)
    runs: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    delivered: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        size = sum(self.media.values()) / 1e6
        return (
            f"{len(self.media)} files ({size:.1f} MB), {len(self.runs)} runs, "
            f"{len(self.lost)} partitions without a set, {len(self.delivered)} delivered sets"
        )


def named_media(library: Library, tables: Tables, inspector: FilmInspector) -> Iterator[str]:
    """Yield every file of the media store that a set of the library needs, archived sets included.

    That is what its tables name, and what a render of it would take from the store today.
    """
    for prompt_set in library.names():
        for shot in PROMPT_SETS.read(tables, prompt_set):
            for image in filter(None, (shot.image, shot.last_image)):
                yield image_name(image_digest(image), PurePosixPath(image).suffix)
        for row in CLIPS.read(tables, prompt_set):
            yield from (clip_name(row.key), record_name(row.key))
        yield from (keyframe.name for keyframe in KEYFRAMES.read(tables, prompt_set) if keyframe.name)
        yield from (film.name for film in FILMS.read(tables, prompt_set))
        try:
            planned = inspector.plan(prompt_set)
        except (LibraryError, PromptSetError):
            continue  # It cannot be rendered as things are, and so takes nothing from the store.
        for each in planned:
            yield from (clip_name(each.key), record_name(each.key))


def unnamed_media(store: Store, named: Iterable[str], *, days: float) -> dict[str, int]:
    """Files of the media store that nothing names and that are older than so many days, with their sizes in bytes."""
    keep = set(named)
    before = time.time() - days * DAY
    found = {}
    for folder in _MEDIA:
        for name, size, written in store.files(folder):
            if name not in keep and written < before:
                found[name] = size
    return found


def old_runs(instance: dg.DagsterInstance, live: set[str], *, days: float) -> list[str]:
    """Runs that ended so many days ago. The newest success of each live partition stays, since its events are what
    Dagster knows of the partition; so does every run of several partitions.
    """
    before = time.time() - days * DAY
    newest: set[str] = set()
    found = []
    for record in instance.get_run_records():
        run = record.dagster_run
        partition = run.tags.get("dagster/partition")
        if run.status == dg.DagsterRunStatus.SUCCESS and partition in live and partition not in newest:
            newest.add(str(partition))
            continue
        of_several = "dagster/asset_partition_range_start" in run.tags
        if run.status in _ENDED and not of_several and (record.end_time or time.time()) < before:
            found.append(run.run_id)
    return found


def delivered_sets(
    prompt_sets: Iterable[str], inspector: FilmInspector, films: Mapping[str, float], *, days: float
) -> list[str]:
    """Sets whose film is fresh and was cut so many days ago.

    Args:
        prompt_sets: The sets.
        inspector: Knows which are fresh.
        films: When each set's film was cut, in seconds since 1970.
        days: How long a delivered set stays.
    """
    before = time.time() - days * DAY
    found = []
    for name in sorted(prompt_sets):
        if films.get(name, before) >= before:
            continue
        try:
            if inspector.inspect(name).stale is None:
                found.append(name)
        except (LibraryError, PromptSetError):
            continue  # Not delivered as it is: somebody has to look at it.
    return found


def find(settings: Settings, instance: dg.DagsterInstance) -> Findings:
    """Everything that can go."""
    installation = Installation(settings)
    library, tables = installation.library, installation.tables
    live, known = set(instance.get_dynamic_partitions(PARTITIONS)), set(library.names())
    days = settings.prune_after_days
    findings = Findings(
        media=unnamed_media(installation.store, named_media(library, tables, installation.films), days=days),
        runs=old_runs(instance, live, days=days),
        lost=sorted(live - known),
    )
    if settings.archive_after_days is not None:
        cut = {PurePosixPath(name).stem: written for name, _, written in Store(settings.tables).files("films")}
        findings.delivered = delivered_sets(live & known, installation.films, cut, days=settings.archive_after_days)
    return findings


def delete(findings: Findings, settings: Settings, instance: dg.DagsterInstance) -> None:
    """Let it go."""
    installation = Installation(settings)
    store, library = installation.store, installation.library
    for name in findings.media:
        store.delete(name)
    for run_id in findings.runs:
        instance.delete_run(run_id)
    for prompt_set in findings.delivered:
        library.archive(prompt_set)
    for prompt_set in (*findings.lost, *findings.delivered):
        instance.delete_dynamic_partition(PARTITIONS, prompt_set)


def make_prune_job(settings: Settings) -> dg.JobDefinition:
    """Return the job that finds what can go, and deletes it where the installation says so."""

    @dg.op(name="find_unneeded", description="Deletes nothing unless TTV_PRUNE_DELETE is true.")
    def find_unneeded(context: dg.OpExecutionContext) -> None:
        findings = find(settings, context.instance)
        for kind in ("media", "runs", "lost", "delivered"):
            for name in getattr(findings, kind):
                context.log.info(f"{kind}: {name}")
        if settings.prune_delete:
            delete(findings, settings, context.instance)
        context.log.info(f"{'deleted' if settings.prune_delete else 'would delete'}: {findings}")
        context.add_output_metadata({"found": str(findings), "deleted": settings.prune_delete})

    @dg.job(
        name="prune",
        executor_def=dg.in_process_executor,
        description="Finds media, runs and partitions that are not needed; deletes them if TTV_PRUNE_DELETE is true.",
    )
    def prune() -> None:
        find_unneeded()

    return prune
