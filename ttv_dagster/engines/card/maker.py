"""The built-in keyframe maker: an illustration from the words of the prompt and the seed."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ttv_dagster.engines.card.canvas import Canvas
from ttv_dagster.engines.card.cast import Cast
from ttv_dagster.engines.card.palette import LIGHTS
from ttv_dagster.engines.card.places import PAINTERS
from ttv_dagster.engines.card.scene import read_scene
from ttv_dagster.engines.card.weather import weather
from ttv_dagster.engines.deployment import Deployment
from ttv_dagster.engines.protocol import Frame
from ttv_dagster.engines.words import seeded_rng
from ttv_dagster.shots.recipe import KeyframeRecipe


class Card:
    """Paints a card that shows what a prompt is about: its place, its light, its colours and who is in it."""

    name = "card"
    version = "1"

    def __init__(self, _deployment: Deployment) -> None:
        """It paints the same in every deployment."""

    def default_params(self, model: str | None) -> Mapping[str, Any]:
        """None: a card is its prompt, seed and size.

        Raises:
            ValueError: A model is named.
        """
        if model is not None:
            raise ValueError(f"card has no models, not even {model!r}")
        return {}

    def generate(self, recipes: Sequence[KeyframeRecipe]) -> Iterator[Frame]:
        """The cards in order, uint8 RGB of shape (recipe.height, recipe.width, 3)."""
        return map(self._paint, recipes)

    def _paint(self, recipe: KeyframeRecipe) -> Frame:
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
        """There is nothing to free."""
