"""Rooms with a window."""

import numpy as np

from ttv_illustrations.canvas import Canvas, haze, path
from ttv_illustrations.furniture import classroom, gym, kitchen, library, living_room
from ttv_illustrations.ground import Ground
from ttv_illustrations.palette import Color, Light, lit, mix
from ttv_illustrations.scene import Scene
from ttv_illustrations.tones import WALLS, one_of


def room(c: Canvas, scene: Scene, light: Light) -> Ground:
    """A wall, a floor and a window; what is said of the room stands along the wall."""
    wall = scene.backdrop or one_of(c, WALLS)
    seen = lit(wall, light.tint)
    wall = mix(seen, light.shade, 0.2) if light.dark else mix(wall, seen, 0.6)
    level = c.h * 0.70
    c.gradient((mix(wall, light.shade, 0.22), wall), 0, level)
    wood = mix(lit((176, 122, 82), light.tint), light.shade, 0.35 if light.dark else 0.05)
    if scene.says("gym|garage|hospital|office"):
        wood = mix(lit((120, 122, 128), light.tint), light.shade, 0.2)
    c.gradient((mix(wood, wall, 0.2), mix(wood, light.shade, 0.35)), level, c.h)
    for x in np.linspace(-0.6, 1.6, 15).tolist():
        c.limb(
            [(c.w * (0.5 + (x - 0.5) * 0.75), level), (c.w * (0.5 + (x - 0.5) * 1.7), c.h)],
            [0.0015 * c.u, 0.004 * c.u],
            mix(wood, light.shade, 0.3),
        )
    c.rectangle(0, level - 0.022 * c.h, c.w, 0.022 * c.h, mix(wall, (255, 252, 244), 0.45))
    side = 1 if c.random.random() < 0.5 else -1
    wide = min(0.46 * c.u, 0.36 * c.w)
    x = c.w * (0.5 - side * (0.30 if c.w > c.h else 0.22)) - wide / 2
    for said, painter in _FURNITURE:
        if scene.says(said):
            painter(c, light, wall, side, level)
            break
    else:
        living_room(c, light, wall, side, level)
    _window(c, scene, light, x, c.h * 0.13, wide, c.h * 0.38, wall)
    if not light.dark:
        lean = side * 0.42 * c.u
        for half in (0.0, 0.52):
            left = x + wide * half + lean * 0.6
            c.polygon(
                [
                    (left, level + 0.05 * c.h),
                    (left + wide * 0.44, level + 0.05 * c.h),
                    (left + wide * 0.52 + lean * 0.6, c.h * 0.95),
                    (left + wide * 0.04 + lean * 0.6, c.h * 0.95),
                ],
                mix(wood, light.sun, 0.75),
                alpha=0.5,
            )
    else:
        lamp = c.w * (0.5 + side * 0.1)
        c.limb([(lamp, 0), (lamp, c.h * 0.16)], [0.004 * c.u] * 2, light.shade)
        c.glow(lamp, c.h * 0.2, 0.9 * c.u, (255, 206, 132), 0.5)
        c.polygon(
            [
                (lamp - 0.035 * c.u, c.h * 0.155),
                (lamp + 0.035 * c.u, c.h * 0.155),
                (lamp + 0.085 * c.u, c.h * 0.225),
                (lamp - 0.085 * c.u, c.h * 0.225),
            ],
            mix((250, 190, 110), light.shade, 0.2),
        )
        c.disc(lamp, c.h * 0.225, 0.085 * c.u, (255, 236, 190), 0.16)
    return Ground(c.h * 0.90, tall=0.54)


def _window(c: Canvas, scene: Scene, light: Light, x: float, y: float, wide: float, tall: float, wall: Color) -> None:
    frame = mix(wall, (255, 253, 246), 0.7) if not light.dark else mix(wall, (255, 240, 214), 0.25)
    edge = 0.016 * c.u
    if not light.dark:
        c.glow(x + wide / 2, y + tall / 2, wide * 1.5, light.sun, 0.55)
    c.rectangle(x - edge, y - edge, wide + 2 * edge, tall + 2 * edge, frame)
    c.rectangle(x, y, wide, tall, *light.sky)
    hill = haze(lit((90, 130, 96), light.tint), light.sky[2], 0.45)
    if scene.says("city|apartment|office|loft"):
        at = x
        while at < x + wide - 0.02 * c.u:
            size = min(c.u * c.between(0.04, 0.08), x + wide - at)
            high = tall * c.between(0.2, 0.6)
            c.rectangle(at, y + tall - high, size, high, haze(lit((120, 128, 148), light.tint), light.sky[2], 0.5))
            at += size * 1.05
    else:
        xs = np.linspace(0, 1, 30)
        tops = y + tall * (0.74 - 0.10 * np.sin(xs * 4.2 + 1))
        c.polygon([(x, y + tall), *path(x + xs * wide, tops), (x + wide, y + tall)], hill)
    for share in (0.5,):
        c.rectangle(x + wide * share - edge / 2, y, edge, tall, frame)
    c.rectangle(x, y + tall * 0.42 - edge / 2, wide, edge, frame)
    c.rectangle(x - 2 * edge, y + tall + edge, wide + 4 * edge, edge * 1.2, mix(frame, light.shade, 0.1))


_FURNITURE = (
    ("kitchen|cook|cooking|cooks|chef|bakery", kitchen),
    ("classroom|school|chalkboard|blackboard|teacher", classroom),
    ("gym|weights|workout|garage", gym),
    ("library|books|bookshop|museum|study|shop|store", library),
)
