"""A party, a laboratory, a railway carriage."""

import math

import numpy as np

from ttv_illustrations.canvas import Canvas, haze, path
from ttv_illustrations.ground import Ground
from ttv_illustrations.palette import Color, Light, lit, mix
from ttv_illustrations.scene import Scene
from ttv_illustrations.tones import BRIGHTS, one_of


def party(c: Canvas, scene: Scene, _light: Light) -> Ground:
    """Beams, colored lights and a floor that mirrors them."""
    void: Color = (26, 14, 44)
    tones = [*scene.colors, *BRIGHTS]
    level = c.h * 0.74
    c.gradient((void, (64, 26, 84), (132, 48, 108)), 0, level)
    c.gradient(((84, 34, 92), void), level, c.h)
    for index in range(6):
        x = c.w * (index + 0.5) / 6
        lean = c.between(-0.5, 0.5) * c.u
        tone = tones[index % len(tones)]
        c.polygon(
            [
                (x - 0.012 * c.u, 0),
                (x + 0.012 * c.u, 0),
                (x + lean + 0.17 * c.u, level),
                (x + lean - 0.17 * c.u, level),
            ],
            tone,
            alpha=0.2,
            fade=True,
        )
        c.disc(x, 0.008 * c.u, 0.03 * c.u, mix(tone, (255, 255, 255), 0.5))
        c.glow(x + lean, level + 0.06 * c.h, 0.3 * c.u, tone, 0.5, 0.28)
    for row, (y, sag) in enumerate(((0.10, 0.13), (0.05, 0.2))):
        xs = np.linspace(-0.03, 1.03, 25)
        drop = y + sag * (1 - (2 * ((xs * 1.5 + 0.33 * row) % 1) - 1) ** 2)
        c.limb([(float(x) * c.w, float(d) * c.h) for x, d in zip(xs, drop, strict=True)], [0.003 * c.u] * 25, void)
        for index, (x, d) in enumerate(path(xs, drop)):
            tone = tones[(index + row) % len(tones)]
            c.glow(x * c.w, d * c.h + 0.012 * c.u, 0.06 * c.u, tone, 0.7)
            c.disc(x * c.w, d * c.h + 0.012 * c.u, 0.012 * c.u, mix(tone, (255, 255, 255), 0.45))
    for _ in range(26):
        size = c.u * c.between(0.012, 0.05)
        c.disc(
            c.between(0, c.w),
            c.between(0.2, 0.72) * c.h,
            size,
            tones[int(c.random.integers(len(tones)))],
            alpha=c.between(0.12, 0.35),
        )
    _audience(c, level, (36, 18, 56))
    return Ground(c.h * 0.92, tall=0.5)


def _audience(c: Canvas, level: float, tone: Color) -> None:
    for x in np.arange(0, c.w, 0.055 * c.u).tolist():
        at, head = x + c.between(-0.02, 0.02) * c.u, level - c.u * c.between(0.08, 0.13)
        c.disc(at, head, 0.021 * c.u, tone, 1.2)
        c.limb([(at, head + 0.06 * c.u), (at, level + 0.04 * c.u)], [0.07 * c.u, 0.08 * c.u], tone)
        if c.random.random() < 0.3:
            c.limb(
                [(at + 0.02 * c.u, head + 0.05 * c.u), (at + 0.045 * c.u, head - 0.05 * c.u)],
                [0.016 * c.u, 0.012 * c.u],
                tone,
            )


def lab(c: Canvas, scene: Scene, _light: Light) -> Ground:
    """A dark hall with glowing panels and rings."""
    glow = next((color for color in scene.colors if max(color) - min(color) > 90), (74, 200, 220))
    cool: Color = (60, 170, 206) if glow[0] > glow[2] else glow
    void: Color = (12, 18, 32)
    vx, level = c.w / 2, c.h * 0.70
    c.gradient((void, (24, 42, 64)), 0, level)
    c.gradient(((30, 52, 74), void), level, c.h)
    c.glow(vx, c.h * 0.42, 0.95 * c.u, cool, 0.55)
    for reach, alpha in ((0.36, 0.55), (0.30, 0.3), (0.43, 0.2)):
        turns = np.linspace(0, math.tau, 90)
        start = c.between(0, 6)
        for part in range(3):
            arc = [start + part * math.tau / 3 + t / math.tau * 1.7 for t in turns.tolist()]
            outer = [(vx + reach * c.u * math.cos(t), c.h * 0.42 + reach * c.u * math.sin(t)) for t in arc]
            inner = [
                (vx + (reach - 0.012) * c.u * math.cos(t), c.h * 0.42 + (reach - 0.012) * c.u * math.sin(t))
                for t in reversed(arc)
            ]
            c.polygon([*outer, *inner], cool, alpha=alpha)
    for side in (-1, 1):
        for depth in (0.75, 0.45, 0.0):
            near = 1 - depth
            x = vx + side * c.u * (0.40 + 0.52 * near)
            wide, tall = c.u * (0.12 + 0.2 * near), c.h * (0.36 + 0.45 * near)
            body = haze((20, 28, 44), (44, 84, 106), depth)
            left = x - wide / 2
            c.rectangle(left, level + 0.12 * c.h * near - tall, wide, tall, mix(body, cool, 0.12), body)
            for row in range(5):
                y = level + 0.12 * c.h * near - tall * (0.9 - 0.15 * row)
                for cell in range(4):
                    tone = glow if c.random.random() < 0.25 else cool
                    if c.random.random() < 0.75:
                        c.rectangle(
                            left + wide * (0.1 + 0.21 * cell),
                            y,
                            wide * c.between(0.06, 0.17),
                            tall * 0.035,
                            mix(tone, (240, 255, 255), 0.25),
                            alpha=c.between(0.35, 0.95),
                        )
    for x in np.linspace(-0.9, 1.9, 15).tolist():
        c.limb(
            [(vx + (x - 0.5) * 0.4 * c.w, level), (vx + (x - 0.5) * 2 * c.w, c.h)],
            [0.001 * c.u, 0.003 * c.u],
            (44, 96, 116),
        )
    c.glow(vx, c.h * 0.9, 0.6 * c.u, cool, 0.3, 0.25)
    return Ground(c.h * 0.93, tall=0.62)


def train(c: Canvas, _scene: Scene, light: Light) -> Ground:
    """Inside a carriage: a row of windows with the land outside, and seats."""
    body = mix(lit(one_of(c, ((124, 146, 130), (172, 138, 98), (120, 132, 154))), light.tint), light.shade, 0.25)
    c.gradient((mix(body, light.shade, 0.5), body, mix(body, light.shade, 0.25)), 0, c.h)
    level = c.h * 0.62
    green = lit((108, 138, 88), light.tint)
    count = max(round(c.w / c.u * 2.1), 2)
    wide = c.w / count
    for index in range(count):
        x = index * wide + wide * 0.1
        w, y, h = wide * 0.8, c.h * 0.16, c.h * 0.36
        c.rectangle(x - 0.012 * c.u, y - 0.012 * c.u, w + 0.024 * c.u, h + 0.024 * c.u, mix(body, light.sun, 0.35))
        c.rectangle(x, y, w, h, *light.sky)
        for depth, rise in ((0.6, 0.34), (0.25, 0.16)):
            xs = np.linspace(0, 1, 24)
            hill = y + h * (1 - rise - 0.10 * np.sin((xs + index) * (3.1 + 2 * depth) + 4 * depth))
            c.polygon(
                [(x, y + h), *path(x + xs * w, hill), (x + w, y + h)],
                haze(green, light.sky[2], depth),
            )
        c.rectangle(x, y + h * 0.27, w, 0.008 * c.u, mix(body, light.sun, 0.3))
        c.polygon(
            [
                (x + w * 0.1, c.h),
                (x + w * 0.5, level + 0.06 * c.h),
                (x + w * 0.95, level + 0.06 * c.h),
                (x + w * 0.75, c.h),
            ],
            light.sun,
            alpha=0.12,
        )
    c.rectangle(0, c.h * 0.06, c.w, 0.014 * c.h, mix(body, light.sun, 0.4))
    seat = mix(lit((164, 66, 60), light.tint), light.shade, 0.15)
    for index in range(count + 1):
        x, half = index * wide, 0.13 * c.u
        c.limb(
            [(x - half * 0.72, level + 0.01 * c.u), (x + half * 0.72, level + 0.01 * c.u)],
            [0.085 * c.u] * 2,
            mix(seat, light.sun, 0.12),
        )
        c.rectangle(
            x - half,
            level + 0.01 * c.u,
            2 * half,
            c.h * 0.84 - level,
            mix(seat, light.sun, 0.12),
            mix(seat, light.shade, 0.4),
        )
        c.rectangle(x - 0.003 * c.u, level - 0.02 * c.u, 0.006 * c.u, c.h * 0.86 - level, mix(seat, light.shade, 0.35))
    c.gradient((mix(body, light.shade, 0.45), mix(body, light.shade, 0.7)), c.h * 0.80, c.h)
    return Ground(c.h * 0.94, tall=0.62)
