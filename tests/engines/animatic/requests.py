"""Recipes and images for the tests of `animatic`."""

from fractions import Fraction
from typing import Any

import numpy as np

from tests.deployments import NOWHERE
from ttv_dagster.engines.animatic import Animatic
from ttv_dagster.engines.protocol import Frame, Frames, Inputs, OnProgress, Progress
from ttv_dagster.shots.recipe import FirstFrame, FirstFrameSource, Recipe


def recipe(
    prompt: str = "a red fox in the snow, camera pans left",
    *,
    width: int = 192,
    height: int = 176,
    num_frames: int = 12,
    fps: Fraction = Fraction(24),
    seed: int = 42,
    source: FirstFrameSource = "image",
    last_frame: str | None = None,
    **params: Any,
) -> Recipe:
    return Recipe(
        engine="animatic",
        engine_version=Animatic.version,
        prompt=prompt,
        seed=seed,
        width=width,
        height=height,
        num_frames=num_frames,
        fps=fps,
        encoding="none",
        params=params,
        first_frame=FirstFrame(source, "0" * 64),
        last_frame=last_frame,
    )


def image(width: int = 192, height: int = 176, seed: int = 0) -> Frame:
    """Soft colored blotches: detail enough to see any motion, no edges that ring."""
    random = np.random.default_rng(seed)
    down, across = np.mgrid[0:height, 0:width] / 24.0
    waves = [
        np.sin(across * random.uniform(0.4, 1.6) + down * random.uniform(0.4, 1.6) + random.uniform(0, 6))
        for _ in range(3)
    ]
    found: Frame = (127 + 110 * np.stack(waves, axis=-1)).astype(np.uint8)
    return found


def ignore(progress: Progress) -> None:
    """Listen to no progress."""


def film(
    asked: Recipe, first: Frame | None = None, last: Frame | None = None, on_progress: OnProgress = ignore
) -> Frames:
    """All frames of a recipe."""
    shown = image(asked.width, asked.height) if first is None else first
    chunks = Animatic(NOWHERE).render(asked, Inputs(shown, last), on_progress)
    return np.concatenate(list(chunks))
