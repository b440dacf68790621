"""What people hold."""

import math

import numpy as np

from ttv_illustrations.canvas import Canvas, local
from ttv_illustrations.palette import Color, mix
from ttv_illustrations.vehicles import TYRE


def umbrella(c: Canvas, x: float, foot: float, tall: float, cloth: Color) -> None:
    """An umbrella over someone `tall` high."""
    top, wide = foot - 1.22 * tall, 0.27 * tall
    c.limb([(x, top), (x, foot - 0.62 * tall)], [0.014 * tall] * 2, TYRE)
    level = top + 0.17 * tall
    dome = [(x + wide * math.cos(t), level - 0.19 * tall * math.sin(t)) for t in np.linspace(0, math.pi, 30).tolist()]
    scallops = [
        (x + wide * share, level - 0.022 * tall * abs(math.sin(2 * math.pi * share)))
        for share in np.linspace(-1, 1, 33).tolist()
    ]
    c.polygon([*dome, *scallops], mix(cloth, (255, 255, 255), 0.12), mix(cloth, (0, 0, 0), 0.15))


def saxophone(c: Canvas, x: float, foot: float, tall: float, facing: int) -> None:
    """A saxophone at the mouth of a player, `tall` high, whose feet are at (x, foot)."""
    brass: Color = (232, 178, 72)
    path = (
        (0.055, 0.885),
        (0.10, 0.905),
        (0.125, 0.87),
        (0.17, 0.62),
        (0.205, 0.545),
        (0.255, 0.575),
        (0.275, 0.67),
    )
    widths = (0.012, 0.014, 0.018, 0.034, 0.044, 0.058, 0.098)
    c.limb(
        [(x + facing * forward * tall, foot - up * tall) for forward, up in path],
        [width * tall for width in widths],
        brass,
    )
    c.disc(x + facing * 0.278 * tall, foot - 0.685 * tall, 0.046 * tall, mix(brass, (60, 30, 10), 0.5), 0.4)


def trombone(c: Canvas, x: float, foot: float, tall: float, facing: int) -> None:
    """A trumpet or a trombone at the mouth of a player."""
    brass: Color = (238, 190, 88)

    at = local(x, foot, tall, facing)

    for drop in (0.0, 0.05):
        c.limb([at(0.06, 0.885 - drop), at(0.46, 0.83 - drop)], [0.014 * tall] * 2, brass)
    c.polygon([at(0.34, 0.87), at(0.5, 0.93), at(0.5, 0.80)], brass)


def guitar(c: Canvas, x: float, foot: float, tall: float, facing: int) -> None:
    """A guitar, or anything with strings, before a player."""
    wood: Color = (196, 112, 58)

    at = local(x, foot, tall, facing)

    c.limb([at(0.0, 0.56), at(0.36, 0.72)], [0.03 * tall, 0.024 * tall], mix(wood, (40, 20, 20), 0.6))
    c.disc(*at(-0.06, 0.535), 0.1 * tall, wood)
    c.disc(*at(0.045, 0.58), 0.075 * tall, wood)
    c.disc(*at(0.0, 0.56), 0.035 * tall, mix(wood, (30, 10, 10), 0.7))
