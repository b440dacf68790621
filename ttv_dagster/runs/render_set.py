"""One prompt set of the library, rendered through Dagster: what `ttv render` does."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from filelock import Timeout

from ttv_dagster.assets.failures import why_it_failed
from ttv_dagster.installation import Installation
from ttv_dagster.renders.manifest import ManifestRow
from ttv_dagster.renders.tables import FILMS
from ttv_dagster.runs.home import open_instance, prepare_home
from ttv_dagster.runs.start import (
    JobRun,
    OnLine,
    RunResult,
    daemon_is_running,
    fail_dead_runs,
    run_here,
    run_in_queue,
)
from ttv_dagster.shots.plan import PlannedShot, with_needed
from ttv_dagster.shots.problems import TtvError
from ttv_dagster.storage.layout import clip_name
from ttv_dagster.tags import PARTITIONS
from ttv_dagster.weights.state import why_not_to_pull

if TYPE_CHECKING:
    import dagster as dg


PULL_JOB = "pull_weights"
"""The job that brings the weights of a model."""


class RenderRefused(TtvError, ValueError):
    """Nothing was started; the message says why."""


class RenderFailed(TtvError, RuntimeError):
    """The run ended without a manifest; the message says why."""

    exit_code = 1


@dataclass(frozen=True, slots=True)
class ShotResult:
    """What became of one shot, and where its clip is."""

    row: ManifestRow
    clip: str | None

    def to_dict(self) -> dict[str, Any]:
        """The result as JSON values."""
        return {
            "id": self.row.shot,
            "status": self.row.status,
            "clip": self.clip,
            "key": self.row.key,
            "seconds": self.row.seconds,
            "error": self.row.error,
        }


@dataclass(frozen=True, slots=True)
class RenderResult:
    """What became of a prompt set.

    Attributes:
        prompt_set: Its name.
        film: Path or URL of its film; None where none was cut.
        shots: The shots that were asked for, in order.
        error: Why no film was cut, where it should have been; None otherwise.
    """

    prompt_set: str
    film: str | None
    shots: Sequence[ShotResult]
    error: str | None

    @property
    def failed(self) -> bool:
        """Whether a shot, or the film, failed."""
        return self.error is not None or any(shot.row.status == "failed" for shot in self.shots)

    def to_dict(self) -> dict[str, Any]:
        """The result as JSON values."""
        return {
            "set": self.prompt_set,
            "film": self.film,
            "shots": [shot.to_dict() for shot in self.shots],
            **({"error": self.error} if self.error else {}),
        }


@dataclass(frozen=True, slots=True)
class PlannedSet:
    """A prompt set of the library with every choice made.

    Attributes:
        name: Its name.
        shots: Its shots.
    """

    name: str
    shots: Sequence[PlannedShot]


def plan_library_set(name: str, installation: Installation, engine: str | None = None) -> PlannedSet:
    """Plan a prompt set of the library.

    Args:
        name: The set.
        installation: The installation.
        engine: The engine of every shot, whatever the set says.

    Raises:
        LibraryError: There is no such set.
        PromptSetError: The set asks for what its engines cannot do.
    """
    return PlannedSet(name, installation.plan(installation.library.read(name), file=name, override=engine))


def _request(
    planned: PlannedSet, installation: Installation, engine: str | None, shots: Sequence[str]
) -> tuple[JobRun, set[str]]:
    """The run to start, and the ids of the shots that it renders."""
    ids = [each.shot.id for each in planned.shots]
    if unknown := [shot for shot in shots if shot not in set(ids)]:
        raise RenderRefused(f"{planned.name}: no such shot: {', '.join(unknown)}; its shots are {', '.join(ids[:50])}")
    job = "render_film"
    wanted = set(ids)
    config: dict[str, Any] = {}
    if shots:
        wanted = with_needed(planned.shots, set(shots))
        config["keyframes"] = config["clips"] = {"config": {"shots": list(shots)}}
        actions = installation.actions(planned.name, planned.shots)
        if any(each.action == "render" and each.planned.shot.id not in wanted for each in actions):
            job = "render_clips"
    if engine:
        config["prompt_sets"] = {"config": {"engine": engine}}
    return JobRun(job, planned.name, {"ops": config} if config else {}), wanted


def _assets_made(instance: "dg.DagsterInstance", run_id: str) -> set[str]:
    import dagster as dg

    records = instance.get_records_for_run(run_id, of_type=dg.DagsterEventType.ASSET_MATERIALIZATION).records
    events = (record.event_log_entry.dagster_event for record in records)
    return {event.asset_key.path[-1] for event in events if event is not None and event.asset_key}


def _pull_what_is_missing(
    planned: Sequence[PlannedShot],
    instance: "dg.DagsterInstance",
    installation: Installation,
    say: OnLine,
    on_line: OnLine,
) -> None:
    """Run `model_weights` for the models that the render needs and this machine lacks: the render downloads nothing.

    Raises:
        RenderRefused: They may not be pulled.
        RenderFailed: They could not be.
    """
    lacking = installation.missing_weights(planned)
    if reason := why_not_to_pull(lacking, installation.lock.read()) if lacking else None:
        raise RenderRefused(reason)
    for model in lacking:
        say(f"Pulling the weights of {model.id} first.")
        request = JobRun(PULL_JOB, model.id, {})
        result = None
        if daemon_is_running(instance):
            result = run_in_queue(request, instance=instance, on_line=on_line)
        if result is None:
            result = run_here(request, instance=instance, settings=installation.settings, on_line=on_line)
        if not result.success:
            raise RenderFailed(f"the weights of {model.id} were not pulled: {why_it_failed(instance, result.run_id)}")


def _run(
    request: JobRun, instance: "dg.DagsterInstance", installation: Installation, say: OnLine, on_line: OnLine
) -> RunResult:
    if daemon_is_running(instance):
        say("A daemon is running here: submitting to its queue.")
        result = run_in_queue(request, instance=instance, on_line=on_line)
        if result is not None:
            return result
        say("The daemon has stopped: rendering in this process.")
    locks = installation.locks
    queue = locks.queue(request.partition)
    try:
        queue.acquire(timeout=0)
    except Timeout:
        say(f"Another render of {request.partition} is running: waiting for it to end.")
        queue.acquire()
    try:
        if not locks.is_free(request.partition):
            say(f"Another run is rendering {request.partition}: waiting for it to end.")
            locks.wait(request.partition)
        return run_here(request, instance=instance, settings=installation.settings, on_line=on_line)
    finally:
        queue.release()


def render_set(
    planned: PlannedSet,
    *,
    installation: Installation,
    engine: str | None = None,
    shots: Sequence[str] = (),
    say: Callable[[str], None],
    on_line: OnLine,
) -> RenderResult:
    """Render a prompt set of the library to its film.

    Args:
        planned: The set, as `plan_library_set` returns it.
        installation: The installation.
        engine: The engine that it was planned with for every shot, whatever the set says.
        shots: Ids of the shots to render, with those that they continue; all if empty. The film is joined
            if no other shot is missing.
        say: Called with each sentence for the person who waits.
        on_line: Called with each line of the run's log.

    Raises:
        RenderRefused: There is no such shot, or weights that it needs may not be pulled.
        RenderFailed: The run ended without a manifest, or the pull of weights before it failed.
        KeyboardInterrupt: The run was interrupted.
    """
    request, wanted = _request(planned, installation, engine, shots)
    settings, name = installation.settings, planned.name
    prepare_home(settings)
    with open_instance(settings) as instance:
        fail_dead_runs(instance, settings)
        instance.add_dynamic_partitions(PARTITIONS, [name])
        needed = [each for each in planned.shots if each.shot.id in wanted]
        _pull_what_is_missing(needed, instance, installation, say, on_line)
        run = _run(request, instance, installation, say, on_line)
        made = _assets_made(instance, run.run_id)
        error = None if run.success else why_it_failed(instance, run.run_id)
    if "clips" not in made:
        raise RenderFailed(error or "the run made no clips")
    store = installation.store
    results = [
        ShotResult(row, store.url(clip_name(row.key)) if row.bytes is not None else None)
        for row in installation.manifest(name)
        if row.shot in wanted
    ]
    film = None
    if "films" in made and (films := FILMS.read(installation.tables, name)):
        film = store.url(films[0].name)
    shot_failed = any(result.row.status == "failed" for result in results)
    return RenderResult(name, film, results, None if shot_failed else error)
