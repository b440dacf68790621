"""The denoising steps of a pipeline: told one by one, and timed."""

import time
from typing import Any

from ttv_dagster.engines.protocol import Frames, OnProgress, Progress


class Steps:
    """Counts a render's steps over all of its sections, and tells of each.

    Args:
        on_progress: Called after every step. What it raises ends the pipeline's call: nothing else does.
        total: Steps of the whole render.
    """

    def __init__(self, on_progress: OnProgress, total: int) -> None:
        self._on_progress = on_progress
        self._total = total
        self._done = 0
        self._decoding = 0.0
        self._started = self._last = _now()

    def __call__(self, pipeline: Any, step: int, timestep: Any, tensors: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG002
        """Is called by the pipeline at the end of each step."""
        self._done += 1
        self._last = _now()
        self._on_progress(Progress("denoise", self._done, self._total))
        return tensors

    def show(self, preview: Frames) -> None:
        """Tell of frames that were decoded since the last step."""
        self._note_decoding()
        self._on_progress(Progress("denoise", self._done, self._total, preview))

    def _note_decoding(self) -> None:
        now = _now()
        self._decoding += now - self._last
        self._last = now

    def stages(self) -> dict[str, float]:
        """Seconds of the stages, once the pipeline's call has ended."""
        self._note_decoding()
        return {"prompt_and_denoise": self._last - self._started - self._decoding, "decode": self._decoding}


def _now() -> float:
    """The time when the GPU has done what it was told."""
    import torch

    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return time.perf_counter()
