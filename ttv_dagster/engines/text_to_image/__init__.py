"""Keyframes by the text-to-image models of the catalogue."""

from ttv_dagster.engines.text_to_image.maker import TextToImage

__all__ = ["TextToImage"]
