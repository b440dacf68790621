"""A still life."""

import math

import numpy as np

from ttv_illustrations.canvas import Canvas
from ttv_illustrations.ground import Ground
from ttv_illustrations.palette import Color, Light, lit, mix
from ttv_illustrations.scene import Scene
from ttv_illustrations.tones import WALLS, one_of


def still_life(c: Canvas, scene: Scene, light: Light) -> Ground:
    """A table with a bowl of fruit, in light from the side."""
    wall = scene.backdrop or one_of(c, WALLS)
    wall = mix(wall, lit(wall, light.tint), 0.5)
    level = c.h * 0.66
    side = 1 if c.random.random() < 0.5 else -1
    c.gradient((mix(wall, light.shade, 0.12), mix(wall, (255, 252, 244), 0.25)), 0, level)
    start = c.w * (0.5 - side * 0.5)
    for offset, wide in ((0.0, 0.34), (0.42, 0.22)):
        a = start + side * offset * c.u
        b = a + side * wide * c.u
        c.polygon(
            [(a, 0), (b, 0), (b + side * 0.6 * c.u, level), (a + side * 0.6 * c.u, level)],
            (255, 252, 236),
            alpha=0.28,
        )
    table = mix(lit((206, 158, 112), light.tint), wall, 0.12)
    c.gradient((table, mix(table, light.shade, 0.4)), level, c.h)
    c.rectangle(0, level, c.w, 0.008 * c.h, mix(table, (255, 250, 236), 0.5))
    fruit = (
        scene.colors[0] if scene.colors else one_of(c, ((238, 186, 62), (214, 74, 58), (238, 132, 58), (150, 184, 84)))
    )
    x, foot = c.w * (0.5 + side * 0.06), c.h * 0.86
    _bottle(c, light, x - side * 0.40 * c.u, foot - 0.05 * c.h, lit((88, 132, 112), light.tint))
    if scene.says("cup|coffee|tea|mug|teapot"):
        _cup(c, light, x + side * 0.02 * c.u, foot, wall, side)
    elif scene.says("flowers|vase|bouquet|roses|tulips"):
        _vase(c, scene, light, x, foot)
    else:
        _bowl(c, light, x, foot, fruit)
    for dx, dy, size in ((0.36, 0.03, 0.058), (0.47, 0.0, 0.05), (0.30, 0.085, 0.052)):
        _fruit(c, light, x + side * dx * c.u, foot + (dy - 0.02) * c.h, size * c.u, fruit, side)
    return Ground(c.h * 0.9, x=0.5 - side * 0.33, tall=0.0)


def _shadow(c: Canvas, light: Light, x: float, y: float, radius: float) -> None:
    c.disc(x, y, radius, light.shade, 0.2, alpha=0.28)


def _fruit(c: Canvas, light: Light, x: float, foot: float, radius: float, tone: Color, side: int) -> None:
    _shadow(c, light, x + side * radius * 0.5, foot, radius * 1.3)
    c.disc(x, foot - radius * 0.9, radius, mix(tone, light.shade, 0.25))
    c.disc(x - side * radius * 0.1, foot - radius * 0.98, radius * 0.88, tone)
    c.disc(x - side * radius * 0.32, foot - radius * 1.28, radius * 0.3, mix(tone, (255, 252, 236), 0.6))


def _bowl(c: Canvas, light: Light, x: float, foot: float, fruit: Color) -> None:
    wood = mix(lit((150, 92, 60), light.tint), light.shade, 0.1)
    wide = 0.25 * c.u
    _shadow(c, light, x, foot, wide * 1.15)
    rim = foot - 0.17 * c.u
    for dx, dy, size in (
        (-0.13, 0.0, 0.07),
        (0.12, -0.005, 0.075),
        (-0.01, 0.01, 0.08),
        (-0.07, -0.075, 0.068),
        (0.065, -0.08, 0.07),
    ):
        px, py, r = x + dx * c.u, rim + dy * c.u - 0.012 * c.u, size * c.u
        c.disc(px, py, r, mix(fruit, light.shade, 0.22))
        c.disc(px - r * 0.08, py - r * 0.08, r * 0.9, fruit)
        c.disc(px - r * 0.3, py - r * 0.36, r * 0.28, mix(fruit, (255, 252, 236), 0.6))
    leaf = lit((96, 146, 84), light.tint)
    for dx, lean in ((-0.16, -0.6), (0.0, 0.3), (0.17, 0.7)):
        root = (x + dx * c.u, rim - 0.07 * c.u)
        tip = (root[0] + lean * 0.1 * c.u, root[1] - 0.08 * c.u)
        c.polygon(
            [root, (root[0] - 0.03 * c.u, tip[1] + 0.04 * c.u), tip, (root[0] + 0.035 * c.u, tip[1] + 0.045 * c.u)],
            leaf,
        )
    turns = np.linspace(0, math.pi, 40).tolist()
    c.polygon(
        [(x + wide * math.cos(t), rim + 0.17 * c.u * math.sin(t) ** 0.8) for t in turns],
        wood,
        mix(wood, light.shade, 0.45),
    )
    c.disc(x, rim, wide, mix(wood, light.sun, 0.3), 0.05)


def _bottle(c: Canvas, light: Light, x: float, foot: float, glass: Color) -> None:
    wide = 0.052 * c.u
    _shadow(c, light, x, foot, wide * 1.4)
    c.limb([(x, foot - wide), (x, foot - 0.2 * c.u)], [wide * 2, wide * 2], glass)
    c.limb([(x, foot - 0.21 * c.u), (x, foot - 0.34 * c.u)], [wide * 1.1, wide * 0.7], glass)
    c.rectangle(x - wide, foot - wide * 1.2, wide * 2, wide * 1.2, glass)
    c.rectangle(x - wide * 0.62, foot - 0.21 * c.u, wide * 0.22, 0.16 * c.u, mix(glass, (255, 255, 250), 0.5))
    c.rectangle(x - wide, foot - 0.14 * c.u, wide * 2, 0.075 * c.u, mix(light.sun, light.sky[2], 0.3))


def _cup(c: Canvas, light: Light, x: float, foot: float, wall: Color, side: int) -> None:
    tone = mix(lit(one_of(c, ((238, 232, 220), (206, 92, 78), (74, 128, 138))), light.tint), wall, 0.05)
    _shadow(c, light, x, foot, 0.26 * c.u)
    c.disc(x, foot - 0.012 * c.u, 0.23 * c.u, mix(tone, light.shade, 0.12), 0.14)
    c.disc(x + side * 0.17 * c.u, foot - 0.14 * c.u, 0.075 * c.u, mix(tone, light.shade, 0.15))
    c.disc(x + side * 0.17 * c.u, foot - 0.14 * c.u, 0.045 * c.u, mix(wall, light.shade, 0.12))
    c.polygon(
        [
            (x - 0.16 * c.u, foot - 0.24 * c.u),
            (x + 0.16 * c.u, foot - 0.24 * c.u),
            (x + 0.13 * c.u, foot - 0.07 * c.u),
            (x + 0.07 * c.u, foot - 0.015 * c.u),
            (x - 0.07 * c.u, foot - 0.015 * c.u),
            (x - 0.13 * c.u, foot - 0.07 * c.u),
        ],
        tone,
        mix(tone, light.shade, 0.3),
    )
    c.disc(x, foot - 0.24 * c.u, 0.16 * c.u, mix(tone, (255, 255, 250), 0.3), 0.2)
    c.disc(x, foot - 0.237 * c.u, 0.14 * c.u, (88, 56, 40), 0.18)
    for dx in (-0.05, 0.03):
        xs = np.linspace(0, 1, 14)
        c.limb(
            [
                (x + dx * c.u + 0.02 * c.u * math.sin(t * 6 + dx * 60), foot - (0.29 + 0.17 * t) * c.u)
                for t in xs.tolist()
            ],
            np.linspace(0.012 * c.u, 0.002 * c.u, 14).tolist(),
            mix(wall, (255, 255, 255), 0.55),
        )


def _vase(c: Canvas, scene: Scene, light: Light, x: float, foot: float) -> None:
    tone = lit((92, 136, 150), light.tint)
    petals = [lit(color, light.tint) for color in scene.colors] or [
        lit((236, 108, 104), light.tint),
        lit((248, 198, 92), light.tint),
        lit((240, 168, 180), light.tint),
    ]
    stem = lit((84, 132, 82), light.tint)
    _shadow(c, light, x, foot, 0.17 * c.u)
    for index, angle in enumerate((-50, -30, -12, 8, 27, 46, -20, 18)):
        turn, reach = math.radians(angle), c.u * (0.30 + 0.07 * (index % 3))
        tip = (x + reach * math.sin(turn), foot - 0.2 * c.u - reach * math.cos(turn))
        c.limb([(x, foot - 0.2 * c.u), tip], [0.008 * c.u] * 2, stem)
        petal = petals[index % len(petals)]
        for k in range(6):
            c.disc(
                tip[0] + 0.032 * c.u * math.cos(k * math.tau / 6),
                tip[1] + 0.032 * c.u * math.sin(k * math.tau / 6),
                0.027 * c.u,
                petal,
            )
        c.disc(tip[0], tip[1], 0.02 * c.u, mix(petal, light.shade, 0.4))
    c.limb(
        [(x, foot - 0.10 * c.u), (x, foot - 0.16 * c.u), (x, foot - 0.24 * c.u)],
        [0.21 * c.u, 0.17 * c.u, 0.085 * c.u],
        tone,
    )
    c.rectangle(x - 0.07 * c.u, foot - 0.04 * c.u, 0.14 * c.u, 0.04 * c.u, mix(tone, light.shade, 0.2))
