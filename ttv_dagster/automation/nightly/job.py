"""The night: every set that is not fresh is rendered, after what people started themselves."""

from collections.abc import Callable, Iterable

import dagster as dg

from ttv_dagster.automation.clock import DAY_TAG, today
from ttv_dagster.automation.worklist import WorkItem, Worklist
from ttv_dagster.installation import Installation
from ttv_dagster.library.library import LibraryError
from ttv_dagster.planning.freshness import FilmInspector
from ttv_dagster.settings import Settings
from ttv_dagster.shots.problems import PromptSetError
from ttv_dagster.tags import PARTITIONS

ORIGIN = "nightly"

_UNDERWAY = [
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
]


def stale_sets(
    prompt_sets: Iterable[str], inspector: FilmInspector, *, night: str, skipped: Callable[[str, str], None]
) -> list[WorkItem]:
    """Return which of these sets to render.

    Args:
        prompt_sets: The sets.
        inspector: Knows which are fresh.
        night: The night's date, so that what failed last night is tried again tonight.
        skipped: Called with each set that cannot be rendered, and why.
    """
    items = []
    for name in sorted(prompt_sets):
        try:
            found = inspector.inspect(name)
        except (LibraryError, PromptSetError) as error:
            skipped(name, str(error))
            continue
        if found.stale:
            items.append(WorkItem(ORIGIN, name, f"{ORIGIN}:{night}:{name}:{found.film[:16]}", found.stale))
    return items


def underway(instance: dg.DagsterInstance) -> set[str]:
    """Return the sets that a run is rendering or about to."""
    runs = instance.get_runs(dg.RunsFilter(statuses=_UNDERWAY))
    return {run.tags["dagster/partition"] for run in runs if "dagster/partition" in run.tags}


def make_nightly_job(settings: Settings) -> dg.JobDefinition:
    """Return the job that finds what to render."""

    @dg.op(name="find_stale_sets", description="Compares each set's film with the one that a render would join now.")
    def find_stale_sets(context: dg.OpExecutionContext) -> None:
        names = set(context.instance.get_dynamic_partitions(PARTITIONS))
        night = context.run.tags.get(DAY_TAG) or today(settings.time_zone)

        def skipped(name: str, why: str) -> None:
            context.log.warning(f"{name}: not rendered: {why}")

        items = stale_sets(
            names - underway(context.instance), Installation(settings).films, night=night, skipped=skipped
        )
        for item in items:
            context.log.info(f"{item.prompt_set}: {item.reason}")
        with Worklist.open(settings.automation_database) as worklist:
            worklist.want(items)
        context.add_output_metadata({"sets": len(names), "to render": len(items)})

    @dg.job(
        name="nightly",
        executor_def=dg.in_process_executor,
        description="Finds every set that is not fresh; the sensor `worklist` then has them rendered.",
    )
    def nightly() -> None:
        find_stale_sets()

    return nightly
