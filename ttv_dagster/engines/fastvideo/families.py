"""What FastVideo's models can be asked for, family by family."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

from pydantic import BaseModel, Field, model_validator

from ttv_dagster.engines.protocol import Capabilities, Native
from ttv_dagster.settings import FastVideoOptions
from ttv_dagster.weights.model import Model

Precision = Literal["bf16", "fp16", "fp32"]
"""Number format of the transformer; text encoder and VAE keep FastVideo's own."""

LORA_PATTERN = r"^[\w.-]{1,100}@[0-9a-f]{12,64}$"
"""``NAME@DIGEST``: the file, and at least the first 12 digits of its SHA-256."""


class DistilledParams(BaseModel, extra="forbid"):
    """What a shot for a distilled model can ask for.

    Attributes:
        precision: Number format of the transformer.
        lora: A LoRA file of the installation, as ``NAME@DIGEST``; None for none.
        lora_strength: How much of it.
    """

    precision: Precision = "bf16"
    lora: str | None = Field(None, pattern=LORA_PATTERN)
    lora_strength: float = Field(1.0, ge=-4, le=4)

    @model_validator(mode="before")
    @classmethod
    def _own_schedule(cls, values: Any) -> Any:
        if isinstance(values, dict) and (asked := {"steps", "guidance"} & set(values)):
            raise ValueError(f"a distilled model has a schedule of its own, and ignores {' and '.join(sorted(asked))}")
        return values


class Params(BaseModel, extra="forbid"):
    """What a shot for a model that is not distilled can ask for.

    Attributes:
        steps: Denoising steps.
        guidance: Scale of classifier-free guidance; 1 turns it off, and the negative prompt with it.
        precision: Number format of the transformer.
        lora: A LoRA file of the installation, as ``NAME@DIGEST``; None for none.
        lora_strength: How much of it.
    """

    steps: int = Field(50, ge=1, le=200)
    guidance: float = Field(5.0, ge=1, le=30)
    precision: Precision = "bf16"
    lora: str | None = Field(None, pattern=LORA_PATTERN)
    lora_strength: float = Field(1.0, ge=-4, le=4)


@dataclass(frozen=True, slots=True)
class Family:
    """Models that FastVideo runs in the same way.

    Attributes:
        name: The name by which FastVideo knows them. It looks its configuration up by the last part of the path.
        size_step: Width and height are multiples of this; FastVideo asks for 8 and then dies in a tensor mismatch.
        distilled: Denoises by a fixed schedule: steps, guidance and negative prompt decide nothing.
    """

    name: str
    size_step: int
    distilled: bool = False


FAMILIES = {
    "wan2.1-t2v": Family("Wan2.1-T2V-1.3B-Diffusers", 16),
    "wan2.1-t2v-dmd": Family("FastWan2.1-T2V-1.3B-Diffusers", 16, distilled=True),
    "wan2.2-ti2v-5b": Family("Wan2.2-TI2V-5B-Diffusers", 32),
    "wan2.2-ti2v-5b-dmd": Family("FastWan2.2-TI2V-5B-Diffusers", 32, distilled=True),
}


def family_of(model: Model) -> Family:
    """The family of a model.

    Raises:
        ValueError: FastVideo is not known to run it here.
    """
    family = FAMILIES.get(model.family)
    if family is None:
        known = ", ".join(FAMILIES)
        raise ValueError(f"fastvideo runs no models of the family {model.family!r} ({model.id}); it runs {known}")
    return family


def capabilities(model: Model, options: FastVideoOptions) -> Capabilities:
    """What can be asked of a model.

    Args:
        model: An entry of the catalog.
        options: How FastVideo runs in this installation.

    Raises:
        ValueError: FastVideo is not known to run it here.
    """
    family = family_of(model)
    defaults: dict[str, Any] = {"precision": options.precision}
    if not family.distilled:
        defaults["steps"] = model.steps if model.steps is not None else Params().steps
        defaults["guidance"] = model.guidance if model.guidance is not None else Params().guidance
    if options.lora:
        defaults["lora"] = options.lora
    return Capabilities(
        native=Native(model.width, model.height, model.num_frames, Fraction(model.fps)),
        size_step=family.size_step,
        min_side=64,
        max_side=1920,
        max_pixels=1920 * 1088,
        frame_step=4,
        frame_offset=1,
        min_frames=5,
        max_frames=241,
        max_fps=120,
        reads_image=model.reads_image,
        needs_image=model.needs_image,
        reads_negative_prompt=not family.distilled,
        params=DistilledParams if family.distilled else Params,
        default_params=defaults,
    )
