"""Shots and prompt sets: the one model that validates every prompt set, whatever its file format."""

from collections.abc import Callable
from fractions import Fraction
from typing import Annotated, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    ValidationInfo,
    field_validator,
    model_validator,
)

from ttv_dagster.shots import values
from ttv_dagster.shots.names import SET_NAME_RULE, is_set_name, slug
from ttv_dagster.shots.problems import shown

MAX_SHOTS = 100_000
FindImage = Callable[[str], str]
"""Gives the absolute path of the image that a file names, or raises what `values.refuse` makes."""


def _found(path: str | None, info: ValidationInfo) -> str | None:
    find: FindImage | None = info.context
    return find(path) if find and path else path


def _set_name(name: str) -> str:
    if is_set_name(name):
        return name
    near = slug(name)
    raise values.refuse(f"is {shown(name)}", f"{SET_NAME_RULE}, such as {near}" if near else SET_NAME_RULE)


Seed = Annotated[int | None, BeforeValidator(values.whole(0, 2**31 - 1))]
Pixels = Annotated[int | None, BeforeValidator(values.whole(1, 16_384))]
FrameCount = Annotated[int | None, BeforeValidator(values.whole(1, 100_000))]
Rate = Annotated[
    Fraction | None,
    BeforeValidator(values.rate),
    PlainSerializer(lambda rate: None if rate is None else str(rate), when_used="json"),
]
Label = Annotated[str | None, BeforeValidator(values.label)]
ImagePath = Annotated[str | None, BeforeValidator(values.path), AfterValidator(_found)]
ParamName = Annotated[str, BeforeValidator(values.param_name)]
Param = Annotated[values.Scalar, BeforeValidator(values.param)]


class Shot(BaseModel):
    """One row of a prompt set. Sizes, lengths and rates that it leaves out are the engine's own.

    Validated with a `FindImage` as context, the paths of its images are found and checked by it.

    Attributes:
        id: Its name in the set.
        prompt: What to show: plain text, whatever it looks like.
        negative_prompt: What to avoid; empty for none.
        seed: 0 to 2**31 - 1; None to leave it to the renderer.
        width: Pixels.
        height: Pixels.
        num_frames: Frames of the clip.
        fps: Frames per second, exact.
        image: Path of the image it starts on.
        last_image: Path of the image it ends on.
        continues: It starts on the last frame of the shot before.
        engine: Name of the engine.
        model: Hub id of the model.
        keyframe_model: Hub id of the text-to-image model that generates the image it starts on; ``none`` for no image.
        params: The engine's own parameters.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Annotated[str, BeforeValidator(values.shot_id)]
    prompt: Annotated[str, BeforeValidator(values.prompt)]
    negative_prompt: Annotated[str, BeforeValidator(values.optional_prompt)] = ""
    seed: Seed = None
    width: Pixels = None
    height: Pixels = None
    num_frames: FrameCount = None
    fps: Rate = None
    image: ImagePath = None
    last_image: ImagePath = None
    continues: Annotated[bool, BeforeValidator(values.truth)] = False
    engine: Label = None
    model: Label = None
    keyframe_model: Label = None
    params: Annotated[dict[ParamName, Param], BeforeValidator(values.params)] = Field(default_factory=dict)

    @field_validator("continues", mode="after")
    @classmethod
    def _one_first_frame(cls, continues: bool, info: ValidationInfo) -> bool:
        # An image that is itself refused is missing from the data, and was given all the same.
        if continues and info.data.get("image", "refused") is not None:
            raise values.refuse("is true for a shot with an image", "one first frame: leave out image or continues")
        return continues


class PromptSet(BaseModel):
    """A named list of shots, in the order of the film.

    Attributes:
        name: Safe as a partition key and as a file name.
        shots: 1 to 100,000 shots with unique ids; the first does not continue another.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, AfterValidator(_set_name)]
    shots: Annotated[tuple[Shot, ...], Field(min_length=1, max_length=MAX_SHOTS)]

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        if self.shots[0].continues:
            raise values.refuse("the first shot continues another", "a shot that does not continue another")
        if len({shot.id for shot in self.shots}) < len(self.shots):
            raise values.refuse("two shots have the same id", "a unique id for each shot")
        return self
