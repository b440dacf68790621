"""Step caching: denoising steps that resemble the one before reuse what most of the transformer gave for it."""

from contextlib import ExitStack
from types import TracebackType
from typing import Any, Self

CACHE_HELP = "Step caching by diffusers' first-block cache: 0 is off; 0.05 to 0.2 is quicker and less exact."


class StepCache:
    """Caches the steps of one render, and forgets them with it, however it ends.

    It is created again for each render: what a cancelled render left behind would be taken for the next one's.

    Args:
        pipeline: The pipeline that renders.
        threshold: Relative change of the first block's output below which the other blocks are not run; 0 for none.
        names_passes: The pipeline says itself which pass of a step it is at, with the prompt or without.
    """

    def __init__(self, pipeline: Any, threshold: float, *, names_passes: bool = True) -> None:
        found = (getattr(pipeline, name, None) for name in ("transformer", "transformer_2"))
        self._transformers = [each for each in found if each is not None] if threshold else []
        self._threshold = threshold
        self._names_passes = names_passes
        self._on = ExitStack()

    def restart(self) -> None:
        """Forget what was cached: other frames are denoised from here on."""
        if not self._transformers:
            return
        from diffusers import FirstBlockCacheConfig

        self._on.close()
        for transformer in self._transformers:
            transformer.enable_cache(FirstBlockCacheConfig(threshold=self._threshold))
            self._on.callback(transformer.disable_cache)
            if not self._names_passes:
                self._on.enter_context(transformer.cache_context("cond"))

    def __enter__(self) -> Self:
        self.restart()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._on.close()
