"""Progress of a render as lines of the run's log, which people read there and `ttv` reads back."""

import re
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Self

import dagster as dg

from ttv_dagster.engines.protocol import Progress, RenderCancelled
from ttv_dagster.farm.protocol import KeyframeOutcome, RenderJob
from ttv_dagster.farm.reason import reason
from ttv_dagster.media.preview import animated_webp_of
from ttv_dagster.renders.outcome import Outcome

EVERY_SECONDS = 1.0
"""Least time between two lines on the progress of shots: the event log keeps every line."""

PREVIEW_SECONDS = 20.0
"""Least time between two previews of clips that are being rendered, for the same reason."""

PREVIEW_BYTES = 60_000

_LINE = re.compile(r"\[(\d+)/(\d+)\] (\S+): (?:(\S+) (\d+)/(\d+)|(rendered|cached|failed).*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class ProgressLine:
    """How far a run is.

    Attributes:
        done: Shots whose outcome is known, of those that this run renders.
        total: Shots that this run renders.
        label: The shot that the line is about.
        stage: What is being done to it; empty where its outcome is known.
        step: Steps of the stage that are done.
        steps: Steps of the stage.
        status: Its outcome; empty where that is not known yet.
        detail: What a line without a stage says after the status; it is not read back.
    """

    done: int
    total: int
    label: str
    stage: str = ""
    step: int = 0
    steps: int = 0
    status: str = ""
    detail: str = field(default="", compare=False)

    def __str__(self) -> str:
        """Write the line that `parse` reads."""
        said = f"{self.stage} {self.step}/{self.steps}" if self.stage else f"{self.status}{self.detail}"
        return f"[{self.done}/{self.total}] {self.label}: {said}"

    @property
    def fraction(self) -> float:
        """How much of the run's rendering is done, 0 to 1."""
        part = self.step / self.steps if self.steps and not self.status else 0.0
        return min((self.done + part) / self.total, 1.0) if self.total else 1.0

    @classmethod
    def parse(cls, line: str) -> Self | None:
        """Read a line of the log back; None where it is another line."""
        match = _LINE.fullmatch(line)
        if match is None:
            return None
        done, total, label, stage, step, steps, status = match.groups()
        return cls(int(done), int(total), label, stage or "", int(step or 0), int(steps or 0), status or "")


class RunLog:
    """Writes the progress of one run's rendering into its log, and ends the rendering when the run is canceled.

    Dagster interrupts a run that is canceled, but now and then the interrupt is lost between two steps.

    Args:
        log: The run's log.
        total: Shots that the run renders.
        is_canceled: Whether somebody asked for the run's end.
        show: Is given a small animated WebP of the newest frames of a clip, now and then, where its engine has some.
    """

    def __init__(
        self,
        log: dg.DagsterLogManager,
        total: int,
        is_canceled: Callable[[], bool],
        show: Callable[[RenderJob, Progress, bytes], None],
    ) -> None:
        self._log = log
        self._total = total
        self._is_canceled = is_canceled
        self._show = show
        self._done = 0
        self._next = 0.0
        self._next_preview = 0.0
        self._awaited: set[str] = set()

    def _line(self, label: str, status: str, detail: str = "") -> str:
        return str(ProgressLine(self._done, self._total, label, status=status, detail=detail))

    def started(self, job: RenderJob) -> None:
        """Nothing is logged: the first step is.

        Raises:
            RenderCancelled: The run was canceled.
        """
        if self._is_canceled():
            raise RenderCancelled(f"the run was canceled before {job.label} was rendered")

    def progressed(self, job: RenderJob, progress: Progress) -> None:
        """Log the step, and show what there is to be seen, if the last time is long enough ago.

        Raises:
            RenderCancelled: The run was canceled.
        """
        if progress.preview is not None and time.monotonic() >= self._next_preview:
            fps = job.planned.recipe.fps
            self._show(job, progress, animated_webp_of(progress.preview, fps, limit=PREVIEW_BYTES))
            self._next_preview = time.monotonic() + PREVIEW_SECONDS
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + EVERY_SECONDS
        if self._is_canceled():
            raise RenderCancelled(f"the run was canceled before {job.label} was rendered")
        line = ProgressLine(self._done, self._total, job.label, progress.stage, progress.done, progress.total)
        self._log.info(str(line))

    def waiting(self, job: RenderJob) -> None:
        """Log once that another run renders the shot's clip.

        Raises:
            RenderCancelled: The run was canceled.
        """
        if job.label not in self._awaited:
            self._awaited.add(job.label)
            self._log.info(self._line(job.label, "", "another run renders this clip: waiting for it"))
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + EVERY_SECONDS
        self.started(job)

    def finished(self, outcome: Outcome) -> None:
        """Log the outcome."""
        self._done += 1
        if outcome.status == "failed":
            self._log.error(self._line(outcome.label, "failed", f": {outcome.error}"))
            if outcome.traceback:
                self._log.debug(outcome.traceback)
        elif outcome.status == "cached":
            self._log.info(self._line(outcome.label, "cached"))
        else:
            self._log.info(self._line(outcome.label, "rendered", f" in {outcome.seconds:.1f} s"))


class KeyframeLog:
    """Writes the progress of one run's keyframes into its log, and ends their making when the run is canceled.

    Args:
        log: The run's log.
        waiting: The shot that each image is for, by key, of those that are made.
        is_canceled: Whether somebody asked for the run's end.
    """

    def __init__(self, log: dg.DagsterLogManager, waiting: Mapping[str, str], is_canceled: Callable[[], bool]) -> None:
        self._log = log
        self._waiting = waiting
        self._is_canceled = is_canceled
        self._done = 0
        # Painted by the processor, hundreds are there in a second.
        self._next = time.monotonic() + EVERY_SECONDS

    def finished(self, outcome: KeyframeOutcome) -> None:
        """Log a failure, and how far it is if the last line is long enough ago.

        Raises:
            RenderCancelled: The run was canceled.
        """
        self._done += 1
        label, total = self._waiting[outcome.key], len(self._waiting)
        if outcome.error is not None:
            self._log.error(f"{label}: no keyframe: {reason(outcome.error)}")
            self._log.debug("".join(traceback.format_exception(outcome.error)))
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + EVERY_SECONDS
        self._log.info(str(ProgressLine(self._done, total, label, "keyframe", self._done, total)))
        if self._is_canceled():
            raise RenderCancelled(f"the run was canceled after {self._done} of {total} keyframes")
