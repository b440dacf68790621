"""What every engine is to the rest of the house.

An engine is constructed with the `Deployment` that it works for, and cheaply: it plans (`default_model`,
`capabilities`, `validate`) without its libraries, and loads what it needs at its first `render`. One caller at a time;
`close` frees what was loaded.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel

from ttv_dagster.shots.problems import Problem
from ttv_dagster.shots.recipe import KeyframeRecipe, Recipe

Frames = NDArray[np.uint8]
"""Frames as uint8 RGB, shape (T, H, W, 3)."""

Frame = NDArray[np.uint8]
"""One image as uint8 RGB, shape (H, W, 3)."""


class NoParams(BaseModel, extra="forbid"):
    """The parameters of an engine that has none."""


@dataclass(frozen=True, slots=True)
class Native:
    """What the engine renders where a shot does not say."""

    width: int
    height: int
    num_frames: int
    fps: Fraction


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What an engine, with one model, can be asked for.

    Attributes:
        native: Size, length and rate used where a shot does not say.
        size_step: Width and height must be multiples of this many pixels.
        min_side: Least width and height, in pixels.
        max_side: Greatest width and height, in pixels.
        max_pixels: Greatest width times height.
        frame_step: Frame counts are ``frame_step * k + frame_offset``.
        frame_offset: See `frame_step`.
        min_frames: Least number of frames.
        max_frames: Greatest number of frames.
        max_fps: Greatest frame rate.
        reads_image: The first frame decides pixels. A shot with an image is refused where it does not.
        needs_image: Nothing is rendered without a first frame.
        reads_last_image: The last frame decides pixels.
        reads_negative_prompt: The negative prompt decides pixels. Where it does not, recipes leave it out.
        keyframe_generator: Who makes a keyframe if the shot neither gives nor names one; None for none.
        keyframe_model: That generator's model; None for a generator without one.
        params: The model of the engine's own parameters (`extra="forbid"`).
        default_params: What decides pixels where a shot does not say, by parameter: it goes into the recipe.
    """

    native: Native
    size_step: int
    min_side: int
    max_side: int
    max_pixels: int
    min_frames: int
    max_frames: int
    max_fps: int
    frame_step: int = 1
    frame_offset: int = 0
    reads_image: bool = False
    needs_image: bool = False
    reads_last_image: bool = False
    reads_negative_prompt: bool = False
    keyframe_generator: str | None = None
    keyframe_model: str | None = None
    params: type[BaseModel] = NoParams
    default_params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Inputs:
    """The images that a recipe names, each in its own size.

    Attributes:
        first_frame: The image behind `recipe.first_frame`; None if there is none.
        last_frame: The image behind `recipe.last_frame`; None if there is none.
    """

    first_frame: Frame | None = None
    last_frame: Frame | None = None


@dataclass(frozen=True, slots=True)
class Requirements:
    """What one render takes; None for what is unknown.

    Attributes:
        gpus: GPUs that render it together; 0 if it does not use one.
        vram_gb: The least memory of each GPU in GB (10^9 bytes).
        cpu_gb: The least memory of the machine in GB.
    """

    gpus: int | None = None
    vram_gb: float | None = None
    cpu_gb: float | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one render is: `done` of `total` steps of `stage` (for one: 12 of 49 of "frames").

    Attributes:
        stage: One word.
        done: Steps that are done.
        total: Steps of the stage.
        preview: The newest frames, where they can be seen before the clip is whole; None where they cannot.
    """

    stage: str
    done: int
    total: int
    preview: Frames | None = None


OnProgress = Callable[[Progress], None]
"""Called after every step. What it raises ends the render: that is how a render is cancelled."""


class RenderCancelled(Exception):
    """Raised out of the progress callback to cancel a render; an engine frees the request and lets it pass."""


@runtime_checkable
class Engine(Protocol):
    """Turns a recipe into frames.

    Attributes:
        name: Its name in the registry.
        version: It changes if the same recipe would give other content.
        needs_process: The farm runs it in a child process, so that a crash there costs one shot, not the run.
    """

    name: str
    version: str
    needs_process: bool

    def default_model(self, *, image: bool) -> str | None:
        """The model of a shot that names none; None for an engine without models.

        Args:
            image: The shot starts on an image.
        """
        ...

    def capabilities(self, model: str | None) -> Capabilities:
        """What can be asked of this engine with `model`.

        Raises:
            ValueError: The engine does not know the model; the message says which it knows.
        """
        ...

    def requirements(self, recipe: Recipe) -> Requirements:
        """Return what rendering the recipe takes, without loading anything.

        Raises:
            ValueError: The engine does not know the recipe's model; the message says which it knows.
        """
        ...

    def validate(self, recipe: Recipe) -> list[Problem]:
        """Every reason not to render the recipe; empty when it will be rendered as asked."""
        ...

    def render(self, recipe: Recipe, inputs: Inputs, on_progress: OnProgress) -> Iterator[Frames]:
        """Render the recipe, in chunks of at least one frame, `recipe.num_frames` frames in all.

        Each chunk is uint8 RGB of shape (t, recipe.height, recipe.width, 3) and belongs to the caller.
        Closing the iterator, or raising out of `on_progress`, cancels the render.

        Args:
            recipe: What to render. Nothing else decides a pixel.
            inputs: The images that it names.
            on_progress: Called after every step.
        """
        ...

    def report(self) -> dict[str, Any]:
        """What the machine did for the last render, as JSON values, for the clip's record.

        For one: ``gpu``, ``stages`` (seconds by stage), ``attention``, ``peak_gb``.
        """
        ...

    def close(self) -> None:
        """Free what was loaded. The engine may be used again and then loads again."""
        ...


@runtime_checkable
class KeyframeGenerator(Protocol):
    """Makes the images that clips start on.

    Attributes:
        name: Its name in the registry.
        version: It changes if the same recipe would give another image.
        needs_process: The farm runs it in a child process, so that a crash there costs one image, not the run.
    """

    name: str
    version: str
    needs_process: bool

    def default_params(self, model: str | None) -> Mapping[str, Any]:
        """What decides an image beside its prompt, seed and size, by parameter: it goes into the recipe.

        Raises:
            ValueError: The generator does not know the model; the message says which it knows.
        """
        ...

    def generate(self, recipes: Sequence[KeyframeRecipe]) -> Iterator[Frame]:
        """The keyframes in order, each as soon as it is there: uint8 RGB of shape (recipe.height, recipe.width, 3).

        What it raises is the failure of the image that would have been next.
        """
        ...

    def close(self) -> None:
        """Free what was loaded."""
        ...
