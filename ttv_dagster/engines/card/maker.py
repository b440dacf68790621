"""The built-in keyframe maker: an illustration from the words of the prompt and the seed."""

from ttv_dagster.engines.card.canvas import Canvas
from ttv_dagster.engines.card.cast import Cast
from ttv_dagster.engines.card.palette import LIGHTS
from ttv_dagster.engines.card.places import PAINTERS
from ttv_dagster.engines.card.scene import read_scene
from ttv_dagster.engines.card.weather import weather
from ttv_dagster.engines.protocol import Picture
from ttv_dagster.engines.words import dice
from ttv_dagster.shots.recipe import KeyframeRecipe


class Card:
    """Paints a card that shows what a prompt is about: its place, its light, its colours and who is in it."""

    name = "card"
    version = "1"

    def make(self, recipe: KeyframeRecipe) -> Picture:
        """The card, uint8 RGB of shape (recipe.height, recipe.width, 3)."""
        random = dice(recipe.seed, recipe.prompt, "card")
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
