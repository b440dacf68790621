"""Stars and planets."""

import math

import numpy as np

from ttv_illustrations.canvas import Canvas, Point
from ttv_illustrations.ground import Ground
from ttv_illustrations.palette import Color, Light, mix
from ttv_illustrations.scene import Scene


def space(c: Canvas, scene: Scene, _light: Light) -> Ground:
    """Stars, a nebula and a planet."""
    void: Color = (10, 12, 30)
    tones = [*scene.colors, (176, 82, 150), (58, 122, 188), (238, 140, 92)]
    c.gradient((void, mix(void, tones[0], 0.25), mix(void, tones[1], 0.2)), 0, c.h)
    for row in range(7):
        c.glow(
            c.between(0, c.w),
            c.h * (0.25 + 0.5 * c.between(0, 1)),
            c.u * c.between(0.4, 0.9),
            tones[row % min(len(tones), 3)],
            0.34,
            c.between(0.35, 0.8),
        )
    for _ in range(260):
        c.disc(
            c.between(0, c.w),
            c.between(0, c.h),
            c.u * c.between(0.0007, 0.0026) * (2 if c.random.random() < 0.05 else 1),
            mix(void, (255, 252, 244), c.between(0.35, 1)),
        )
    side = 1 if c.random.random() < 0.5 else -1
    x, y, radius = c.w * (0.5 + 0.24 * side), c.h * c.between(0.34, 0.5), c.u * c.between(0.24, 0.34)
    planet = (196, 98, 62) if scene.says("mars") else tones[1]
    _planet(c, x, y, radius, planet, tones[2], void, side, ring=c.random.random() < 0.6)
    if scene.says("moon|lunar|mars|surface|rover|walking|alien world|colony|base"):
        soil = (168, 92, 62) if scene.says("mars") else (154, 156, 166)
        c.land(c.skyline(c.h * 0.78, 0.03 * c.u, 2, 4), mix(soil, (255, 250, 240), 0.25), mix(soil, void, 0.6))
        for _ in range(9):
            at, level, size = c.between(0, c.w), c.h * c.between(0.85, 0.98), c.u * c.between(0.02, 0.07)
            c.disc(at, level, size, mix(soil, void, 0.5), 0.28)
            c.disc(at, level + size * 0.07, size * 0.88, mix(soil, void, 0.25), 0.24)
        return Ground(c.h * 0.9)
    return Ground(c.h * 0.72, x=0.5 - 0.16 * side, adrift=True)


def _planet(
    c: Canvas, x: float, y: float, radius: float, tone: Color, band: Color, void: Color, side: int, ring: bool
) -> None:
    c.glow(x, y, radius * 1.5, tone, 0.4)
    if ring:
        _ring(c, x, y, radius, mix(band, (255, 240, 220), 0.4), behind=True)
    c.disc(x, y, radius, tone)
    for level, share in ((-0.55, 0.25), (-0.1, 0.4), (0.35, 0.3)):
        half = radius * math.sqrt(1 - level * level)
        thick = radius * 0.12
        top, low = y + level * radius, y + level * radius + thick
        half_low = radius * math.sqrt(max(1 - (level + 0.12) ** 2, 0))
        c.polygon([(x - half, top), (x + half, top), (x + half_low, low), (x - half_low, low)], mix(tone, band, share))
    turns = np.linspace(-math.pi / 2, math.pi / 2, 50)
    outer = [(x + side * radius * math.cos(t) * 1.006, y + radius * math.sin(t) * 1.006) for t in turns.tolist()]
    inner = [(x + side * radius * 0.25 * math.cos(t), y + radius * math.sin(t)) for t in turns[::-1].tolist()]
    c.polygon([*outer, *inner], mix(tone, void, 0.85), alpha=0.72)
    if ring:
        _ring(c, x, y, radius, mix(band, (255, 240, 220), 0.4), behind=False)


def _ring(c: Canvas, x: float, y: float, radius: float, tone: Color, behind: bool) -> None:
    turns = np.linspace(math.pi, math.tau, 60) if behind else np.linspace(0, math.pi, 60)
    lean = 0.24

    def at(reach: float, turn: float) -> Point:
        dx, dy = radius * reach * math.cos(turn), radius * reach * 0.26 * math.sin(turn)
        return x + dx * math.cos(lean) - dy * math.sin(lean), y + dx * math.sin(lean) + dy * math.cos(lean)

    for inner, outer, alpha in ((1.35, 1.62, 0.85), (1.68, 1.86, 0.5)):
        c.polygon(
            [at(outer, t) for t in turns.tolist()] + [at(inner, t) for t in turns[::-1].tolist()], tone, alpha=alpha
        )
