"""A worker: one engine, and beside it an encoder that inspects and publishes each clip while the next one renders."""

import importlib
import time
import traceback
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import PurePosixPath

from ttv_dagster.engines.protocol import Frame, Frames, Inputs, Progress
from ttv_dagster.farm.engines import LoadedEngine
from ttv_dagster.farm.pipe import Aborted, Pipe
from ttv_dagster.farm.protocol import RenderJob
from ttv_dagster.farm.reason import reason
from ttv_dagster.media.decode import last_frame
from ttv_dagster.media.encode import ClipWriter
from ttv_dagster.media.images import read_image
from ttv_dagster.renders.outcome import Outcome
from ttv_dagster.renders.records import inspect_clip, make_record
from ttv_dagster.shots.plan import image_digest
from ttv_dagster.storage.layout import clip_name, image_name, keyframe_name, write_record
from ttv_dagster.storage.store import Store


class _Stopped(Exception):
    """The callback raised: the work ends, and the shot is not to blame."""

    def __init__(self, cause: Exception) -> None:
        self.cause = cause


@contextmanager
def _stopping() -> Iterator[None]:
    """Let what a callback raises end the work."""
    try:
        yield
    except Exception as error:
        raise _Stopped(error) from error


def failed(job: RenderJob, error: BaseException) -> Outcome:
    """Return the outcome of a job that raised."""
    where = "".join(traceback.format_exception(error))
    return Outcome(job.label, "failed", error=reason(error), traceback=where)


class Worker:
    """Renders one job after another. Leaving its block waits for the clips that are still encoded.

    Args:
        engines: Opens the engine of a recipe.
        store: Has the images that the jobs name, and takes the clips.
    """

    def __init__(self, engines: LoadedEngine, store: Store) -> None:
        # The encoder's thread and the caller's both use PyAV, and two threads that import it at once deadlock.
        importlib.import_module("av")
        self._engines = engines
        self._store = store
        self._encoder = ThreadPoolExecutor(max_workers=1, thread_name_prefix="encode")

    def __enter__(self) -> "Worker":
        return self

    def __exit__(self, *_: object) -> None:
        self._encoder.shutdown()

    def prepare(self, job: RenderJob) -> None:
        """Hand over the job that comes next, if the loaded engine renders it and can begin by itself."""
        process = self._engines.loaded_process(job.planned.recipe)
        if process is None:
            return
        try:
            inputs = _inputs_of(job, self._store)
        except Exception:
            return  # It is the outcome of that job, when it is due.
        process.prepare(job.planned.recipe, inputs)

    def render(
        self, job: RenderJob, on_progress: Callable[[Progress], None], on_first_frames: Callable[[], None]
    ) -> Future[Outcome]:
        """Render a job; return as soon as its last frame is rendered.

        Args:
            job: What to render.
            on_progress: Called after every step. What it raises ends the render and is raised here.
            on_first_frames: Called when the first frames arrive; otherwise as `on_progress`.

        Returns:
            Its outcome, as soon as its clip is published. A failure is an outcome, never an exception.
        """
        pipe = Pipe()
        published = self._encoder.submit(_encode_and_publish, job, pipe, self._store, time.perf_counter())
        try:
            self._pump(job, pipe, on_progress, on_first_frames)
        except Exception as error:
            pipe.abort()
            if isinstance(error, _Stopped):
                raise error.cause from None
            if isinstance(published.exception(), Aborted):
                return _done(failed(job, error))
        except BaseException:
            pipe.abort()
            raise
        return _outcome(job, published)

    def _pump(
        self,
        job: RenderJob,
        pipe: Pipe,
        on_progress: Callable[[Progress], None],
        on_first_frames: Callable[[], None],
    ) -> None:
        """Move the frames of one job from its engine into the pipe."""

        def stop_on_error(progress: Progress) -> None:
            with _stopping():
                on_progress(progress)

        inputs = _inputs_of(job, self._store)
        engine = self._engines.engine(job.planned.recipe)

        def rendered() -> Generator[Frames, None, None]:
            yield from engine.render(job.planned.recipe, inputs, stop_on_error)

        with closing(rendered()) as frames:
            for number, chunk in enumerate(frames):
                if number == 0:
                    with _stopping():
                        on_first_frames()
                if not pipe.put(chunk):
                    return
        pipe.report = engine.report()
        pipe.put(None)


def _done(outcome: Outcome) -> Future[Outcome]:
    future: Future[Outcome] = Future()
    future.set_result(outcome)
    return future


def _outcome(job: RenderJob, published: Future[Outcome]) -> Future[Outcome]:
    """The same future with a failed outcome in place of an exception."""
    outcome: Future[Outcome] = Future()

    def settle(done: Future[Outcome]) -> None:
        error = done.exception()
        outcome.set_result(done.result() if error is None else failed(job, error))

    published.add_done_callback(settle)
    return outcome


def _encode_and_publish(job: RenderJob, pipe: Pipe, store: Store, started: float) -> Outcome:
    """Write the frames of the pipe to a clip, inspect it and publish it."""
    recipe = job.planned.recipe
    try:
        with store.working_file(".mp4") as path:
            encoding = 0.0
            with ClipWriter(
                path,
                width=recipe.width,
                height=recipe.height,
                fps=recipe.fps,
                comment=recipe.canonical(),
                description=job.note,
                split_first=job.planned.after is not None,
            ) as writer:
                for chunk in pipe:
                    begun = time.perf_counter()
                    writer.write(chunk)
                    encoding += time.perf_counter() - begun
                rendering = time.perf_counter() - started
            begun = time.perf_counter()
            report = inspect_clip(path, recipe)
            inspecting = time.perf_counter() - begun
            if not (report.decodable and report.matches_request):
                raise ValueError(f"the engine's frames are not what was asked: {'; '.join(report.problems)}")
            seconds = time.perf_counter() - started
            stages = {"render": rendering, "encode": encoding, "inspect": inspecting, "total": seconds}
            size = path.stat().st_size
            record = make_record(recipe, path, report, stages, engine=pipe.report, note=job.note)
            write_record(store, job.planned.key, record)
            store.publish(path, clip_name(job.planned.key))
    finally:
        pipe.stop_reading()
    return Outcome(job.label, "rendered", seconds=seconds, bytes=size, report=report)


def _inputs_of(job: RenderJob, store: Store) -> Inputs:
    """Read the images that the recipe names as first and last frame."""
    shot, recipe = job.planned.shot, job.planned.recipe
    first: Frame | None = None
    last: Frame | None = None
    if recipe.first_frame is not None:
        key = recipe.first_frame.key
        if recipe.first_frame.source == "clip":
            with store.local_copy(clip_name(key)) as path:
                first = last_frame(path)
        elif recipe.first_frame.source == "keyframe":
            first = read_image(store.read(keyframe_name(key)))
        elif shot.image is not None:
            first = read_image(store.read(image_name(key, PurePosixPath(shot.image).suffix)))
    if shot.last_image is not None:
        suffix = PurePosixPath(shot.last_image).suffix
        last = read_image(store.read(image_name(image_digest(shot.last_image), suffix)))
    return Inputs(first, last)
