"""One prompt set of the library, rendered through Dagster: what `ttv render` does."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from filelock import Timeout

from ttv_dagster.assets.failures import why_it_failed
from ttv_dagster.engines.deployment import Deployment
from ttv_dagster.library.library import Library
from ttv_dagster.planning.actions import plan_actions
from ttv_dagster.planning.models import models_to_render
from ttv_dagster.planning.resolve import plan_set
from ttv_dagster.renders.manifest import ManifestRow
from ttv_dagster.renders.tables import CLIPS, FILMS
from ttv_dagster.runs.home import open_instance, prepare_home
from ttv_dagster.runs.start import (
    PARTITIONS,
    OnLine,
    RunRequest,
    RunResult,
    daemon_is_running,
    fail_dead_runs,
    run_here,
    run_in_queue,
)
from ttv_dagster.settings import Settings
from ttv_dagster.shots.plan import with_needed
from ttv_dagster.shots.problems import TtvError
from ttv_dagster.storage.layout import clip_name
from ttv_dagster.storage.locks import Locks
from ttv_dagster.storage.store import Store
from ttv_dagster.storage.tables import Tables
from ttv_dagster.weights.state import missing, why_not_to_pull

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


def _request(name: str, settings: Settings, engine: str | None, shots: Sequence[str]) -> tuple[RunRequest, set[str]]:
    """The run to start, and the ids of the shots that it renders."""
    prompt_set = Library(url=settings.library).read(name)
    ids = {shot.id for shot in prompt_set.shots}
    if unknown := [shot for shot in shots if shot not in ids]:
        known = ", ".join(shot.id for shot in prompt_set.shots[:50])
        raise RenderRefused(f"{name}: no such shot: {', '.join(unknown)}; its shots are {known}")
    job = "render_film"
    wanted = ids
    config: dict[str, Any] = {}
    if shots:
        actions = plan_actions(prompt_set, file=name, settings=settings, override=engine)
        wanted = with_needed((each.planned for each in actions), set(shots))
        config["keyframes"] = config["clips"] = {"config": {"shots": list(shots)}}
        if any(each.action == "render" and each.planned.shot.id not in wanted for each in actions):
            job = "render_clips"
    if engine:
        config["prompt_sets"] = {"config": {"engine": engine}}
    return RunRequest(job, name, {"ops": config} if config else {}), wanted


def _assets_made(instance: "dg.DagsterInstance", run_id: str) -> set[str]:
    import dagster as dg

    records = instance.get_records_for_run(run_id, of_type=dg.DagsterEventType.ASSET_MATERIALIZATION).records
    events = (record.event_log_entry.dagster_event for record in records)
    return {event.asset_key.path[-1] for event in events if event is not None and event.asset_key}


def _pull_what_is_missing(
    name: str,
    wanted: set[str],
    instance: "dg.DagsterInstance",
    settings: Settings,
    engine: str | None,
    say: OnLine,
    on_line: OnLine,
) -> None:
    """Run `model_weights` for the models that the render needs and this machine lacks: the render downloads nothing.

    Raises:
        RenderRefused: They may not be pulled.
        RenderFailed: They could not be.
    """
    prompt_set = Library(url=settings.library).read(name)
    deployment = Deployment.of(settings)
    planned = plan_set(prompt_set, file=name, deployment=deployment, override=engine)
    needed = models_to_render((each for each in planned if each.shot.id in wanted), deployment, Store(settings.media))
    pins = deployment.lock.read()
    lacking = missing(needed, pins)
    if reason := why_not_to_pull(lacking, pins) if lacking else None:
        raise RenderRefused(reason)
    for model in lacking:
        say(f"Pulling the weights of {model.id} first.")
        request = RunRequest(PULL_JOB, model.id, {})
        result = None
        if daemon_is_running(instance):
            result = run_in_queue(request, instance=instance, on_line=on_line)
        if result is None:
            result = run_here(request, instance=instance, settings=settings, on_line=on_line)
        if not result.success:
            raise RenderFailed(f"the weights of {model.id} were not pulled: {why_it_failed(instance, result.run_id)}")


def _run(
    request: RunRequest, instance: "dg.DagsterInstance", settings: Settings, say: OnLine, on_line: OnLine
) -> RunResult:
    if daemon_is_running(instance):
        say("A daemon is running here: submitting to its queue.")
        result = run_in_queue(request, instance=instance, on_line=on_line)
        if result is not None:
            return result
        say("The daemon has stopped: rendering in this process.")
    locks = Locks(settings.locks)
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
        return run_here(request, instance=instance, settings=settings, on_line=on_line)
    finally:
        queue.release()


def render_set(
    name: str,
    *,
    settings: Settings,
    engine: str | None = None,
    shots: Sequence[str] = (),
    say: Callable[[str], None],
    on_line: OnLine,
) -> RenderResult:
    """Render a prompt set of the library to its film.

    Args:
        name: The set.
        settings: The installation.
        engine: The engine of every shot, whatever the set says.
        shots: Ids of the shots to render, with those that they continue; all where empty. The film is cut
            where no other shot is missing.
        say: Called with each sentence for the person who waits.
        on_line: Called with each line of the run's log.

    Raises:
        LibraryError: There is no such set.
        RenderRefused: There is no such shot, or weights that it needs may not be pulled.
        PromptSetError: The set asks for what its engines cannot do.
        RenderFailed: The run ended without a manifest, or the pull of weights before it failed.
        KeyboardInterrupt: The run was interrupted.
    """
    request, wanted = _request(name, settings, engine, shots)
    prepare_home(settings)
    with open_instance(settings) as instance:
        fail_dead_runs(instance, settings)
        instance.add_dynamic_partitions(PARTITIONS, [name])
        _pull_what_is_missing(name, wanted, instance, settings, engine, say, on_line)
        run = _run(request, instance, settings, say, on_line)
        made = _assets_made(instance, run.run_id)
        error = None if run.success else why_it_failed(instance, run.run_id)
    if "clips" not in made:
        raise RenderFailed(error or "the run made no clips")
    store = Store(settings.media)
    tables = Tables(url=settings.tables)
    found = CLIPS.read(tables, name)
    results = [
        ShotResult(row, store.url(clip_name(row.key)) if row.bytes is not None else None)
        for row in found
        if row.shot in wanted
    ]
    film = None
    if "films" in made and (films := FILMS.read(tables, name)):
        film = store.url(films[0].name)
    shot_failed = any(result.row.status == "failed" for result in results)
    return RenderResult(name, film, results, None if shot_failed else error)
