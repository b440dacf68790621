"""Draws keyframes: an illustration from the words of the prompt and the seed."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ttv_dagster.engines.protocol import Frame
from ttv_dagster.engines.words import seeded_rng
from ttv_dagster.shots.recipe import KeyframeRecipe
from ttv_illustrations.canvas import Canvas
from ttv_illustrations.cast import Cast
from ttv_illustrations.palette import LIGHTS
from ttv_illustrations.places import PAINTERS
from ttv_illustrations.scene import read_scene
from ttv_illustrations.weather import weather


class Illustration:
    """Draws an illustration that shows what a prompt is about: its place, its light, its colors and who is in it."""

    name = "illustration"
    version = "1"
    needs_process = False

    def __init__(self, _installation: object = None) -> None:
        """Draw the same in every installation."""

    def default_params(self, model: str | None) -> Mapping[str, Any]:
        """Return nothing: an illustration is its prompt, seed and size.

        Raises:
            ValueError: A model is named.
        """
        if model is not None:
            raise ValueError(f"illustration has no models, not even {model!r}")
        return {}

    def generate(self, recipes: Sequence[KeyframeRecipe]) -> Iterator[Frame]:
        """Draw the illustrations in order, uint8 RGB of shape (recipe.height, recipe.width, 3)."""
        return map(self._paint, recipes)

    def _paint(self, recipe: KeyframeRecipe) -> Frame:
        # The purpose is part of the drawing: with another one, the same seed would draw something else.
        random = seeded_rng(recipe.seed, recipe.prompt, "card")
        scene = read_scene(recipe.prompt, recipe.seed)
        lights = LIGHTS[scene.hour]
        light = lights[int(random.integers(len(lights)))]
        canvas = Canvas(recipe.width, recipe.height, random)
        ground = PAINTERS[scene.place](canvas, scene, light)
        Cast(canvas, scene, light, ground).perform()
        weather(canvas, scene, light)
        return canvas.finished()

    def close(self) -> None:
        """Free nothing: there is nothing to free."""
