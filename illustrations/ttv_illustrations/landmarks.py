"""Buildings that stand out in a landscape."""

import numpy as np

from ttv_illustrations.canvas import Canvas
from ttv_illustrations.palette import Color, mix


def castle(c: Canvas, x: float, foot: float, tall: float, stone: Color, roof: Color, pane: Color) -> None:
    """A castle with three towers."""
    c.rectangle(x - 0.42 * tall, foot - 0.36 * tall, 0.84 * tall, 0.40 * tall, stone, mix(stone, (20, 20, 40), 0.2))
    for share in np.arange(-0.42, 0.40, 0.07).tolist():
        c.rectangle(x + share * tall, foot - 0.39 * tall, 0.04 * tall, 0.05 * tall, stone)
    for across, high, wide in ((-0.42, 0.62, 0.17), (0.40, 0.56, 0.17), (-0.02, 0.84, 0.22)):
        left, top = x + (across - wide / 2) * tall, foot - high * tall
        c.rectangle(
            left,
            top,
            wide * tall,
            (high + 0.04) * tall,
            mix(stone, (255, 250, 240), 0.08),
            mix(stone, (20, 20, 40), 0.2),
        )
        c.polygon(
            [
                (left - 0.025 * tall, top),
                (left + wide * tall / 2, top - wide * 1.5 * tall),
                (left + (wide + 0.025) * tall, top),
            ],
            roof,
        )
        c.rectangle(left + wide * 0.42 * tall, top + 0.08 * tall, wide * 0.16 * tall, 0.07 * tall, pane)
    c.limb([(x, foot), (x, foot - 0.1 * tall)], [0.13 * tall] * 2, mix(stone, (20, 20, 40), 0.6))


def lighthouse(c: Canvas, x: float, foot: float, tall: float, lamp: Color, shade: Color) -> None:
    """A lighthouse with its beam."""

    def half(share: float) -> float:
        return tall * (0.085 - 0.035 * share)

    for side in (-1, 1):
        c.polygon(
            [
                (x, foot - 0.9 * tall),
                (x + side * 2.4 * tall, foot - 1.22 * tall),
                (x + side * 2.4 * tall, foot - 0.72 * tall),
            ],
            lamp,
            alpha=0.16,
        )
    for index in range(5):
        low, high = index * 0.16, (index + 1) * 0.16
        tone = mix((206, 70, 58) if index % 2 else (244, 238, 226), shade, 0.3)
        c.polygon(
            [
                (x - half(low), foot - low * tall),
                (x + half(low), foot - low * tall),
                (x + half(high), foot - high * tall),
                (x - half(high), foot - high * tall),
            ],
            tone,
        )
    c.rectangle(x - 0.065 * tall, foot - 0.82 * tall, 0.13 * tall, 0.025 * tall, shade)
    c.glow(x, foot - 0.88 * tall, 0.5 * tall, lamp, 0.8)
    c.rectangle(x - 0.038 * tall, foot - 0.93 * tall, 0.076 * tall, 0.11 * tall, mix(lamp, (255, 255, 255), 0.4))
    c.polygon(
        [(x - 0.055 * tall, foot - 0.93 * tall), (x, foot - 1.02 * tall), (x + 0.055 * tall, foot - 0.93 * tall)],
        mix((206, 70, 58), shade, 0.35),
    )
