"""Recipes and images for the tests of FastVideo."""

from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np

from tests.tiny.installation import Installation
from ttv_dagster.engines.fastvideo import FastVideo
from ttv_dagster.engines.protocol import Frame, Frames, Inputs, OnProgress
from ttv_dagster.shots.recipe import FirstFrame, Recipe

WAN = "tiny/Wan2.2-TI2V-5B-Diffusers"
FAST = "tiny/FastWan2.2-TI2V-5B-Diffusers"
IMAGE = FirstFrame("image", "0" * 64)


def recipe(engine: FastVideo, installation: Installation, **fields: Any) -> Recipe:
    """A small clip of a tiny model, as a plan would make it: params are added to the model's own."""
    model = fields.pop("model", WAN)
    params = {**engine.capabilities(model).default_params, **fields.pop("params", {})}
    asked = Recipe(
        engine="fastvideo",
        engine_version=engine.version,
        model=model,
        commit=installation.commits.get(model),
        prompt="a lighthouse at dusk",
        seed=7,
        width=64,
        height=64,
        num_frames=9,
        fps=Fraction(8),
        encoding="none",
        params=params,
    )
    return replace(asked, **fields)


def render(
    engine: FastVideo, asked: Recipe, image: Frame | None = None, on_progress: OnProgress = lambda _: None
) -> Frames:
    """All frames of a recipe."""
    assert engine.validate(asked) == []
    chunks = engine.render(asked, Inputs(image), on_progress)
    return np.concatenate(list(chunks))


def image(shade: int) -> Frame:
    """A wide image of one color with a square in it."""
    drawn = np.full((90, 160, 3), shade, np.uint8)
    drawn[30:60, 60:100] = 255 - shade
    return drawn
