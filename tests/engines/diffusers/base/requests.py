"""Recipes and renders for the engines that run pipelines of diffusers."""

from collections.abc import Callable
from typing import Any

import numpy as np

from ttv_dagster.engines.deployment import Deployment
from ttv_dagster.engines.protocol import Engine, Frame, Frames, Inputs, Progress
from ttv_dagster.shots.recipe import FirstFrame, Recipe

RED: Frame = np.full((40, 60, 3), (200, 30, 60), np.uint8)
BLUE: Frame = np.full((90, 60, 3), (20, 30, 240), np.uint8)

IMAGE = FirstFrame("image", "0" * 64)
LAST = "1" * 64


def recipe_for(engine: Engine, model: str, deployment: Deployment, **fields: Any) -> Recipe:
    """What the engine renders where a shot says nothing; `params` adds to the engine's own."""
    capabilities = engine.capabilities(model)
    asked: dict[str, Any] = {
        "engine": engine.name,
        "engine_version": engine.version,
        "prompt": "a fox crosses the snow",
        "seed": 1,
        "width": capabilities.native.width,
        "height": capabilities.native.height,
        "num_frames": capabilities.native.num_frames,
        "fps": capabilities.native.fps,
        "encoding": "h264-1",
        "model": model,
        "commit": deployment.catalog[model].commit(deployment.lock.commits()),
        **fields,
        "params": {**capabilities.default_params, **fields.get("params", {})},
    }
    return Recipe(**asked)


def _ignore(_progress: Progress) -> None:
    return


def frames_of(
    engine: Engine,
    recipe: Recipe,
    first: Frame | None = None,
    last: Frame | None = None,
    on_progress: Callable[[Progress], None] = _ignore,
) -> Frames:
    """All frames of a render."""
    assert engine.validate(recipe) == []
    chunks = list(engine.render(recipe, Inputs(first, last), on_progress))
    assert all(chunk.dtype == np.uint8 and len(chunk) for chunk in chunks)
    return np.concatenate(chunks)
