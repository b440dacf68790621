"""The size in which a model makes an image, whatever size is asked for."""

import math

SIDE_STEP = 32
"""A side that every model can do: their latents are of 8 or 16 pixels, and taken two by two."""


def model_size(width: int, height: int, native_pixels: int) -> tuple[int, int]:
    """The shot's aspect in as many pixels as the model was trained with, each side rounded up.

    In fewer or more, models draw blurs or everything twice.

    Args:
        width: Of the image that is asked for, in pixels.
        height: Likewise.
        native_pixels: Width times height of the model's own size.
    """
    scale = math.sqrt(native_pixels / (width * height))
    wide, high = (max(1, math.ceil(side * scale / SIDE_STEP - 1e-9)) * SIDE_STEP for side in (width, height))
    return wide, high
