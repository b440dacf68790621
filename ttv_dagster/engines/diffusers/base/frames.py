"""Images on their way into a pipeline, and frames on their way out: float to uint8 on the device, a few at a time."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from PIL import Image

from ttv_dagster.engines.protocol import Frame, Frames
from ttv_dagster.media.images import fit
from ttv_dagster.shots.recipe import Recipe

if TYPE_CHECKING:
    import torch

CHUNK_FRAMES = 16
"""Frames that are converted at a time: no second copy of a whole clip as floats is ever made."""


def fitted(image: Frame, recipe: Recipe) -> Image.Image:
    """The image in the clip's size, cropped to its aspect: a pipeline would stretch it."""
    return Image.fromarray(fit(image, recipe.width, recipe.height))


class AsDecoded:
    """Takes the place of a pipeline's `VideoProcessor` and hands its video on as the VAE gave it.

    diffusers' own makes one or two more copies of the whole clip as floats.

    Args:
        processor: The pipeline's own, for all the rest that it does.
    """

    def __init__(self, processor: Any) -> None:
        self._processor = processor

    def __getattr__(self, name: str) -> Any:
        return getattr(self._processor, name)

    def postprocess_video(self, video: "torch.Tensor", output_type: str = "pt") -> "torch.Tensor":  # noqa: ARG002
        """The video itself, (1, 3, T, H, W), from -1 to 1."""
        return video


def to_uint8(video: "torch.Tensor") -> Frames:
    """Decoded frames as levels.

    Args:
        video: Floats of shape (3, T, H, W) from -1 to 1, on any device.

    Returns:
        uint8 of shape (T, H, W, 3).
    """
    import torch

    levels = video.to(torch.float32, copy=True).add_(1.0).mul_(127.5).round_().clamp_(0, 255).to(torch.uint8)
    frames: Frames = levels.permute(1, 2, 3, 0).contiguous().cpu().numpy()
    return frames


def in_chunks(video: "torch.Tensor", count: int) -> Iterator[Frames]:
    """The first frames of a decoded video, a few at a time.

    Args:
        video: Floats of shape (3, T, H, W) from -1 to 1, on any device.
        count: How many frames; no fewer are there.
    """
    for start in range(0, count, CHUNK_FRAMES):
        yield to_uint8(video[:, start : min(start + CHUNK_FRAMES, count)])
