"""The built-in engine: a virtual camera over the keyframe, with a slate."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from typing import Any

import numpy as np
from pydantic import BaseModel

from ttv_dagster.engines.animatic.camera import Camera
from ttv_dagster.engines.animatic.moves import Move, choose_move
from ttv_dagster.engines.animatic.plate import Plate
from ttv_dagster.engines.animatic.shot import Shot
from ttv_dagster.engines.animatic.slate import Slate, slate_height
from ttv_dagster.engines.deployment import Deployment
from ttv_dagster.engines.protocol import (
    Capabilities,
    Frame,
    Frames,
    Inputs,
    Native,
    OnProgress,
    Progress,
    Requirements,
)
from ttv_dagster.engines.registry import keyframe_generator_names
from ttv_dagster.engines.validation import problems
from ttv_dagster.engines.words import seeded_rng
from ttv_dagster.shots.problems import Problem
from ttv_dagster.shots.recipe import Recipe

_OPERATORS = 2
"""Frames filmed at a time: Pillow works outside the interpreter lock."""

_CHUNK_FRAMES = 8
_CHUNK_BYTES = 32 * 2**20

ILLUSTRATION, TITLE_CARD = "illustration", "title-card"
"""The keyframe generators that need no model: the drawings of ttv-illustrations if it is installed, or plain type."""


class AnimaticParams(BaseModel, extra="forbid"):
    """What a shot can ask of `animatic` beside its words.

    Attributes:
        camera: The camera move, whatever the prompt says of it.
        slate: Whether there is a strip below the image with the prompt, the camera move, the seed and the time.
    """

    camera: Move | None = None
    slate: bool = True


class Animatic:
    """Makes an animatic: the keyframe, seen by a camera that moves as the prompt says.

    The first frame is the keyframe, fitted to the image area, with the camera at rest; a clip that continues
    another starts on that clip's image, pixel for pixel. Where a last image is given, the clip dissolves to it
    and its last frame is that image.
    """

    name = "animatic"
    version = "1"
    needs_process = False

    def __init__(self, _deployment: Deployment) -> None:
        """It renders the same in every deployment."""

    def default_model(self, *, image: bool) -> str | None:  # noqa: ARG002
        """None: `animatic` has no models."""
        return None

    def capabilities(self, model: str | None) -> Capabilities:
        """What can be asked of `animatic`, which has no models.

        Raises:
            ValueError: A model is named.
        """
        if model is not None:
            raise ValueError(f"animatic has no models, not even {model!r}: leave the model out")
        return Capabilities(
            native=Native(832, 480, 121, Fraction(24)),
            size_step=2,
            min_side=32,
            max_side=4096,
            max_pixels=4096 * 2304,
            min_frames=1,
            max_frames=100_000,
            max_fps=240,
            reads_image=True,
            needs_image=True,
            reads_last_image=True,
            keyframe_generator=ILLUSTRATION if ILLUSTRATION in keyframe_generator_names() else TITLE_CARD,
            params=AnimaticParams,
        )

    def requirements(self, recipe: Recipe) -> Requirements:  # noqa: ARG002
        """Return that it does not use a GPU."""
        return Requirements(gpus=0, vram_gb=0)

    def validate(self, recipe: Recipe) -> list[Problem]:
        """Every reason not to render the recipe; empty when it will be rendered as asked."""
        found = problems(recipe, self.capabilities(None))
        if recipe.model is not None:
            found.append(Problem("model", f"is {recipe.model}, and animatic has no models", "leave it out"))
        return found

    def render(self, recipe: Recipe, inputs: Inputs, on_progress: OnProgress) -> Iterator[Frames]:
        """Render the recipe, a few frames at a time; see `Engine.render`.

        Raises:
            ValueError: There is no first frame.
        """
        first_frame, last_frame = inputs.first_frame, inputs.last_frame
        if first_frame is None:
            raise ValueError("animatic renders nothing without a first frame")
        params = AnimaticParams.model_validate(dict(recipe.params))
        width, height, frames = recipe.width, recipe.height, recipe.num_frames
        slate_pixels = slate_height(width, height) if params.slate else 0
        area = (width, height - slate_pixels)
        if params.slate and recipe.first_frame is not None and recipe.first_frame.source == "clip":
            first_frame = _without_slate(first_frame)
        move = params.camera or choose_move(recipe.prompt, recipe.seed)
        seconds = float(frames / recipe.fps)
        shot = Shot(
            leaving=Plate(first_frame, *area),
            arriving=None if last_frame is None else Plate(last_frame, *area),
            camera=Camera(move, frames, seconds, seeded_rng(recipe.seed, recipe.prompt, "operator")),
            frames=frames,
            seconds=seconds,
        )
        slate = None
        if slate_pixels:
            labels = (self.name, move, f"seed {recipe.seed}")
            size = (width, slate_pixels)
            slate = Slate(prompt=recipe.prompt, labels=labels, frames=frames, fps=recipe.fps, size=size)
        step = max(1, min(_CHUNK_FRAMES, _CHUNK_BYTES // (width * height * 3)))
        with ThreadPoolExecutor(_OPERATORS) as operators:
            ahead = operators.map(shot.film, range(min(step, frames)))
            for start in range(0, frames, step):
                end = min(start + step, frames)
                # The next chunk is filmed while the caller encodes this one.
                filmed, ahead = ahead, operators.map(shot.film, range(end, min(end + step, frames)))
                chunk = np.empty((end - start, height, width, 3), np.uint8)
                for row, image in enumerate(filmed):
                    chunk[row, : area[1]] = image
                    if slate is not None:
                        chunk[row, area[1] :] = slate.draw(start + row)
                on_progress(Progress("frames", end, frames))
                yield chunk

    def report(self) -> dict[str, Any]:
        """Nothing: it works on the CPU, as it is."""
        return {}

    def close(self) -> None:
        """There is nothing to free."""


def _without_slate(last: Frame) -> Frame:
    """The image area of a clip's last frame."""
    height, width = last.shape[:2]
    return last[: height - slate_height(width, height)]
