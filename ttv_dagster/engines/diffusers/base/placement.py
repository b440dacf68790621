"""Where a pipeline's models are while they wait for their turn, and how its clips are decoded."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from ttv_dagster.settings import Offload

if TYPE_CHECKING:
    import torch

WEIGHTS_SHARE = 0.6
"""How much of a GPU `auto` fills with weights: the rest is for the clip itself."""


@dataclass(frozen=True, slots=True)
class Placement:
    """How a pipeline uses its GPU.

    Attributes:
        offload: What leaves the GPU while it is not needed: nothing, whole models, or single layers.
        tile_vae: Clips are decoded in tiles.
    """

    offload: Literal["none", "model", "sequential"]
    tile_vae: bool


def choose_offload(asked: Offload, models: Sequence[int], gpu: int | None) -> Literal["none", "model", "sequential"]:
    """What leaves the GPU.

    Args:
        asked: What the installation says; `auto` takes the quickest that fits.
        models: Bytes of each model's weights.
        gpu: Bytes of the GPU's memory; None without a GPU, where there is nothing to leave.
    """
    if gpu is None:
        return "none"
    if asked != "auto":
        return asked
    room = gpu * WEIGHTS_SHARE
    if sum(models) <= room:
        return "none"
    return "model" if max(models) <= room else "sequential"


def model_sizes(pipeline: Any) -> list[int]:
    """Bytes of the weights of each model in a pipeline."""
    models = [each for each in pipeline.components.values() if hasattr(each, "parameters")]
    return [sum(weight.numel() * weight.element_size() for weight in each.parameters()) for each in models]


def place(pipeline: Any, placement: Placement, device: "torch.device") -> None:
    """Put a pipeline where it runs; it may have been placed otherwise before."""
    pipeline.remove_all_hooks()
    if placement.offload == "none":
        if device.type != "cpu":  # It is loaded there, and diffusers warns of 16 bits on a CPU.
            pipeline.to(device)
    elif placement.offload == "model":
        pipeline.enable_model_cpu_offload(device=device)
    else:
        pipeline.enable_sequential_cpu_offload(device=device)
    if placement.tile_vae:
        pipeline.vae.enable_tiling()
