"""Color: the one place where RGB images become video frames and video frames become RGB.

Everything this package writes is BT.709 in limited range. Everything it reads is converted by the file's own
tags; a file without a tag is assumed to be BT.601, which is what the usual writers of untagged files (imageio, OpenCV)
use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from av.video.frame import VideoFrame
    from av.video.reformatter import VideoReformatter
    from numpy.typing import NDArray

BT709 = 1
"""BT.709 as primaries, transfer and matrix: ITU-T H.273, tables 2, 3 and 4."""

LIMITED, FULL = 1, 2
"""Luma 16 to 235, luma 0 to 255: FFmpeg's AVColorRange, libavutil/pixfmt.h."""

SCALER = 0x4 | 0x2000 | 0x4000 | 0x40000 | 0x80000
"""BICUBIC, FULL_CHR_H_INT, FULL_CHR_H_INP, ACCURATE_RND, BITEXACT: FFmpeg's SwsFlags, libswscale/swscale.h.

FFmpeg's fast defaults darken every frame that goes to video and back by 1.1 to 1.4 levels and smear its colors
(27 dB against 41 dB here). In a chain of shots, each starting on the last frame of the one before, that adds up.
"""


def to_video(reformatter: VideoReformatter, image: NDArray[np.uint8]) -> VideoFrame:
    """Convert an RGB image to a video frame: yuv420p, BT.709, limited range.

    Args:
        reformatter: FFmpeg's conversion tables; use one for each sequence of images of one size, in one thread.
        image: uint8 of shape (H, W, 3), H and W even.
    """
    from av import VideoFrame

    return reformatter.reformat(
        VideoFrame.from_ndarray(np.ascontiguousarray(image), format="rgb24"),
        format="yuv420p",
        src_color_range=FULL,
        dst_colorspace=BT709,
        dst_color_range=LIMITED,
        interpolation=SCALER,
    )


def to_rgb(
    reformatter: VideoReformatter, frame: VideoFrame, *, width: int | None = None, height: int | None = None
) -> NDArray[np.uint8]:
    """Convert a video frame to an RGB image, by the frame's tags.

    Args:
        reformatter: FFmpeg's conversion tables; use one for each sequence of frames of one size, in one thread.
        frame: a decoded frame.
        width: width of the image in pixels; None for the frame's own.
        height: height of the image in pixels; None for the frame's own.

    Returns:
        uint8 of shape (H, W, 3), contiguous.
    """
    image = reformatter.reformat(
        frame,
        width=width,
        height=height,
        format="rgb24",
        src_color_range=frame.color_range or LIMITED,
        dst_color_range=FULL,
        interpolation=SCALER,
    )
    return np.ascontiguousarray(image.to_ndarray(), dtype=np.uint8)
