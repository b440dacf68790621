"""The image that the virtual camera looks at, with room around it to move."""

import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from ttv_dagster.engines.protocol import Frame

Homography = NDArray[np.float64]
"""3x3, from a point of the frame to one of the fitted image, both in pixels from the center."""

_MARGIN = 0.185
"""Room around the image, as a share of its longer side."""


def room_around(width: int, height: int) -> int:
    """Pixels that a plate has on each side of a frame of this size."""
    return math.ceil(_MARGIN * max(width, height)) + 2


class Plate:
    """An image fitted to a frame, with more of it (or its mirror image) on all sides, ready to be filmed."""

    def __init__(self, image: Frame, width: int, height: int) -> None:
        """Fit `image` (uint8 RGB, any size) to `width` x `height` pixels: it covers them, centerd."""
        self.size = (width, height)
        self._margin = room_around(width, height)
        self._image = _with_room(Image.fromarray(image), width, height, self._margin)

    def film(self, homography: Homography) -> Image.Image:
        """What the camera sees, an RGB image of the fitted size; at rest the fitted image, unchanged."""
        width, height = self.size
        to_centre = np.array([[1, 0, -width / 2], [0, 1, -height / 2], [0, 0, 1]])
        to_plate = np.array([[1, 0, width / 2 + self._margin], [0, 1, height / 2 + self._margin], [0, 0, 1]])
        matrix = to_plate @ homography @ to_centre
        matrix /= matrix[2, 2]
        (across, skew_x, left), (skew_y, down, top), (turn_x, turn_y, _) = matrix.tolist()
        if skew_x == skew_y == turn_x == turn_y == 0.0:
            # An upright camera is the common one, and this filter is the faster and the sharper of the two.
            box = (left, top, left + across * width, top + down * height)
            return self._image.resize(self.size, Image.Resampling.LANCZOS, box=box)
        return self._image.transform(
            self.size, Image.Transform.PERSPECTIVE, matrix.ravel()[:8].tolist(), Image.Resampling.BICUBIC
        )


def _with_room(image: Image.Image, width: int, height: int, margin: int) -> Image.Image:
    """The image covering width x height, and `margin` pixels more on each side."""
    scale = min(image.width / width, image.height / height)
    left, top = (image.width - width * scale) / 2, (image.height - height * scale) / 2
    # Whole pixels of room only, so that the frame's own pixels are resampled as they would be without it.
    more_x, more_y = (min(margin, int(side / scale + 1e-6)) for side in (left, top))
    box = (
        max(left - more_x * scale, 0.0),
        max(top - more_y * scale, 0.0),
        min(left + (width + more_x) * scale, image.width),
        min(top + (height + more_y) * scale, image.height),
    )
    size = (width + 2 * more_x, height + 2 * more_y)
    shown = image.resize(size, Image.Resampling.LANCZOS, box=box)
    pad_x, pad_y = margin - more_x, margin - more_y
    padded = np.pad(np.asarray(shown), ((pad_y, pad_y), (pad_x, pad_x), (0, 0)), mode="symmetric")
    roomy = Image.fromarray(padded)
    if not pad_x and not pad_y:
        return roomy
    return Image.composite(roomy, roomy.filter(ImageFilter.GaussianBlur(margin / 8)), _sharp(roomy.size, size))


def _sharp(size: tuple[int, int], within: tuple[int, int]) -> Image.Image:
    """255 inside the centerd rectangle `within`, falling to 0 outside it: a mirror image is out of focus."""
    ramps = []
    for side, inner in zip(size, within, strict=True):
        edge = (side - inner) // 2
        ramp = np.ones(side)
        if edge:
            fall = np.clip(1 - np.arange(1, edge + 1) / (edge / 3 + 1), 0, 1)
            ramp[:edge], ramp[side - edge :] = fall[::-1], fall
        ramps.append(ramp)
    return Image.fromarray((255 * np.minimum.outer(ramps[1], ramps[0])).astype(np.uint8))
