"""Previews: a few kilobytes that show what a clip or a set of images looks like.

Dagster keeps metadata forever and shows it in its page, so every preview stays below a limit of bytes.
"""

from __future__ import annotations

import io
import math
from typing import TYPE_CHECKING

import numpy as np
from anyascii import anyascii
from PIL import Image, ImageDraw, ImageFont

from ttv_dagster.media import color
from ttv_dagster.media.decode import probe, sample_frames
from ttv_dagster.media.images import letterbox

if TYPE_CHECKING:
    from collections.abc import Sequence
    from fractions import Fraction
    from pathlib import Path

    from numpy.typing import NDArray

LIMIT = 150_000
"""Bytes of one preview. In base64 it takes a third more of the event log."""

QUALITIES = (70, 40)
"""WebP qualities, tried in turn; below the last one the image is made smaller instead."""

METHOD = 4
"""WebP effort: at 6, 24 frames take seconds for a tenth fewer bytes."""

MAX_FRAME_MS = 400
"""The longest that a frame of a preview is shown: an hour-long film is skimmed, not played at its own speed."""

BACKGROUND, TEXT = (24, 26, 30), (208, 212, 220)
GAP, LABEL_HEIGHT, FONT_SIZE = 12, 22, 13
TILE_WIDTH, MAX_TILES, MAX_ROWS = 240, 60, 20
"""Look of a contact sheet, in pixels and RGB levels, and its limits: a WebP has at most 16,383 pixels."""


def animated_webp(path: Path, *, limit: int = LIMIT, width: int = 320, max_frames: int = 24) -> bytes:
    """Make a small moving preview of a clip or a film.

    The frames are spread evenly from the first to the last; a clip plays at its own speed, a long film faster.

    Args:
        path: the clip.
        limit: bytes that the result stays within.
        width: width in pixels; a narrower clip keeps its own.
        max_frames: number of frames at most.

    Returns:
        An animated WebP that repeats forever.

    Raises:
        MediaError: the clip does not decode.
        ValueError: nothing fits into the limit.
    """
    from av.video.reformatter import VideoReformatter

    facts = probe(path)
    width = min(width, facts.width)
    height = max(1, round(facts.height * width / facts.width))
    reformatter = VideoReformatter()
    frames = [
        Image.fromarray(color.to_rgb(reformatter, frame, width=width, height=height))
        for frame in sample_frames(path, max_frames)
    ]
    return _webp(frames, limit, duration=min(MAX_FRAME_MS, round(1000 * facts.duration / len(frames))))


def animated_webp_of(
    frames: NDArray[np.uint8], fps: Fraction, *, limit: int = LIMIT, width: int = 320, max_frames: int = 24
) -> bytes:
    """Make a small moving preview of frames in memory.

    Args:
        frames: uint8 RGB of shape (T, H, W, 3).
        fps: frames per second.
        limit: bytes that the result stays within.
        width: width in pixels; narrower frames keep their own.
        max_frames: number of frames at most, spread evenly.

    Returns:
        An animated WebP that repeats forever.

    Raises:
        ValueError: nothing fits into the limit.
    """
    count, height, own_width = frames.shape[:3]
    width = min(width, own_width)
    size = (width, max(1, round(height * width / own_width)))
    shown = frames[np.linspace(0, count - 1, min(count, max_frames)).round().astype(int)]
    images = [Image.fromarray(frame).resize(size, Image.Resampling.LANCZOS) for frame in shown]
    return _webp(images, limit, duration=min(MAX_FRAME_MS, round(1000 * count / fps / len(images))))


def contact_sheet(
    images: Sequence[tuple[str, NDArray[np.uint8]]], *, limit: int = LIMIT, columns: int | None = None
) -> bytes:
    """Make one image of many: a grid of thumbnails with a label under each.

    Args:
        images: labels and uint8 RGB images of shape (H, W, 3). The first one's aspect is that of every tile;
            beyond 60 images the last tile says how many are not shown.
        limit: bytes that the result stays within.
        columns: tiles in a row; by default the sheet is about as wide as it is high.

    Returns:
        A WebP.

    Raises:
        ValueError: there are no images, or nothing fits into the limit.
    """
    if not images:
        raise ValueError("a contact sheet has at least one image")
    tiles = list(images)
    if len(tiles) > MAX_TILES:
        hidden = len(tiles) - MAX_TILES + 1
        blank = np.full((*tiles[0][1].shape[:2], 3), BACKGROUND, np.uint8)
        tiles[MAX_TILES - 1 :] = [(f"and {hidden:,} more", blank)]
    tile_height = round(TILE_WIDTH * min(2.0, tiles[0][1].shape[0] / tiles[0][1].shape[1])) or 1
    cell_width, cell_height = TILE_WIDTH + GAP, tile_height + LABEL_HEIGHT + GAP
    columns = columns or math.ceil(math.sqrt(len(tiles) * cell_height / cell_width))
    columns = min(len(tiles), max(columns, math.ceil(len(tiles) / MAX_ROWS)))
    rows = math.ceil(len(tiles) / columns)
    sheet = Image.new("RGB", (columns * cell_width + GAP, rows * cell_height + GAP), BACKGROUND)
    draw = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(FONT_SIZE)
    for n, (label, image) in enumerate(tiles):
        left, top = GAP + n % columns * cell_width, GAP + n // columns * cell_height
        sheet.paste(Image.fromarray(letterbox(image, TILE_WIDTH, tile_height, BACKGROUND)), (left, top))
        draw.text((left, top + tile_height + 4), _label(label, font), TEXT, font)
    return _webp([sheet], limit)


def _label(text: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont) -> str:
    """Shorten a label to the width of a tile, in ASCII: the font that comes with Pillow has few other characters."""
    plain = " ".join(anyascii(text).split())
    if font.getlength(plain) <= TILE_WIDTH:
        return plain
    while plain and font.getlength(plain + "…") > TILE_WIDTH:
        plain = plain[:-1].rstrip()
    return plain + "…"


def _webp(frames: Sequence[Image.Image], limit: int, duration: int = 0) -> bytes:
    """Encode images as a WebP: at the best quality that fits, else as large as fits."""
    while True:
        for quality in QUALITIES:
            file = io.BytesIO()
            frames[0].save(
                file,
                format="WEBP",
                quality=quality,
                method=METHOD,
                save_all=len(frames) > 1,
                append_images=frames[1:],
                duration=duration,
                loop=0,
            )
            size = file.tell()
            if size <= limit:
                return file.getvalue()
        if frames[0].size == (1, 1):
            raise ValueError(f"no preview fits into {limit} bytes")
        scale = min(0.9, math.sqrt(limit / size))  # bytes grow about as the area does
        width, height = (max(1, int(side * scale)) for side in frames[0].size)
        frames = [frame.resize((width, height), Image.Resampling.LANCZOS) for frame in frames]
