"""The order of jobs: each model loads once, and nothing waits for a clip while another can be rendered."""

from collections import deque
from collections.abc import Sequence

from ttv_dagster.farm.protocol import RenderJob


class Schedule:
    """The jobs that are still to be done.

    Args:
        jobs: In the order of preference; a job comes after the one that it continues.
    """

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
        """Return the next job that waits for nothing; None if there is none."""
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
        """Make what continues the clip ready, and next, so that a chain is finished soon."""
        for job in self._after.pop(key, []):
            self._jobs_like(job).appendleft(job)

    def drop(self, key: str) -> list[RenderJob]:
        """Give up everything that continues the clip, however far down, and return it."""
        dropped: list[RenderJob] = []
        keys = [key]
        while keys:
            for job in self._after.pop(keys.pop(), []):
                dropped.append(job)
                keys.append(job.planned.key)
        return dropped
