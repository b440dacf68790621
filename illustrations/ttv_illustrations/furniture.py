"""What stands along the wall of a room."""

import math

import numpy as np

from ttv_illustrations.canvas import Canvas
from ttv_illustrations.palette import Color, Light, lit, mix
from ttv_illustrations.tones import BRIGHTS, WALLS, one_of


def living_room(c: Canvas, light: Light, wall: Color, side: int, level: float) -> None:
    """A sofa or a sideboard, images and a plant."""
    x = c.w * (0.5 + side * 0.28)
    for dx, dy, w, h in ((-0.13, 0.17, 0.13, 0.17), (0.04, 0.15, 0.17, 0.11), (0.04, 0.29, 0.1, 0.12)):
        left, top = x + dx * c.u, dy * c.h
        c.rectangle(left, top, w * c.u, h * c.h * 1.2, mix(wall, light.shade, 0.55))
        tone = mix(lit(one_of(c, BRIGHTS), light.tint), wall, 0.35)
        c.rectangle(
            left + 0.008 * c.u,
            top + 0.008 * c.u,
            w * c.u - 0.016 * c.u,
            h * c.h * 1.2 - 0.016 * c.u,
            mix(wall, (255, 250, 240), 0.5),
            tone,
        )
    body = mix(
        lit(one_of(c, ((64, 110, 118), (186, 96, 74), (214, 160, 84), (92, 92, 134))), light.tint),
        light.shade,
        0.15,
    )
    left, wide = x - 0.26 * c.u, 0.52 * c.u
    top = level - 0.15 * c.u
    c.limb(
        [(left + 0.03 * c.u, top + 0.03 * c.u), (left + wide - 0.03 * c.u, top + 0.03 * c.u)],
        [0.09 * c.u] * 2,
        mix(body, light.shade, 0.15),
    )
    c.rectangle(left, top + 0.03 * c.u, wide, 0.12 * c.u, mix(body, light.shade, 0.15))
    c.limb(
        [(left + 0.06 * c.u, top + 0.115 * c.u), (left + wide - 0.06 * c.u, top + 0.115 * c.u)],
        [0.055 * c.u] * 2,
        body,
    )
    for end in (left - 0.005 * c.u, left + wide + 0.005 * c.u):
        c.limb([(end, top + 0.075 * c.u), (end, top + 0.155 * c.u)], [0.055 * c.u] * 2, mix(body, light.sun, 0.08))
    for end in (left + 0.03 * c.u, left + wide - 0.03 * c.u):
        c.rectangle(end - 0.006 * c.u, top + 0.17 * c.u, 0.012 * c.u, 0.045 * c.u, light.shade)
    _plant(c, light, x + side * 0.36 * c.u, level + 0.05 * c.u, 0.3 * c.u)


def _plant(c: Canvas, light: Light, x: float, foot: float, tall: float) -> None:
    leaf = lit((66, 122, 84), light.tint)
    for angle in (-58, -34, -12, 12, 36, 60):
        turn = math.radians(angle + c.between(-6, 6))
        tip = (x + tall * 0.8 * math.sin(turn), foot - tall * 0.25 - tall * 0.75 * math.cos(turn))
        root = (x, foot - tall * 0.25)
        mid = ((root[0] + tip[0]) / 2, (root[1] + tip[1]) / 2)
        across = (0.075 * tall * math.cos(turn), 0.075 * tall * math.sin(turn))
        c.polygon(
            [root, (mid[0] - across[0], mid[1] - across[1]), tip, (mid[0] + across[0], mid[1] + across[1])],
            mix(leaf, light.shade, 0.35 * c.between(0, 1)),
        )
    pot = lit((206, 120, 86), light.tint)
    c.polygon(
        [
            (x - tall * 0.16, foot - tall * 0.3),
            (x + tall * 0.16, foot - tall * 0.3),
            (x + tall * 0.11, foot),
            (x - tall * 0.11, foot),
        ],
        pot,
        mix(pot, light.shade, 0.3),
    )


def kitchen(c: Canvas, light: Light, wall: Color, side: int, level: float) -> None:
    """Cupboards above, a counter with a stove below, tiles between."""
    start = c.w * 0.46 if side > 0 else -0.1 * c.w
    wide = c.w * 0.64
    front = lit(one_of(c, ((96, 146, 142), (226, 196, 140), (206, 112, 88), (122, 142, 172))), light.tint)
    top = mix(front, (255, 250, 240), 0.72)
    tile = mix(wall, (255, 252, 246), 0.4)
    c.rectangle(start, c.h * 0.34, wide, level - c.h * 0.34 - 0.2 * c.h, tile)
    for y in np.arange(c.h * 0.36, level - 0.2 * c.h, 0.035 * c.u).tolist():
        c.rectangle(start, y, wide, 0.002 * c.u, mix(tile, light.shade, 0.14))
    step = 0.17 * c.u
    for index, x in enumerate(np.arange(start, start + wide, step).tolist()):
        c.rectangle(x + 0.004 * c.u, c.h * 0.08, step - 0.008 * c.u, c.h * 0.24, front, mix(front, light.shade, 0.12))
        c.disc(x + step * (0.86 if index % 2 else 0.14), c.h * 0.29, 0.006 * c.u, top)
        c.rectangle(
            x + 0.004 * c.u,
            level - 0.2 * c.h,
            step - 0.008 * c.u,
            0.235 * c.h,
            front,
            mix(front, light.shade, 0.22),
        )
        c.disc(x + step * 0.5, level - 0.17 * c.h, 0.006 * c.u, top)
    c.rectangle(start - 0.02 * c.u, level - 0.225 * c.h, wide + 0.04 * c.u, 0.03 * c.h, mix(top, light.shade, 0.05))
    board = level - 0.225 * c.h
    x = start + wide * (0.3 if side > 0 else 0.62)
    c.rectangle(x, board - 0.07 * c.u, 0.11 * c.u, 0.07 * c.u, lit((188, 84, 70), light.tint))
    c.rectangle(x - 0.012 * c.u, board - 0.082 * c.u, 0.134 * c.u, 0.014 * c.u, mix(light.shade, front, 0.3))
    for dx, tone in ((0.19, (232, 170, 76)), (0.24, (120, 160, 110)), (0.29, (226, 222, 206))):
        c.rectangle(x + dx * c.u, board - 0.055 * c.u, 0.036 * c.u, 0.055 * c.u, lit(tone, light.tint))
    for dx in (-0.2, -0.15, -0.1):
        c.limb(
            [(x + dx * c.u, c.h * 0.36), (x + dx * c.u, c.h * 0.36 + 0.06 * c.u)],
            [0.006 * c.u] * 2,
            mix(light.shade, front, 0.2),
        )
        c.disc(x + dx * c.u, c.h * 0.36 + 0.075 * c.u, 0.02 * c.u, mix(light.shade, front, 0.2))


def classroom(c: Canvas, light: Light, _wall: Color, side: int, level: float) -> None:
    """A chalkboard with sums, and a row of desks."""
    x, wide, tall = c.w * (0.40 if side > 0 else 0.06), c.w * 0.54, c.h * 0.40
    c.rectangle(
        x - 0.016 * c.u,
        c.h * 0.10 - 0.016 * c.u,
        wide + 0.032 * c.u,
        tall + 0.032 * c.u,
        lit((160, 108, 70), light.tint),
    )
    board = lit((52, 88, 76), light.tint)
    c.rectangle(x, c.h * 0.10, wide, tall, board, mix(board, light.shade, 0.25))
    chalk = mix(board, (246, 246, 236), 0.75)
    size = 0.075 * c.u
    for index, sign in enumerate("/+/=?"):
        at, y = x + wide * (0.14 + 0.18 * index), c.h * 0.10 + tall * 0.42
        thick = [0.008 * c.u] * 2
        if sign == "/":
            c.limb([(at - size * 0.8, y), (at + size * 0.8, y)], thick, chalk)
            for dy in (-0.75, 0.75):
                c.limb([(at, y + size * (dy - 0.42)), (at, y + size * (dy + 0.42))], thick, chalk)
        if sign in "+=":
            for dy in (0.0,) if sign == "+" else (-0.3, 0.3):
                c.limb([(at - size * 0.55, y + dy * size), (at + size * 0.55, y + dy * size)], thick, chalk)
        if sign == "+":
            c.limb([(at, y - size * 0.55), (at, y + size * 0.55)], thick, chalk)
        if sign == "?":
            turns = np.linspace(-2.6, 1.6, 12)
            c.limb(
                [(at + size * 0.5 * math.cos(t), y - size * 0.4 + size * 0.5 * math.sin(t)) for t in turns.tolist()]
                + [(at, y + size * 0.4)],
                [0.008 * c.u] * 13,
                chalk,
            )
            c.disc(at, y + size * 0.85, 0.008 * c.u, chalk)
    c.limb(
        [(x + wide * 0.1, c.h * 0.10 + tall * 0.86), (x + wide * 0.6, c.h * 0.10 + tall * 0.86)],
        [0.005 * c.u] * 2,
        mix(board, chalk, 0.6),
    )
    wood = mix(lit((196, 146, 96), light.tint), light.shade, 0.12)
    for place in (0.1, 0.32, 0.68, 0.9):
        left, desk = place * c.w - 0.1 * c.u, level - 0.03 * c.u
        for leg in (0.02, 0.17):
            c.rectangle(left + leg * c.u, desk, 0.01 * c.u, 0.12 * c.u, light.shade)
        c.rectangle(left, desk, 0.2 * c.u, 0.024 * c.u, wood, mix(wood, light.shade, 0.3))


def gym(c: Canvas, light: Light, wall: Color, side: int, level: float) -> None:
    """A rack with plates, a bench and a mirror wall."""
    steel = mix(light.shade, (120, 126, 136), 0.35)
    x = c.w * (0.5 + side * 0.22)
    c.rectangle(
        x - 0.42 * c.u,
        c.h * 0.16,
        0.84 * c.u,
        level - c.h * 0.22,
        mix(wall, light.sky[2], 0.45),
        mix(wall, light.sky[2], 0.25),
    )
    for dx in (-0.28, -0.02, 0.24):
        c.rectangle(x + dx * c.u, c.h * 0.2, 0.02 * c.u, level - c.h * 0.2 + 0.03 * c.u, steel)
    for y in (0.22, 0.45):
        c.rectangle(x - 0.36 * c.u, c.h * y, 0.70 * c.u, 0.014 * c.u, steel)
    for dx in (-0.34, 0.32):
        for size, tone in ((0.07, (206, 72, 62)), (0.055, (58, 60, 70)), (0.016, (160, 166, 176))):
            c.disc(x + dx * c.u, c.h * 0.457, size * c.u, lit(tone, light.tint))
    for row, y in enumerate((0.0, -0.07)):
        for index in range(5):
            at = x - 0.20 * c.u + index * 0.1 * c.u
            ball = lit(one_of(c, ((58, 60, 70), (226, 168, 66), (92, 98, 110))), light.tint)
            c.disc(at, level + 0.005 * c.u + y * c.u, 0.03 * c.u - row * 0.006 * c.u, ball)


def library(c: Canvas, light: Light, _wall: Color, side: int, level: float) -> None:
    """Shelves full of books."""
    start, wide = c.w * (0.5 if side > 0 else 0.0), c.w * 0.5
    wood = mix(lit((132, 88, 58), light.tint), light.shade, 0.1)
    c.rectangle(start, c.h * 0.04, wide, level - c.h * 0.04, mix(wood, light.shade, 0.5))
    for y in np.linspace(0.04 * c.h, level - 0.01 * c.h, 5).tolist():
        if y > 0.05 * c.h:
            at = start + 0.02 * c.u
            while at < start + wide - 0.03 * c.u:
                thick, tall = c.u * c.between(0.014, 0.03), c.h * c.between(0.09, 0.125)
                c.rectangle(
                    at,
                    y - tall,
                    thick * 0.9,
                    tall,
                    mix(lit(one_of(c, (*BRIGHTS, *WALLS)), light.tint), light.shade, 0.25),
                )
                at += thick
        c.rectangle(start, y, wide, 0.016 * c.h, wood)
