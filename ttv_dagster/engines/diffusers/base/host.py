"""Holds the pipeline of one model on its device, runs it, and frees it."""

import gc
import time
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from ttv_dagster.engines.deployment import Deployment
from ttv_dagster.engines.diffusers.base.placement import Placement, choose_offload, model_sizes, place
from ttv_dagster.engines.protocol import OnProgress, Progress

Result = TypeVar("Result")

GB = 10**9

LOW_MEMORY = Placement("sequential", tile_vae=True)
"""The least memory that a pipeline can do with."""


class OutOfMemory(RuntimeError):
    """A GPU is too small for what was asked; the message says what was asked and what was free."""


def device() -> Any:
    """The `torch.device` that renders: the first GPU, or the CPU if there is none."""
    import torch

    return torch.device("cuda:0" if torch.cuda.is_available() else "cpu")


def _release() -> None:
    """Free the memory of what is no longer referred to."""
    import torch

    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def _complaint(error: BaseException, asked: str, placement: Placement) -> str:
    import torch

    first = str(error).splitlines()[0] if str(error) else "out of memory"
    where = device()
    if where.type != "cuda":
        return f"out of memory: {asked} was asked ({first})"
    free, total = torch.cuda.mem_get_info(where)
    return (
        f"out of memory: {asked} was asked with offload={placement.offload}; "
        f"{free / GB:.1f} of {total / GB:.1f} GB were free ({first})"
    )


class Host:
    """One loaded pipeline at a time.

    Args:
        deployment: How pipelines run here.
    """

    def __init__(self, deployment: Deployment) -> None:
        self._deployment = deployment
        self._options = deployment.diffusers
        self._retry_low_memory = deployment.retry_low_memory
        self._key: Hashable = None
        self._placement: Placement | None = None
        self._low_memory = False
        self._loading = 0.0
        self._report: dict[str, Any] = {}
        self.pipeline: Any = None

    def hold(self, key: Hashable, load: Callable[[], Any], on_progress: OnProgress = lambda _progress: None) -> None:
        """Have the pipeline of `key` loaded; another one is freed first.

        Args:
            key: What tells pipelines apart.
            load: Loads it.
            on_progress: Is told that it loads: a large one takes minutes.

        Raises:
            RuntimeError: The installation says that it has a GPU, and there is none.
        """
        if self.pipeline is not None and self._key == key:
            return
        self._deployment.require_gpu(device().type == "cuda")
        self.close()
        on_progress(Progress("load", 0, 1))
        started = time.perf_counter()
        self.pipeline, self._key = load(), key
        self._loading = time.perf_counter() - started

    def run(self, call: Callable[[], Result], asked: str) -> Result:
        """Run the pipeline; where memory does not suffice, once more in low-memory mode if the installation allows it.

        Args:
            call: Calls the pipeline.
            asked: What is asked of it, for the message.

        Raises:
            OutOfMemory: Memory does not suffice.
        """
        import torch

        wanted = self._placement or self._chosen()
        try:
            return self._placed_call(call, wanted)
        except torch.OutOfMemoryError as error:
            complaint = _complaint(error, asked, wanted)
        # Here the failed call's tensors are gone: its traceback kept them.
        _release()
        if not self._retry_low_memory or wanted == LOW_MEMORY:
            raise OutOfMemory(complaint)
        self._low_memory = True
        try:
            return self._placed_call(call, LOW_MEMORY)
        except torch.OutOfMemoryError as error:
            complaint = f"{complaint}; in low-memory mode: {_complaint(error, asked, LOW_MEMORY)}"
        _release()
        raise OutOfMemory(complaint)

    def _chosen(self) -> Placement:
        import torch

        where = device()
        gpu = torch.cuda.get_device_properties(where).total_memory if where.type == "cuda" else None
        offload = choose_offload(self._options.offload, model_sizes(self.pipeline), gpu)
        return Placement(offload, self._options.tile_vae)

    def _placed_call(self, call: Callable[[], Result], wanted: Placement) -> Result:
        import torch

        where = device()
        on_gpu = where.type == "cuda"
        if self._placement != wanted:
            started = time.perf_counter()
            # Offloading needs a GPU to leave; what is left of thrift on the CPU is the tiled decoding.
            place(self.pipeline, Placement(wanted.offload if on_gpu else "none", wanted.tile_vae), where)
            self._placement = wanted
            self._loading += time.perf_counter() - started
        loading, self._loading = self._loading, 0.0
        if on_gpu:
            torch.cuda.reset_peak_memory_stats(where)
        try:
            return call()
        finally:
            # A pipeline does this itself, unless it is ended by an exception: cancelled, for one.
            self.pipeline.maybe_free_model_hooks()
            self._report = {
                "gpu": torch.cuda.get_device_name(where) if on_gpu else "cpu",
                "offload": wanted.offload if on_gpu else "none",
                "tile_vae": wanted.tile_vae,
                **({"low_memory": True} if self._low_memory else {}),
                **({"peak_gb": round(torch.cuda.max_memory_allocated(where) / GB, 2)} if on_gpu else {}),
                **({"load_seconds": round(loading, 3)} if loading else {}),
            }

    def report(self) -> dict[str, Any]:
        """How the last call ran."""
        return dict(self._report)

    def close(self) -> None:
        """Free the pipeline."""
        if self.pipeline is None:
            return
        self.pipeline.remove_all_hooks()
        self.pipeline = self._key = self._placement = None
        self._low_memory = False
        _release()
