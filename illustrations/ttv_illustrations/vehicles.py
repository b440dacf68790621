"""What people ride and sail and fly."""

import math
from itertools import pairwise

import numpy as np

from ttv_illustrations.canvas import Canvas, local
from ttv_illustrations.palette import Color, mix

TYRE: Color = (34, 34, 42)


def _wheel(c: Canvas, x: float, y: float, radius: float) -> None:
    c.disc(x, y, radius, TYRE)
    c.disc(x, y, radius * 0.55, (176, 180, 186))
    c.disc(x, y, radius * 0.2, TYRE)


def car(c: Canvas, x: float, foot: float, tall: float, paint: Color, glass: Color, facing: int, lamps: bool) -> None:
    """A car from the side, `tall` high to its roof."""
    at = local(x, foot, tall, facing)

    c.disc(x, foot, 1.55 * tall, mix(paint, (0, 0, 0), 0.8), 0.06, alpha=0.4)
    c.polygon([at(-0.98, 0.56), at(-0.78, 0.97), at(-0.6, 1.0), at(0.28, 1.0), at(0.44, 0.95), at(0.78, 0.58)], paint)
    c.polygon([at(-0.84, 0.6), at(-0.69, 0.9), at(-0.16, 0.9), at(-0.16, 0.6)], glass)
    c.polygon([at(-0.08, 0.6), at(-0.08, 0.9), at(0.30, 0.9), at(0.39, 0.86), at(0.60, 0.6)], glass)
    c.polygon([at(-0.5, 0.6), at(-0.32, 0.9), at(-0.2, 0.9), at(-0.38, 0.6)], mix(glass, (255, 255, 255), 0.35))
    c.polygon(
        [
            at(-1.3, 0.2),
            at(-1.34, 0.5),
            at(-1.26, 0.62),
            at(-0.9, 0.64),
            at(0.8, 0.62),
            at(1.22, 0.54),
            at(1.38, 0.42),
            at(1.4, 0.2),
        ],
        mix(paint, (255, 255, 255), 0.12),
        mix(paint, (0, 0, 0), 0.3),
    )
    c.polygon([at(-1.33, 0.30), at(1.4, 0.30), at(1.4, 0.2), at(-1.3, 0.2)], mix(paint, (10, 10, 20), 0.55))
    for wheel in (-0.82, 0.86):
        c.disc(*at(wheel, 0.24), 0.30 * tall, mix(paint, (10, 10, 20), 0.7))
        _wheel(c, *at(wheel, 0.22), 0.235 * tall)
    c.disc(*at(1.30, 0.45), 0.065 * tall, (255, 244, 206), 0.8)
    c.disc(*at(-1.29, 0.48), 0.05 * tall, (214, 58, 48), 1.2)
    if lamps:
        c.glow(*at(1.4, 0.44), 0.9 * tall, (255, 236, 180), 0.6, 0.6)


def truck(c: Canvas, x: float, foot: float, tall: float, paint: Color, glass: Color, facing: int, lamps: bool) -> None:
    """A van or a bus from the side."""
    at = local(x, foot, tall, facing)

    c.disc(x, foot, 1.3 * tall, mix(paint, (0, 0, 0), 0.8), 0.06, alpha=0.4)
    c.polygon(
        [
            at(-1.15, 0.16),
            at(-1.15, 0.92),
            at(-1.08, 1.0),
            at(0.82, 1.0),
            at(0.95, 0.94),
            at(1.14, 0.56),
            at(1.18, 0.48),
            at(1.18, 0.16),
        ],
        mix(paint, (255, 255, 255), 0.1),
        mix(paint, (0, 0, 0), 0.22),
    )
    c.polygon([at(0.5, 0.56), at(0.5, 0.88), at(0.86, 0.88), at(1.03, 0.56)], glass)
    for start in (-1.02, -0.52, -0.02):
        c.polygon([at(start, 0.58), at(start, 0.86), at(start + 0.4, 0.86), at(start + 0.4, 0.58)], glass)
    c.polygon([at(-1.15, 0.47), at(1.18, 0.47), at(1.18, 0.41), at(-1.15, 0.41)], mix(paint, (255, 250, 236), 0.7))
    for wheel in (-0.74, 0.76):
        _wheel(c, *at(wheel, 0.16), 0.17 * tall)
    c.disc(*at(1.13, 0.33), 0.05 * tall, (255, 244, 206))
    if lamps:
        c.glow(*at(1.2, 0.33), 0.7 * tall, (255, 236, 180), 0.6, 0.6)


def bicycle(c: Canvas, x: float, foot: float, tall: float, frame: Color, facing: int) -> None:
    """A bicycle; `tall` is the height of its rider, standing."""
    at = local(x, foot, tall, facing)

    radius, thick = 0.185, 0.018 * tall
    for hub in (-0.29, 0.30):
        ring = [
            at(hub + radius * math.cos(t), radius + radius * math.sin(t)) for t in np.linspace(0, math.tau, 40).tolist()
        ]
        c.limb(ring, [0.016 * tall] * 40, TYRE)
        for turn in range(6):
            angle = turn * math.pi / 6
            dx, dy = radius * math.cos(angle), radius * math.sin(angle)
            c.limb(
                [at(hub - dx, radius - dy), at(hub + dx, radius + dy)],
                [0.003 * tall] * 2,
                mix(TYRE, (220, 220, 220), 0.4),
            )
    crank, seat, stem = (0.0, 0.17), (-0.10, 0.44), (0.215, 0.45)
    for tube in (
        ((-0.29, radius), crank, seat, (-0.29, radius)),
        (seat, stem, crank),
        ((0.30, radius), stem, (0.20, 0.51), (0.26, 0.52)),
    ):
        c.limb([at(*point) for point in tube], [thick] * len(tube), frame)
    c.limb([at(-0.15, 0.465), at(-0.05, 0.46)], [0.03 * tall, 0.018 * tall], TYRE)


def boat(c: Canvas, x: float, level: float, size: float, hull: Color, sail: Color, facing: int) -> None:
    """A sailing boat on the water."""
    at = local(x, level, size, facing)

    c.disc(x, level + size * 0.03, size * 0.5, mix(hull, (0, 0, 0), 0.5), 0.09, alpha=0.45)
    c.polygon(
        [at(-0.40, 0.14), at(0.48, 0.18), at(0.34, -0.02), at(-0.32, -0.02)],
        mix(hull, (255, 255, 255), 0.1),
        mix(hull, (0, 0, 0), 0.3),
    )
    c.polygon([at(-0.40, 0.14), at(0.48, 0.18), at(0.46, 0.145), at(-0.4, 0.105)], (246, 240, 226))
    c.limb([at(0.02, 0.14), at(0.02, 1.06)], [0.022 * size, 0.012 * size], mix(hull, (60, 40, 30), 0.6))
    c.polygon([at(-0.01, 1.02), at(-0.01, 0.24), at(-0.40, 0.26), at(-0.22, 0.62)], sail)
    c.polygon([at(0.05, 0.96), at(0.05, 0.24), at(0.44, 0.24), at(0.26, 0.56)], mix(sail, (90, 90, 120), 0.14))


def plane(c: Canvas, x: float, y: float, size: float, paint: Color, facing: int) -> None:
    """An aeroplane from the side."""

    def at(forward: float, up: float) -> tuple[float, float]:
        return x + facing * forward * size, y - (up + forward * 0.12) * size

    c.polygon([at(-0.46, 0.05), at(-0.56, 0.28), at(-0.44, 0.28), at(-0.28, 0.06)], mix(paint, (206, 70, 60), 0.7))
    c.limb(
        [at(-0.46, 0.04), at(-0.2, 0.0), at(0.36, 0.0), at(0.48, -0.02)],
        [0.05 * size, 0.14 * size, 0.14 * size, 0.06 * size],
        paint,
    )
    c.polygon([at(0.12, -0.02), at(-0.16, -0.22), at(-0.28, -0.22), at(-0.1, -0.02)], mix(paint, (40, 50, 80), 0.35))
    c.polygon([at(-0.42, 0.03), at(-0.56, -0.05), at(-0.62, -0.05), at(-0.52, 0.04)], mix(paint, (40, 50, 80), 0.3))
    for window in range(7):
        c.disc(*at(-0.18 + 0.075 * window, 0.02), 0.012 * size, (60, 86, 120))


def rocket(c: Canvas, x: float, y: float, size: float, paint: Color, accent: Color, facing: int) -> None:
    """A rocket on its way."""
    lean = math.radians(28) * facing

    def at(across: float, up: float) -> tuple[float, float]:
        return x + size * (across * math.cos(lean) + up * math.sin(lean)), y - size * (
            up * math.cos(lean) - across * math.sin(lean)
        )

    c.glow(*at(0, -0.62), 0.5 * size, (255, 176, 84), 0.8)
    c.polygon([at(-0.09, -0.42), at(0, -0.95), at(0.09, -0.42)], (255, 236, 180), (248, 140, 60))
    for side in (-1, 1):
        c.polygon([at(side * 0.12, -0.15), at(side * 0.27, -0.46), at(side * 0.1, -0.40)], accent)
    body = [(0.0, 0.56), (0.07, 0.42), (0.125, 0.2), (0.13, -0.05), (0.10, -0.42)]
    c.polygon([at(a, u) for a, u in body] + [at(-a, u) for a, u in reversed(body)], paint)
    c.polygon(
        [at(a, u) for a, u in body] + [at(a * 0.35, u) for a, u in reversed(body)], mix(paint, (40, 50, 90), 0.25)
    )
    c.polygon([at(0.0, 0.56), at(0.07, 0.42), at(0.095, 0.32), at(-0.095, 0.32), at(-0.07, 0.42)], accent)
    c.disc(*at(0, 0.12), 0.062 * size, accent)
    c.disc(*at(0, 0.12), 0.044 * size, (120, 200, 222))


def balloon(c: Canvas, x: float, y: float, size: float, one: Color, other: Color) -> None:
    """A hot-air balloon."""
    turns = np.linspace(-1, 1, 9)
    bottom = y + size * 0.56

    def edge(share: float) -> list[tuple[float, float]]:
        points = []
        for t in np.linspace(0, 1, 24).tolist():
            angle = math.pi * t
            half = math.sin(angle) * (1 - 0.42 * max(t - 0.5, 0) * 2 * t)
            points.append((x + share * size * 0.46 * half, y - size * 0.46 * math.cos(angle)))
        return points

    for index, (a, b) in enumerate(pairwise(turns.tolist())):
        tone = one if index % 2 else other
        c.polygon(
            [*edge(math.sin(a * math.pi / 2)), *reversed(edge(math.sin(b * math.pi / 2)))],
            mix(tone, (255, 250, 236), 0.15),
            mix(tone, (30, 20, 50), 0.2 + 0.02 * index),
        )
    for side in (-1, 1):
        c.limb([(x + side * size * 0.07, y + size * 0.44), (x + side * size * 0.05, bottom)], [size * 0.008] * 2, TYRE)
    c.rectangle(x - size * 0.065, bottom, size * 0.13, size * 0.10, (150, 100, 62), (104, 66, 44))
