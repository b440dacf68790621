"""Renders what the store lacks, and publishes each clip the moment it is whole."""

import importlib
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import PurePosixPath
from queue import Full, Queue
from typing import Any, Protocol

from ttv_dagster.engines.protocol import Frame, Frames, Progress
from ttv_dagster.farm.engine_process import EngineFailed
from ttv_dagster.farm.local import LocalFarm
from ttv_dagster.media.decode import last_frame
from ttv_dagster.media.encode import ClipWriter
from ttv_dagster.media.images import read_image
from ttv_dagster.renders.outcome import Outcome
from ttv_dagster.renders.records import cached_report, inspect_clip, make_record
from ttv_dagster.shots.plan import PlannedShot, image_digest
from ttv_dagster.storage.layout import clip_name, image_name, keyframe_name, write_record
from ttv_dagster.storage.store import Store

_CHUNKS_IN_FLIGHT = 4
_CLIPS_IN_FLIGHT = 2


@dataclass(frozen=True, slots=True)
class RenderJob:
    """One shot to render.

    Attributes:
        label: Tells it apart from the other shots of the run.
        planned: The shot.
        blocked: Why it cannot be rendered; None where nothing stands in its way.
        note: What its clip says of itself beside its recipe, such as that its weights are random; empty for nothing.
    """

    label: str
    planned: PlannedShot
    blocked: str | None = None
    note: str = ""


class Watcher(Protocol):
    """Is told how the work goes. What it raises ends the work."""

    def started(self, job: RenderJob) -> None:
        """The job's rendering begins."""

    def progressed(self, job: RenderJob, progress: Progress) -> None:
        """One step of its rendering is done."""

    def finished(self, outcome: Outcome) -> None:
        """A job's outcome is known."""


class _Aborted(Exception):
    """The frames of a clip stopped coming."""


class _WatcherStopped(Exception):
    """The watcher raised: the work ends, and the shot is not to blame."""

    def __init__(self, cause: Exception) -> None:
        self.cause = cause


class _Pipe:
    """Frames on their way from an engine to the encoder; either end can give up without hanging the other."""

    def __init__(self) -> None:
        self._queue: Queue[Frames | None] = Queue(maxsize=_CHUNKS_IN_FLIGHT)
        self._unread = threading.Event()
        self._aborted = threading.Event()
        self.report: dict[str, Any] = {}
        """What the engine says of the render, once its last frame is here."""

    def put(self, chunk: Frames | None) -> bool:
        """Hand over frames, or None after the last; False where nobody reads them any more."""
        while not self._unread.is_set():
            try:
                self._queue.put(chunk, timeout=0.1)
            except Full:
                continue
            return True
        return False

    def abort(self) -> None:
        """No more frames will come, and what came is not a clip."""
        self._aborted.set()
        self.put(None)

    def stop_reading(self) -> None:
        self._unread.set()

    def __iter__(self) -> Iterator[Frames]:
        while (chunk := self._queue.get()) is not None:
            if self._aborted.is_set():
                raise _Aborted
            yield chunk
        if self._aborted.is_set():
            raise _Aborted


def reason(error: BaseException) -> str:
    """An exception in one line, as a person would want to read it."""
    if isinstance(error, OSError) and error.strerror:
        where = f": {error.filename}" if error.filename else ""
        return f"{error.strerror}{where}"
    text = " ".join(str(error).split())
    if isinstance(error, EngineFailed):
        return f"{error.kind}: {text}" if error.kind and text else error.kind or text
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _encode_and_publish(job: RenderJob, pipe: _Pipe, store: Store, started: float) -> Outcome:
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


def _frames_of(job: RenderJob, store: Store) -> tuple[Frame | None, Frame | None]:
    """The images that the recipe names as first and last frame."""
    shot, recipe = job.planned.shot, job.planned.recipe
    first = last = None
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
    return first, last


def _published(job: RenderJob, store: Store) -> Outcome | None:
    """The outcome of a job whose clip another run published since this one was planned."""
    size = store.size(clip_name(job.planned.key))
    report = cached_report(job.planned, size, store) if size is not None else None
    return Outcome(job.label, "cached", bytes=size, report=report) if report else None


class _Queue:
    """The jobs in an order that loads each model once and never waits for a clip while another can be made."""

    def __init__(self, jobs: Sequence[RenderJob]) -> None:
        self._ready: dict[tuple[str, str | None], deque[RenderJob]] = {}
        self._after: dict[str, list[RenderJob]] = {}
        keys = {job.planned.key for job in jobs}
        self._loaded: tuple[str, str | None] | None = None
        for job in jobs:
            if job.planned.after in keys:
                self._after.setdefault(job.planned.after or "", []).append(job)
            else:
                self._jobs_like(job).append(job)

    def _jobs_like(self, job: RenderJob) -> deque[RenderJob]:
        return self._ready.setdefault((job.planned.recipe.engine, job.planned.recipe.model), deque())

    def take(self) -> RenderJob | None:
        """The next job that waits for nothing; None where there is none."""
        if self._loaded not in self._ready:
            self._loaded = next(iter(self._ready), None)
        if self._loaded is None:
            return None
        jobs = self._ready[self._loaded]
        job = jobs.popleft()
        if not jobs:
            del self._ready[self._loaded]
        return job

    def release(self, key: str) -> None:
        """The clip is there: what continues it is ready, and next, so that a chain is finished soon."""
        for job in self._after.pop(key, []):
            self._jobs_like(job).appendleft(job)

    def drop(self, key: str) -> list[RenderJob]:
        """The clip will not come: everything that continues it, however far down, is given up."""
        dropped: list[RenderJob] = []
        keys = [key]
        while keys:
            for job in self._after.pop(keys.pop(), []):
                dropped.append(job)
                keys.append(job.planned.key)
        return dropped


def render_jobs(jobs: Sequence[RenderJob], *, store: Store, farm: LocalFarm, watcher: Watcher) -> Iterator[Outcome]:
    """Render every job, encoding one clip while the next renders.

    A job whose engine, images or disk fail is an outcome with its reason; the others go on. What continues a
    failed shot fails with it. An interruption (KeyboardInterrupt, or what `watcher` raises) stops the work
    after the clips that are already rendered have been published.

    Args:
        jobs: What to render, in the order of preference; render keys are unique, and a job comes after the
            one that it continues.
        store: The media store, which has every image that the jobs name.
        farm: Where the engines live.
        watcher: Is told how the work goes.

    Yields:
        One outcome a job, each as soon as it is known.
    """
    # The encoder's thread and this one both use PyAV, and two threads that import it at once deadlock.
    importlib.import_module("av")
    queue = _Queue(jobs)
    encoding: dict[Future[Outcome], RenderJob] = {}

    def failed(job: RenderJob, error: str | Exception) -> Iterator[Outcome]:
        if isinstance(error, Exception):
            where = "".join(traceback.format_exception(error))
            yield Outcome(job.label, "failed", error=reason(error), traceback=where)
        else:
            yield Outcome(job.label, "failed", error=error)
        for follower in queue.drop(job.planned.key):
            yield Outcome(follower.label, "failed", error=f"continues {job.planned.shot.id}, which failed")

    def settle(future: Future[Outcome]) -> Iterator[Outcome]:
        job = encoding.pop(future)
        try:
            outcome = future.result()
        except Exception as error:
            yield from failed(job, error)
        else:
            queue.release(job.planned.key)
            yield outcome

    known: deque[Outcome] = deque()

    def tell(outcomes: Iterator[Outcome]) -> None:
        for outcome in outcomes:
            watcher.finished(outcome)
            known.append(outcome)

    def tell_of_encoded(rendering: Future[Outcome] | None = None) -> None:
        """Tell of the clips that are encoded by now, also in the middle of rendering another one."""
        for future in [future for future in encoding if future.done() and future is not rendering]:
            tell(settle(future))

    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="encode") as encoder:
        while True:
            tell_of_encoded()
            while known:
                yield known.popleft()
            job = queue.take()
            if job is None:
                if not encoding:
                    return
                wait(encoding, return_when=FIRST_COMPLETED)
                continue
            if job.blocked is not None:
                tell(failed(job, job.blocked))
                continue
            if published := _published(job, store):
                queue.release(job.planned.key)
                tell(iter([published]))
                continue
            # An engine may hand over a clip in one piece: only so many wait for the encoder, in memory.
            while len(encoding) >= _CLIPS_IN_FLIGHT:
                wait(encoding, return_when=FIRST_COMPLETED)
                tell_of_encoded()
            watcher.started(job)
            started = time.perf_counter()
            pipe = _Pipe()
            future = encoder.submit(_encode_and_publish, job, pipe, store, started)
            encoding[future] = job
            try:
                _pump(job, pipe, store, farm, watcher, partial(tell_of_encoded, future))
            except Exception as error:
                pipe.abort()
                wait([future])
                if isinstance(error, _WatcherStopped):
                    raise error.cause from None
                if isinstance(future.exception(), _Aborted):
                    del encoding[future]
                    tell(failed(job, error))
            except BaseException:
                pipe.abort()
                raise


def _pump(
    job: RenderJob, pipe: _Pipe, store: Store, farm: LocalFarm, watcher: Watcher, at_each_step: Callable[[], None]
) -> None:
    """Move the frames of one job from its engine into the pipe."""

    def on_progress(progress: Progress) -> None:
        try:
            at_each_step()
            watcher.progressed(job, progress)
        except Exception as error:
            raise _WatcherStopped(error) from error

    first, last = _frames_of(job, store)
    frames = farm.render(job.planned.recipe, first_frame=first, last_frame=last, on_progress=on_progress)
    with closing(frames):
        for chunk in frames:
            if not pipe.put(chunk):
                return
    pipe.report = farm.report()
    pipe.put(None)
