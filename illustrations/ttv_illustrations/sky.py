"""The sky, with its sun or moon, stars and clouds."""

import math

import numpy as np

from ttv_illustrations.canvas import Canvas, Point
from ttv_illustrations.palette import Hour, Light, mix
from ttv_illustrations.scene import Scene


def sky(c: Canvas, scene: Scene, light: Light, horizon: float) -> Point:
    """The sky down to `horizon`, with the sun or the moon, stars and clouds; where the sun stands."""
    stops = light.sky
    if scene.backdrop is not None:
        stops = (mix(scene.backdrop, stops[0], 0.25), scene.backdrop, mix(scene.backdrop, (255, 250, 240), 0.5))
    c.gradient(stops, 0, max(horizon, 2))
    x = c.w * (c.between(0.2, 0.36) if c.random.random() < 0.5 else c.between(0.64, 0.8))
    if light.dark:
        for _ in range(110):
            c.disc(
                c.between(0, c.w),
                horizon * c.between(0, 0.95) ** 1.3,
                c.u * c.between(0.0008, 0.0022),
                mix(light.sky[0], (255, 255, 246), c.between(0.4, 1.0)),
            )
        y, radius = horizon * c.between(0.22, 0.4), 0.055 * c.u
        c.glow(x, y, 0.5 * c.u, light.sun, 0.35)
        c.disc(x, y, radius, light.sun)
        for dx, dy, size in ((-0.3, 0.2, 0.24), (0.25, -0.3, 0.16), (0.3, 0.4, 0.12)):
            c.disc(x + dx * radius, y + dy * radius, size * radius, mix(light.sun, light.sky[1], 0.22))
    elif scene.hour in (Hour.SUNSET, Hour.DUSK, Hour.DAWN):
        y, radius = horizon * c.between(0.68, 0.86), c.u * c.between(0.085, 0.12)
        c.glow(x, y, 1.0 * c.u, light.sun, 0.75)
        c.disc(x, y, radius, light.sun)
    elif scene.hour is Hour.DAY:
        y, radius = horizon * c.between(0.24, 0.4), 0.058 * c.u
        c.glow(x, y, 0.7 * c.u, light.sun, 0.6)
        c.disc(x, y, radius, light.sun)
    else:
        y = horizon * 0.4
        c.glow(x, y, 0.8 * c.u, light.sun, 0.5)
    if not light.dark:
        _clouds(c, light, horizon, 5 if scene.hour in (Hour.OVERCAST, Hour.STORM) else 3)
    return x, y


def _clouds(c: Canvas, light: Light, horizon: float, count: int) -> None:
    """Flat-bottomed clouds in two tones, smaller towards the horizon."""
    for _ in range(count):
        x, y = c.between(-0.1, 1.1) * c.w, horizon * c.between(0.12, 0.72)
        size = c.u * (0.05 + 0.13 * (1 - y / horizon)) * c.between(0.8, 1.4)
        tone = mix(light.sky[2], light.sun, 0.4)
        base = mix(tone, light.sky[1], 0.35)
        puffs = [(c.between(-1.7, 1.7), c.between(0.3, 0.62)) for _ in range(5)]
        for shift, color in ((0.16, base), (0.0, tone)):
            outline: list[Point] = []
            for turn in np.linspace(0, 1, 60).tolist():
                along = -2.4 + 4.8 * turn
                lump = max((math.sqrt(max(r * r - (along - px) ** 2, 0)) for px, r in puffs), default=0.0)
                body = 0.30 * math.sqrt(max(1 - (along / 2.4) ** 2, 0))
                outline.append((x + along * size, y - max(lump * 0.8, body) * size + shift * size))
            c.polygon(
                [*outline, (x + 2.4 * size, y + shift * size), (x - 2.4 * size, y + shift * size)],
                color,
                mix(color, light.sky[1], 0.5),
                alpha=0.75,
            )
