"""What runs inside FastVideo's own workers, sent there by `collective_rpc` once they have loaded.

Each of these corrects one thing that FastVideo 0.2.1 offers no switch for. tests/engines/fastvideo/test_corrections.py
fails when it needs them no longer.
"""

import logging
import os
from typing import Any

STEPS_LOGGER = "fastvideo.steps"
"""Under FastVideo's own, whose records go to the process that holds the generator."""


def prepare(worker: Any) -> dict[str, list[str]]:
    """Correct a loaded worker, and say what it loaded.

    Args:
        worker: FastVideo's `WorkerWrapperBase`.

    Returns:
        ``attention``: the backends that its layers use; ``idle_lora_keys``: keys of the LoRA that reach no layer.
    """
    keep_the_size_of_images()
    tell_steps()
    return {"attention": _attention(worker.pipeline), "idle_lora_keys": _idle_lora_keys(worker.pipeline)}


def keep_the_size_of_images() -> None:
    """Let a clip with an image be as large as was asked.

    FastVideo overwrites its size by the image's proportions within 480 x 832 pixels. Images come here in the size
    of the clip, so the size of the image is the one that was asked.

    Raises:
        RuntimeError: FastVideo is not as it was when this was written.
    """
    from fastvideo.pipelines.stages import input_validation

    if not hasattr(input_validation, "best_output_size"):
        raise RuntimeError("this FastVideo chooses the size of clips with an image in another way than 0.2.1 does")
    input_validation.best_output_size = _own_size


def _own_size(width: int, height: int, step_x: int, step_y: int, _area: int) -> tuple[int, int]:
    if width % step_x or height % step_y:
        raise ValueError(f"an image of {width}x{height} for a model that renders multiples of {step_x}x{step_y}")
    return width, height


def tell_steps() -> None:
    """Let the first worker log a record a denoising step; FastVideo draws them on a terminal alone."""
    from fastvideo.pipelines.stages.denoising import DenoisingStage

    DenoisingStage.progress_bar = _progress_bar


class _Steps:
    """Stands where FastVideo has a progress bar."""

    def __init__(self, total: int) -> None:
        self._done, self._total = 0, total

    def __enter__(self) -> "_Steps":
        return self

    def __exit__(self, *_raised: object) -> None:
        return

    def update(self, steps: int = 1) -> None:
        self._done += steps
        if os.environ.get("LOCAL_RANK", "0") == "0":
            told = {"ttv_step": (self._done, self._total)}
            logging.getLogger(STEPS_LOGGER).info("step %d of %d", self._done, self._total, extra=told)


def _progress_bar(_stage: Any, iterable: Any = None, total: int | None = None) -> _Steps:
    return _Steps(total if total is not None else len(iterable))


def _attention(pipeline: Any) -> list[str]:
    backends = {
        getattr(layer.backend, "name", str(layer.backend))
        for name in ("transformer", "transformer_2")
        if pipeline.modules.get(name) is not None
        for layer in pipeline.modules[name].modules()
        if getattr(layer, "backend", None) is not None
    }
    return sorted(backends)


def _idle_lora_keys(pipeline: Any) -> list[str]:
    weights = pipeline.lora_adapters.get(pipeline.cur_adapter_name, {})
    used = set()
    for layers in pipeline.lora_layers.values():
        for name, _layer in layers.all_lora_layers():
            if f"{name}.lora_A" in weights and f"{name}.lora_B" in weights:
                used |= {f"{name}.{part}" for part in ("lora_A", "lora_B", "lora_alpha")}
    return sorted(set(weights) - used)
