"""The farm on this machine: one worker, which holds one engine at a time."""

import time
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait

from ttv_dagster.engines.deployment import Deployment
from ttv_dagster.engines.protocol import Progress
from ttv_dagster.farm.claims import POLL_SECONDS, Claims
from ttv_dagster.farm.engines import LoadedEngine
from ttv_dagster.farm.keyframes import generate_keyframes
from ttv_dagster.farm.protocol import KeyframeJob, KeyframeOutcome, RenderJob, Watcher
from ttv_dagster.farm.schedule import Schedule
from ttv_dagster.farm.worker import Worker, failed
from ttv_dagster.renders.outcome import Outcome
from ttv_dagster.renders.records import cached_report
from ttv_dagster.storage.layout import clip_name
from ttv_dagster.storage.locks import Locks
from ttv_dagster.storage.store import Store

_CLIPS_IN_FLIGHT = 2


class LocalFarm:
    """Renders on this machine; see `Farm`.

    Args:
        deployment: What the engines may know of the installation.
        store: The media store.
        locks: Keep other processes from rendering the same key.
    """

    def __init__(self, deployment: Deployment, store: Store, locks: Locks) -> None:
        self._engines = LoadedEngine(deployment)
        self._store = store
        self._locks = locks

    def render(self, jobs: Sequence[RenderJob], watcher: Watcher) -> Iterator[Outcome]:
        """Render the jobs, encoding one clip while the next renders; see `Farm.render`."""
        claims = Claims(self._locks)
        try:
            with Worker(self._engines, self._store) as worker:
                yield from _Rendering(jobs, worker, self._store, claims, watcher).outcomes()
        finally:
            claims.close()

    def generate_keyframes(self, jobs: Sequence[KeyframeJob]) -> Iterator[KeyframeOutcome]:
        """Generate the keyframes; see `Farm.generate_keyframes`."""
        claims = Claims(self._locks)
        return generate_keyframes(jobs, engines=self._engines, store=self._store, claims=claims)

    def close(self) -> None:
        """Free whatever is loaded."""
        self._engines.close()


class _Rendering:
    """One call of `LocalFarm.render`."""

    def __init__(
        self, jobs: Sequence[RenderJob], worker: Worker, store: Store, claims: Claims, watcher: Watcher
    ) -> None:
        self._schedule = Schedule(jobs)
        self._worker = worker
        self._store = store
        self._claims = claims
        self._watcher = watcher
        self._encoding: dict[Future[Outcome], RenderJob] = {}
        self._elsewhere: list[RenderJob] = []
        self._known: deque[Outcome] = deque()
        self._ahead: RenderJob | None = None

    def outcomes(self) -> Iterator[Outcome]:
        while True:
            self._settle_encoded()
            while self._known:
                yield self._known.popleft()
            ahead, self._ahead = self._ahead, None
            if ahead is not None:
                self._render(ahead)
            elif (job := self._schedule.take()) is not None:
                self._begin(job)
            elif self._elsewhere:
                self._look_elsewhere()
            elif self._encoding:
                wait(self._encoding, return_when=FIRST_COMPLETED)
            else:
                return

    def _begin(self, job: RenderJob) -> None:
        """Render the job, unless it is blocked, another process is at it, or the store has its clip."""
        if self._is_due(job):
            self._render(job)

    def _is_due(self, job: RenderJob) -> bool:
        """Claim the job; return whether it is to be rendered here and now."""
        if job.blocked is not None:
            self._settle(job, Outcome(job.label, "failed", error=job.blocked))
            return False
        try:
            if not self._claims.claim(job.planned.key):
                self._elsewhere.append(job)
                return False
            there = self._published(job)
        except Exception as error:
            self._settle(job, failed(job, error))
            return False
        if there is not None:
            self._settle(job, there)
            return False
        return True

    def _render(self, job: RenderJob) -> None:
        # An engine may hand over a clip in one piece: only so many wait for the encoder, in memory.
        while len(self._encoding) >= _CLIPS_IN_FLIGHT:
            wait(self._encoding, return_when=FIRST_COMPLETED)
            self._settle_encoded()
        self._watcher.started(job)
        outcome = self._worker.render(job, lambda progress: self._progressed(job, progress), self._look_ahead)
        self._encoding[outcome] = job

    def _look_ahead(self) -> None:
        """Find the next job while the frames of this one arrive, so that the engine has no time to idle."""
        while (job := self._schedule.take()) is not None:
            if self._is_due(job):
                self._ahead = job
                self._worker.prepare(job)
                return

    def _progressed(self, job: RenderJob, progress: Progress) -> None:
        self._settle_encoded()  # Also in the middle of the next clip.
        self._watcher.progressed(job, progress)

    def _published(self, job: RenderJob) -> Outcome | None:
        """Return the outcome of a job whose clip was published since it was planned."""
        size = self._store.size(clip_name(job.planned.key))
        report = cached_report(job.planned, size, self._store) if size is not None else None
        return Outcome(job.label, "cached", bytes=size, report=report) if report else None

    def _look_elsewhere(self) -> None:
        """See what became of the clips that other processes render: published, or given up and to be rendered here."""
        jobs, self._elsewhere = self._elsewhere, []
        for job in jobs:
            self._watcher.waiting(job)
            self._begin(job)
        if len(self._elsewhere) == len(jobs):
            time.sleep(POLL_SECONDS)

    def _settle_encoded(self) -> None:
        for future in [future for future in self._encoding if future.done()]:
            self._settle(self._encoding.pop(future), future.result())

    def _settle(self, job: RenderJob, outcome: Outcome) -> None:
        """Report an outcome, and let what continues the job go on, or fail with it."""
        self._claims.release(job.planned.key)
        self._report(outcome)
        if outcome.status != "failed":
            self._schedule.release(job.planned.key)
            return
        for follower in self._schedule.drop(job.planned.key):
            error = f"continues {job.planned.shot.id}, which failed"
            self._report(Outcome(follower.label, "failed", error=error))

    def _report(self, outcome: Outcome) -> None:
        self._watcher.finished(outcome)
        self._known.append(outcome)
