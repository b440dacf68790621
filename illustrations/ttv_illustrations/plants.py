"""Trees, grass and flowers."""

import math

import numpy as np
from numpy.typing import NDArray

from ttv_illustrations.canvas import Canvas, haze
from ttv_illustrations.palette import Color, Light, lit, mix
from ttv_illustrations.scene import Scene


def conifer(c: Canvas, x: float, foot: float, tall: float, color: Color, snow: Color | None = None) -> None:
    """A fir: three skirts on a trunk."""
    wide = tall * 0.21
    c.rectangle(x - tall * 0.018, foot - tall * 0.12, tall * 0.036, tall * 0.12, mix(color, (20, 12, 10), 0.4))
    for low, high, share in ((0.08, 0.52, 1.0), (0.32, 0.76, 0.74), (0.56, 1.0, 0.48)):
        left, right = (x - wide * share, foot - tall * low), (x + wide * share, foot - tall * low)
        top = (x, foot - tall * high)
        c.polygon([left, (x, foot - tall * (low - 0.03)), right, top], color)
        if snow is not None:
            c.polygon(
                [
                    top,
                    (x - wide * share * 0.62, foot - tall * (low + 0.17)),
                    (x - wide * share * 0.2, foot - tall * (low + 0.2)),
                    (x + wide * 0.1, foot - tall * (low + 0.15)),
                    (x + wide * share * 0.55, foot - tall * (low + 0.2)),
                ],
                snow,
            )


def firs_along(c: Canvas, tops: NDArray[np.float64], count: int, tall: float, tone: Color, snow: Color | None) -> None:
    """Firs along a skyline."""
    for x in np.sort(c.random.uniform(-0.02, 1.02, count)).tolist():
        row = int(min(max(x, 0), 1) * (len(tops) - 1))
        conifer(c, x * c.w, float(tops[row]) + tall * 0.08, tall * c.between(0.6, 1.15), tone, snow)


def round_tree(c: Canvas, x: float, foot: float, tall: float, color: Color, lighter: Color) -> None:
    """A broad-leaved tree with a lit side."""
    c.limb([(x, foot), (x, foot - tall * 0.5)], [tall * 0.07, tall * 0.045], mix(color, (40, 24, 20), 0.6))
    for dx, dy, r in ((0, 0.66, 0.25), (-0.17, 0.54, 0.18), (0.17, 0.55, 0.19), (0.02, 0.82, 0.17)):
        c.disc(x + dx * tall, foot - dy * tall, r * tall, color)
    for dx, dy, r in ((-0.08, 0.74, 0.13), (-0.2, 0.58, 0.09), (0.1, 0.62, 0.09)):
        c.disc(x + dx * tall, foot - dy * tall, r * tall, lighter)


def acacia(c: Canvas, x: float, foot: float, tall: float, color: Color) -> None:
    """The flat-topped tree of a savanna."""
    bark = mix(color, (40, 26, 18), 0.5)
    fork = (x + tall * 0.04, foot - tall * 0.45)
    c.limb([(x, foot), fork], [tall * 0.07, tall * 0.045], bark)
    for dx, dy in ((-0.34, 0.82), (-0.1, 0.86), (0.16, 0.88), (0.38, 0.8)):
        c.limb([fork, (x + dx * tall, foot - dy * tall)], [tall * 0.04, tall * 0.016], bark)
    for dx, dy, r in ((-0.3, 0.86, 0.3), (0.3, 0.85, 0.31), (0.02, 0.93, 0.34)):
        c.disc(x + dx * tall, foot - dy * tall, r * tall, color, squeeze=0.3)


def trunk(c: Canvas, x: float, foot: float, thick: float, tone: Color, branches: bool = False) -> None:
    lean = c.between(-0.04, 0.04) * c.h
    c.polygon(
        [
            (x - thick * 0.75, foot),
            (x + thick * 0.75, foot),
            (x + thick * 0.4, foot - thick * 1.2),
            (x + thick * 0.34 + lean, -2),
            (x - thick * 0.34 + lean, -2),
            (x - thick * 0.4, foot - thick * 1.2),
        ],
        tone,
    )
    if branches:
        for _ in range(3):
            y, side = c.between(0.12, 0.5) * c.h, 1 if c.random.random() < 0.5 else -1
            at = x + lean * (1 - y / foot)
            c.limb(
                [(at, y), (at + side * thick * 1.6, y - thick * 0.9), (at + side * thick * 3, y - thick * 2.6)],
                [thick * 0.32, thick * 0.2, thick * 0.06],
                tone,
            )


def canopy(c: Canvas, dark: Color, lighter: Color) -> None:
    """Leaves that close the image at the top."""
    for tone, low, count in ((lighter, 0.13, 46), (dark, 0.07, 50)):
        for place in np.linspace(-0.03, 1.03, count).tolist():
            edge = 0.35 + 1.5 * (place - 0.5) ** 2
            for _ in range(2):
                c.disc(place * c.w, c.between(-0.03, low) * c.h * 2 * edge, c.u * c.between(0.02, 0.055), tone, 0.8)


def fern(c: Canvas, x: float, foot: float, tall: float, tone: Color) -> None:
    for angle in (-62, -34, -8, 22, 50):
        turn = math.radians(angle + c.between(-8, 8))
        tip = (x + tall * math.sin(turn), foot - tall * math.cos(turn))
        across = (0.12 * tall * math.cos(turn), 0.12 * tall * math.sin(turn))
        belly = (x + 0.5 * (tip[0] - x), foot + 0.5 * (tip[1] - foot))
        c.polygon(
            [
                (x, foot),
                (belly[0] - across[0], belly[1] - across[1]),
                tip,
                (belly[0] + across[0], belly[1] + across[1]),
            ],
            tone,
        )


def grass(c: Canvas, level: float, color: Color, tip: Color, tall: float) -> None:
    """Blades along a line, in front of everything."""
    for x in np.arange(0, c.w, c.u * 0.011).tolist():
        high, lean = tall * c.between(0.35, 1.0), c.between(-0.35, 0.35)
        root, half = x + c.between(-0.01, 0.01) * c.u, 0.0035 * c.u
        base = level + c.between(0, 0.03) * c.u
        c.polygon(
            [(root - half, base), (root + half, base), (root + lean * high, base - high)],
            mix(color, tip, c.between(0, 0.6)),
        )


def flowers(c: Canvas, scene: Scene, light: Light, horizon: float) -> None:
    sunflowers = scene.says("sunflowers?")
    petals = (
        [lit(color, light.tint) for color in scene.colors]
        or [lit((250, 196, 60), light.tint)] * (3 if sunflowers else 0)
        or [lit((238, 118, 104), light.tint), lit((250, 208, 92), light.tint), lit((236, 232, 240), light.tint)]
    )
    stem = mix(lit((72, 112, 58), light.tint), light.shade, 0.2)
    for depth in np.sort(c.random.uniform(0.05, 1, 240)).tolist():
        y = horizon + 0.03 * c.h + (c.h - horizon) * depth**1.6
        size = c.u * (0.004 + (0.036 if sunflowers else 0.014) * depth**1.5)
        x = c.between(-0.02, 1.02) * c.w
        if 0.34 < x / c.w < 0.66 and depth > 0.55:
            continue
        petal = haze(petals[int(c.random.integers(len(petals)))], light.sky[2], (1 - depth) * 0.5)
        if depth > 0.3:
            c.limb([(x, y + size * 4), (x, y)], [size * 0.4, size * 0.3], stem)
        if sunflowers and depth > 0.25:
            for turn in range(12):
                angle = turn * math.tau / 12
                c.disc(x + size * 0.8 * math.cos(angle), y + size * 0.8 * math.sin(angle), size * 0.36, petal)
            c.disc(x, y, size * 0.62, lit((92, 56, 34), light.tint))
        else:
            c.disc(x, y, size, petal, 0.75)
            c.disc(x - size * 0.2, y - size * 0.2, size * 0.4, mix(petal, light.sun, 0.5), 0.75)
