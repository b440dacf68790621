"""An engine of another package, found as any other is: it draws moving noise, and fails as its params say."""

import json
import os
import time
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import BaseModel

from ttv_dagster.engines.deployment import Deployment
from ttv_dagster.engines.protocol import Capabilities, Frames, Inputs, Native, OnProgress, Progress, Requirements
from ttv_dagster.engines.validation import problems
from ttv_dagster.shots.problems import Problem
from ttv_dagster.shots.recipe import Recipe


class NoiseParams(BaseModel, extra="forbid"):
    """How the engine misbehaves."""

    fail_at: int | None = None
    """Raise before this frame."""
    short: int = 0
    """Leave out this many frames."""
    black: bool = False
    """Draw nothing."""
    sleep: float = 0.0
    """Seconds a frame."""
    kill_at: int | None = None
    """Kill this process before this frame."""
    signal: int = 9
    """By this signal."""
    hang_at: int | None = None
    """Do nothing more from this frame on, and listen to nobody."""
    chunk: int = 1
    """Hand so many frames over at a time."""
    shout: str = ""
    """Print this, from Python and from beneath it."""


class Noise:
    """Draws noise that moves; writes a line a render to the file that TTV_TEST_RENDERS names."""

    name = "noise"
    version = "1"
    needs_process = False

    def __init__(self, deployment: Deployment) -> None:
        return

    def default_model(self, *, image: bool) -> str | None:
        return None

    def capabilities(self, model: str | None) -> Capabilities:
        if model is not None and not model.startswith("noise/"):
            raise ValueError(f"noise has no model {model!r}; its models start with noise/")
        return Capabilities(
            native=Native(64, 48, 8, Fraction(8)),
            size_step=16,
            min_side=16,
            max_side=256,
            max_pixels=256 * 256,
            min_frames=1,
            max_frames=1000,
            max_fps=60,
            reads_image=True,
            params=NoiseParams,
        )

    def requirements(self, recipe: Recipe) -> Requirements:
        return Requirements(gpus=0, vram_gb=0)

    def validate(self, recipe: Recipe) -> list[Problem]:
        return problems(recipe, self.capabilities(recipe.model))

    def render(self, recipe: Recipe, inputs: Inputs, on_progress: OnProgress) -> Iterator[Frames]:
        params = NoiseParams.model_validate(dict(recipe.params))
        rng = np.random.default_rng(recipe.seed)
        base = rng.integers(0, 256, (recipe.height // 16, recipe.width // 16, 3), dtype=np.uint8)
        base = base.repeat(16, axis=0).repeat(16, axis=1)
        if log := os.environ.get("TTV_TEST_RENDERS"):
            with Path(log).open("a") as file:
                file.write(json.dumps({"key": recipe.key(), "prompt": recipe.prompt}) + "\n")
        if params.shout:
            print(params.shout)
            os.write(1, f"{params.shout}\n".encode())
        pending: list[Frames] = []
        last = recipe.num_frames - params.short - 1
        for index in range(last + 1):
            if params.fail_at == index:
                raise RuntimeError("the engine gave up")
            if params.kill_at == index:
                os.kill(os.getpid(), params.signal)
            while params.hang_at == index:
                time.sleep(1)
            time.sleep(params.sleep)
            frame = np.zeros_like(base) if params.black else np.roll(base, index * 4, axis=1)
            pending.append(frame[np.newaxis])
            if len(pending) == params.chunk or index == last:
                yield np.concatenate(pending)
                pending.clear()
            on_progress(Progress("frames", index + 1, recipe.num_frames))

    def report(self) -> dict[str, Any]:
        return {"gpu": "none"}

    def close(self) -> None:
        return


class Modelled(Noise):
    """Draws the same noise with the models that the catalog has for it: `noisy/text` and `noisy/image`."""

    name = "modelled"

    def __init__(self, deployment: Deployment) -> None:
        self._catalog = deployment.catalog

    def default_model(self, *, image: bool) -> str | None:
        return "noisy/image" if image else "noisy/text"

    def capabilities(self, model: str | None) -> Capabilities:
        known = self._catalog[model or "noisy/text"]
        return replace(
            super().capabilities(None),
            reads_image=known.reads_image,
            needs_image=known.needs_image,
            default_params={"sleep": 0.0},
        )


class Boxed(Noise):
    """Draws the same noise in a child process."""

    name = "boxed"
    needs_process = True

    def report(self) -> dict[str, Any]:
        return {"gpu": "none", "process": os.getpid()}
