"""What the families of Wan models have in common, and where they differ."""

from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, Field

from ttv_dagster.engines.diffusers.base.caching import CACHE_HELP
from ttv_dagster.weights.model import Model

STEPS, GUIDANCE = 50, 5.0
"""What the pipelines of diffusers take where a model's entry says nothing."""


class WanParams(BaseModel, extra="forbid"):
    """What a shot can ask of `wan` beside its words."""

    steps: int = Field(STEPS, ge=1, le=200, description="Denoising steps.")
    guidance: float = Field(GUIDANCE, ge=1.0, le=30.0, description="Scale of classifier-free guidance; 1 is none.")
    cache: float = Field(0.0, ge=0.0, le=1.0, description=CACHE_HELP)


class TwoStageParams(WanParams):
    """The same for models of two transformers: one for much noise, one for little."""

    guidance_2: float = Field(GUIDANCE, ge=1.0, le=30.0, description="Guidance of the transformer for little noise.")


@dataclass(frozen=True, slots=True)
class Family:
    """The rules of one family.

    Attributes:
        size_step: Other sizes would silently be made smaller.
        last_image: The pipeline reads a last frame with these models.
        needs_last_image: The transformer takes two images and fails on one.
        params: What a shot can ask for.
    """

    size_step: int
    last_image: bool = False
    needs_last_image: bool = False
    params: type[WanParams] = WanParams

    def default_params(self, model: Model) -> dict[str, Any]:
        """What decides pixels where a shot does not say."""
        guidance = model.guidance or GUIDANCE
        params: dict[str, Any] = {"steps": model.steps or STEPS, "guidance": guidance, "cache": 0.0}
        return {**params, "guidance_2": guidance} if self.params is TwoStageParams else params


FAMILIES = {
    "wan2.1-t2v": Family(16),
    "wan2.1-i2v": Family(16),
    "wan2.1-flf2v": Family(16, last_image=True, needs_last_image=True),
    "wan2.2-a14b-t2v": Family(16, params=TwoStageParams),
    "wan2.2-a14b-i2v": Family(16, last_image=True, params=TwoStageParams),
    "wan2.2-ti2v-5b": Family(32),
}
"""The families that `wan` runs. Those that are distilled for FastVideo's own schedule are not among them."""
