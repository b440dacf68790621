"""What landscapes share: the season, roads, rocks, and light on water."""

import math

import numpy as np

from ttv_illustrations.canvas import Canvas, haze
from ttv_illustrations.ground import Ground
from ttv_illustrations.palette import Color, Light, lit, mix
from ttv_illustrations.scene import Scene

SNOW: Color = (240, 244, 248)


def in_snow(scene: Scene) -> bool:
    return scene.says("snow|snowy|winter|wintry|ice|icy|frozen|arctic|glacier|snowfall")


def road(c: Canvas, light: Light, horizon: float, dirt: bool) -> None:
    """A road that winds from the foot of the image to the horizon."""
    surface = lit((178, 140, 102) if dirt else (98, 100, 106), light.tint)
    middle, swing = (
        c.w * c.between(0.42, 0.58),
        c.w * c.between(0.10, 0.18) * (1 if c.random.random() < 0.5 else -1),
    )

    def at(depth: float) -> tuple[float, float, float]:
        y = c.h + (horizon - c.h) * depth
        near = (1 - depth) ** 1.7
        return middle + swing * math.sin(3.6 * depth + 0.6) * (0.25 + near), y, c.u * (0.46 * near + 0.006)

    slices = [at(depth) for depth in np.linspace(0, 1, 40).tolist()]
    edge = [(x - half, y) for x, y, half in slices] + [(x + half, y) for x, y, half in reversed(slices)]
    c.polygon(edge, haze(surface, light.sky[2], 0.7), mix(surface, light.shade, 0.25))
    if not dirt:
        for start in np.linspace(0.02, 0.8, 9).tolist():
            (ax, ay, a), (bx, by, b) = at(start), at(start + 0.045)
            c.polygon(
                [(ax - a * 0.035, ay), (ax + a * 0.035, ay), (bx + b * 0.035, by), (bx - b * 0.035, by)],
                mix(surface, (250, 244, 226), 0.75),
            )


def crag(c: Canvas, light: Light, sun: float) -> Ground:
    """A rock in the foreground for someone to stand on."""
    side = 1 if c.random.random() < 0.5 else -1
    rock, top = mix(light.shade, lit((112, 104, 104), light.tint), 0.3), c.h * 0.72
    edge = c.w * (0.5 + 0.06 * side)

    def x(share: float) -> float:
        return edge + side * share * c.u

    c.polygon(
        [
            (x(-0.16), top + 0.02 * c.h),
            (x(-0.1), top - 0.004 * c.h),
            (x(0.12), top),
            (x(0.3), top - 0.01 * c.h),
            (x(2.2), top - 0.06 * c.h),
            (x(2.2), c.h + 2),
            (x(0.1), c.h + 2),
            (x(0.04), c.h * 0.9),
            (x(-0.05), c.h * 0.83),
            (x(-0.06), c.h * 0.78),
        ],
        mix(rock, light.sky[2], 0.12),
        rock,
    )
    c.polygon(
        [
            (x(-0.16), top + 0.02 * c.h),
            (x(-0.1), top - 0.004 * c.h),
            (x(0.12), top),
            (x(0.3), top - 0.01 * c.h),
            (x(2.2), top - 0.06 * c.h),
            (x(2.2), top - 0.03 * c.h),
            (x(0.3), top + 0.018 * c.h),
            (x(0.1), top + 0.022 * c.h),
        ],
        mix(rock, light.sky[2], 0.4),
    )
    return Ground(top + 0.006 * c.h, x=x(0.02) / c.w, tall=0.34, sun=sun / c.w)


def water_color(scene: Scene, light: Light) -> Color:
    blues = [color for color in scene.colors if color[2] > color[0] + 30]
    return lit(blues[0] if blues else (46, 122, 142), light.tint)


def glitter(c: Canvas, x: float, horizon: float, bottom: float, light: Light, dark: Color) -> None:
    """The reflection of the light, and waves that grow towards the viewer."""
    for depth in np.linspace(0.02, 1, 46).tolist():
        y = horizon + (bottom - horizon) * depth**1.5
        thick = c.u * (0.0012 + 0.006 * depth)
        for _ in range(3):
            at, half = c.between(0, c.w), c.u * (0.02 + 0.10 * depth) * c.between(0.4, 1)
            c.disc(at, y, half, dark, squeeze=thick / half, alpha=0.35)
        for _ in range(2):
            spread = c.u * (0.035 + 0.13 * depth)
            at, half = x + c.between(-1, 1) * spread, c.u * (0.014 + 0.05 * depth) * c.between(0.4, 1)
            c.disc(at, y, half, light.sun, squeeze=thick / half, alpha=0.8 * (1 - 0.5 * depth))
