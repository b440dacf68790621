"""Sets keyframes in type: a title card with the words of the prompt."""

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from anyascii import anyascii
from PIL import Image, ImageDraw, ImageFont

from ttv_dagster.engines.protocol import Frame
from ttv_dagster.engines.words import seeded_rng
from ttv_dagster.shots.recipe import KeyframeRecipe

_TEXT = (236, 233, 226)
_MAX_CHARACTERS = 200
"""More of a prompt than this cannot be read in the seconds of a shot."""

_COLUMNS = 28
_MARGIN = 0.1
"""Share of the width that stays free on both sides of the text."""


class TitleCard:
    """Sets the words of a prompt on a ground whose color follows the seed."""

    name = "title-card"
    version = "1"
    needs_process = False

    def __init__(self, _installation: object = None) -> None:
        """Set the same in every installation."""

    def default_params(self, model: str | None) -> Mapping[str, Any]:
        """Return nothing: a title card is its prompt, seed and size.

        Raises:
            ValueError: A model is named.
        """
        if model is not None:
            raise ValueError(f"title-card has no models, not even {model!r}")
        return {}

    def generate(self, recipes: Sequence[KeyframeRecipe]) -> Iterator[Frame]:
        """Set the title cards in order, uint8 RGB of shape (recipe.height, recipe.width, 3)."""
        return map(_card, recipes)

    def close(self) -> None:
        """Free nothing: there is nothing to free."""


def _card(recipe: KeyframeRecipe) -> Frame:
    card = Image.fromarray(_ground(recipe))
    lines = textwrap.wrap(textwrap.shorten(anyascii(recipe.prompt), _MAX_CHARACTERS, placeholder=" ..."), _COLUMNS)
    text = "\n".join(lines)
    width = recipe.width * (1 - 2 * _MARGIN)
    size = min(recipe.height / (1.6 * (len(lines) + 2)), 2 * width / _COLUMNS)
    font = ImageFont.load_default(max(size, 4))
    center = (recipe.width / 2, recipe.height / 2)
    ImageDraw.Draw(card).multiline_text(center, text, _TEXT, font, anchor="mm", align="center", spacing=size / 2)
    return np.asarray(card).copy()


def _ground(recipe: KeyframeRecipe) -> Frame:
    """A dark color that brightens to the top: uint8 RGB of shape (height, width, 3)."""
    hue = seeded_rng(recipe.seed, recipe.prompt, "title card").uniform(18, 64, 3)
    rows = np.linspace(1.5, 0.75, recipe.height)[:, None, None]
    return np.broadcast_to(rows * hue, (recipe.height, recipe.width, 3)).astype(np.uint8)
