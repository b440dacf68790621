"""What a drawing is painted on: flat shapes, gradients and light, larger than it so that edges become smooth."""

import math
from collections.abc import Callable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageDraw

from ttv_illustrations.palette import Color, mix

Point = tuple[float, float]

_OVERSAMPLING = 3.0
_MAX_PIXELS = 4_000_000
"""A larger illustration is painted at this size and enlarged: nothing on it is finer."""


def _ink(color: Color) -> tuple[int, int, int]:
    red, green, blue = (round(min(max(channel, 0.0), 255.0)) for channel in color)
    return red, green, blue


class Canvas:
    """An image in the making. Lengths are in its own pixels: `w`, `h`, and `u`, the shorter of the two.

    Attributes:
        w: Width.
        h: Height.
        u: The shorter side: what sizes are measured by.
        random: The seeded_rng of this illustration.
    """

    def __init__(self, width: int, height: int, random: np.random.Generator) -> None:
        """An empty canvas for an illustration of `width` x `height` pixels."""
        self._size = (width, height)
        scale = min(_OVERSAMPLING, math.sqrt(_MAX_PIXELS / (width * height)))
        self.image = Image.new("RGB", (max(round(width * scale), 1), max(round(height * scale), 1)))
        self.w, self.h = map(float, self.image.size)
        self.u = min(self.w, self.h)
        self.random = random

    def gradient(self, stops: Sequence[Color], top: float = 0.0, bottom: float | None = None) -> None:
        """Fill the full width from `top` to `bottom` with evenly spaced colors."""
        end = self.h if bottom is None else bottom
        self.polygon([(0, top), (self.w, top), (self.w, end), (0, end)], *stops)

    def polygon(self, points: Sequence[Point], *stops: Color, alpha: float = 1.0, fade: bool = False) -> None:
        """Fill a shape with one color, or several from its top to its bottom; `fade` thins it out downwards."""
        box = self._box(points)
        if box is None:
            return
        left, top, right, bottom = box
        if len(stops) == 1 and alpha >= 1.0 and not fade:
            ImageDraw.Draw(self.image).polygon(list(points), fill=_ink(stops[0]))
            return
        mask = Image.new("L", (right - left, bottom - top))
        moved = [(x - left, y - top) for x, y in points]
        ImageDraw.Draw(mask).polygon(moved, fill=round(255 * alpha))
        highest, lowest = min(y for _, y in points), max(y for _, y in points)
        where = (np.arange(top, bottom) + 0.5 - highest) / max(lowest - highest, 1e-9)
        if fade:
            thin = Image.fromarray((255 * np.clip(1 - where, 0, 1) ** 1.3).astype(np.uint8)[:, None])
            mask = ImageChops.multiply(mask, thin.resize(mask.size))
        self.image.paste(_column(stops, where).resize(mask.size), (left, top), mask)

    def blob(self, points: Sequence[Point], *stops: Color) -> None:
        """A shape with a smooth outline through `points`."""
        ring = np.array([points[-1], *points, *points[:2]])
        part = np.linspace(0, 1, 10, endpoint=False)[:, None]
        outline = [
            0.5 * (2 * b + (c - a) * part + (2 * a - 5 * b + 4 * c - d) * part**2 + (3 * b - a - 3 * c + d) * part**3)
            for a, b, c, d in zip(ring[:-3], ring[1:-2], ring[2:-1], ring[3:], strict=True)
        ]
        self.polygon([(x, y) for x, y in np.concatenate(outline).tolist()], *stops)

    def disc(self, x: float, y: float, radius: float, color: Color, squeeze: float = 1.0, alpha: float = 1.0) -> None:
        """A filled circle, or an ellipse `squeeze` times as high as wide."""
        tall = radius * squeeze
        if alpha >= 1.0:
            ImageDraw.Draw(self.image).ellipse((x - radius, y - tall, x + radius, y + tall), fill=_ink(color))
        else:
            turns = np.linspace(0, math.tau, 73)
            self.polygon(path(x + radius * np.cos(turns), y + tall * np.sin(turns)), color, alpha=alpha)

    def limb(self, joints: Sequence[Point], widths: Sequence[float], color: Color) -> None:
        """A rounded, tapering stroke along `joints`, as wide at each as `widths` says."""
        for (x, y), width in zip(joints, widths, strict=True):
            self.disc(x, y, width / 2, color)
        for ((ax, ay), a), ((bx, by), b) in zip(
            zip(joints[:-1], widths[:-1], strict=True), zip(joints[1:], widths[1:], strict=True), strict=True
        ):
            away = math.hypot(bx - ax, by - ay) or 1.0
            nx, ny = (ay - by) / away / 2, (bx - ax) / away / 2
            sides = [(ax + nx * a, ay + ny * a), (bx + nx * b, by + ny * b), (bx - nx * b, by - ny * b)]
            self.polygon([*sides, (ax - nx * a, ay - ny * a)], color)

    def rectangle(self, x: float, y: float, width: float, height: float, *stops: Color, alpha: float = 1.0) -> None:
        """An upright rectangle from its upper left corner."""
        self.polygon([(x, y), (x + width, y), (x + width, y + height), (x, y + height)], *stops, alpha=alpha)

    def glow(self, x: float, y: float, radius: float, color: Color, strength: float, squeeze: float = 1.0) -> None:
        """Light that falls off from a point."""
        tall = radius * squeeze
        box = self._box([(x - radius, y - tall), (x + radius, y + tall)])
        if box is None:
            return
        left, top, right, bottom = box
        # Light has no edges: a coarse grid, enlarged, is the same image for a tenth of the work.
        across = (np.linspace(left, right, 96) - x) / radius
        down = (np.linspace(top, bottom, 96) - y) / tall
        fall = np.clip(1 - np.hypot(across[None, :], down[:, None]), 0, 1) ** 2
        mask = Image.fromarray((255 * strength * fall).astype(np.uint8))
        mask = mask.resize((right - left, bottom - top), Image.Resampling.BICUBIC)
        self.image.paste(_ink(color), (left, top, right, bottom), mask)

    def land(self, tops: NDArray[np.float64], *stops: Color, alpha: float = 1.0) -> None:
        """Everything below a skyline; `tops` are its heights, evenly spaced from the left edge to the right."""
        outline = path(np.linspace(-1, self.w + 1, len(tops)), tops)
        self.polygon([*outline, (self.w + 1, self.h + 1), (-1, self.h + 1)], *stops, alpha=alpha)

    def skyline(
        self, level: float, swing: float, waves: float, octaves: int = 4, rough: float = 0.5
    ) -> NDArray[np.float64]:
        """The heights of rolling land around `level`: `waves` hills across, up to `swing` higher or lower."""
        places = np.linspace(0, 1, 400)
        heights = np.zeros_like(places)
        size = total = 1.0
        for octave in range(octaves):
            knots = max(int(waves * 2**octave), 1) + 3
            values = self.random.uniform(-1, 1, knots)
            where = places * (knots - 3) + self.random.uniform(0, 1)
            left = where.astype(int)
            part = where - left
            part = part * part * (3 - 2 * part)
            heights += size * (values[left] * (1 - part) + values[left + 1] * part)
            total += size if octave else 0.0
            size *= rough
        found: NDArray[np.float64] = level + swing * heights / total
        return found

    def between(self, low: float, high: float) -> float:
        """A random number."""
        return float(self.random.uniform(low, high))

    def finished(self) -> NDArray[np.uint8]:
        """The illustration: smooth, with a vignette and the grain of print; uint8 RGB of shape (height, width, 3)."""
        width, height = self._size
        small = self.image.resize(self._size, Image.Resampling.LANCZOS)
        across, down = np.linspace(-1, 1, width) ** 2, np.linspace(-1, 1, height) ** 2
        falloff = (1.0 - 0.13 * np.clip(across[None, :] + down[:, None] - 0.35, 0, None)).astype(np.float32)
        grain = self.random.standard_normal((height, width), dtype=np.float32)
        pixels = np.asarray(small, dtype=np.float32) * falloff[:, :, None] + 2.0 * grain[:, :, None]
        printed: NDArray[np.uint8] = np.clip(pixels + 0.5, 0, 255).astype(np.uint8)
        return printed

    def _box(self, points: Iterable[Point]) -> tuple[int, int, int, int] | None:
        """The pixels that a shape touches; None where it is out of sight."""
        xs, ys = zip(*points, strict=True)
        left, top = max(math.floor(min(xs)), 0), max(math.floor(min(ys)), 0)
        right, bottom = (
            min(math.ceil(max(xs)) + 1, self.image.width),
            min(math.ceil(max(ys)) + 1, self.image.height),
        )
        return (left, top, right, bottom) if left < right and top < bottom else None


def _column(stops: Sequence[Color], where: NDArray[np.float64]) -> Image.Image:
    """One column of pixels: the colors of a gradient at `where`, 0 to 1."""
    at = np.linspace(0, 1, max(len(stops), 2))
    table = np.array([*stops, *stops][: len(at)] if len(stops) == 1 else stops, dtype=np.float64)
    column = np.stack([np.interp(where, at, table[:, channel]) for channel in range(3)], axis=-1)
    return Image.fromarray(np.clip(column + 0.5, 0, 255).astype(np.uint8)[:, None, :])


def path(xs: NDArray[np.float64], ys: NDArray[np.float64]) -> list[Point]:
    """The points of a line."""
    return list(zip(xs.tolist(), ys.tolist(), strict=True))


def local(x: float, y: float, size: float, facing: int) -> Callable[[float, float], Point]:
    """Points of a figure that stands at (x, y): so many of its sizes forwards and up."""
    return lambda forward, up: (x + facing * forward * size, y - up * size)


def haze(near: Color, far: Color, depth: float) -> Color:
    """`near` seen from `depth` (0 here, 1 at the horizon) through air of color `far`."""
    return mix(near, far, max(depth, 0.0) ** 0.75)
