"""Keyframes by the text-to-image models of the catalog."""

from ttv_dagster.engines.diffusers.text_to_image.generator import TextToImage

__all__ = ["TextToImage"]
