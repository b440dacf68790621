"""Cities and streets."""

import math
from itertools import pairwise

import numpy as np

from ttv_illustrations.canvas import Canvas, haze, path
from ttv_illustrations.ground import Ground
from ttv_illustrations.palette import Color, Hour, Light, lit, luma, mix
from ttv_illustrations.scene import Scene
from ttv_illustrations.sky import sky
from ttv_illustrations.tones import BRIGHTS, FRONTS, one_of


def city(c: Canvas, scene: Scene, light: Light) -> Ground:
    """A skyline in layers, over a terrace."""
    horizon = c.h * 0.74
    x, _ = sky(c, scene, light, horizon)
    stone = lit((126, 132, 150), light.tint)
    for depth, low, high in ((0.78, 0.22, 0.5), (0.5, 0.14, 0.42), (0.18, 0.06, 0.3)):
        tone = haze(mix(stone, light.shade, 0.45 * (1 - depth)), light.sky[2], depth)
        at = -c.u * c.between(0, 0.06)
        while at < c.w:
            wide, tall = c.u * c.between(0.07, 0.15), c.h * c.between(low, high)
            own = haze(mix(lit(one_of(c, FRONTS), light.tint), light.shade, 0.3), light.sky[2], depth)
            _tower(c, at, horizon + 0.1 * c.h, wide, tall + 0.1 * c.h, mix(tone, own, 0.4), light, depth)
            at += wide * c.between(1.0, 1.25)
        c.glow(x, horizon, 1.1 * c.u, light.sky[2], 0.35, 0.4)
    floor = mix(lit((146, 132, 128), light.tint), light.shade, 0.35)
    c.rectangle(0, c.h * 0.84, c.w, c.h * 0.17, floor, mix(floor, light.shade, 0.6))
    c.rectangle(0, c.h * 0.825, c.w, c.h * 0.022, mix(floor, light.sun, 0.3))
    return Ground(c.h * 0.95, sun=x / c.w)


def _tower(c: Canvas, x: float, foot: float, wide: float, tall: float, tone: Color, light: Light, depth: float) -> None:
    """A house front with windows, some of them lit where it is dark."""
    top = foot - tall
    c.rectangle(x, top, wide, tall, tone, mix(tone, light.sky[2], 0.3))
    c.rectangle(x + wide * 0.72, top, wide * 0.28, tall, mix(tone, light.shade, 0.14), mix(tone, light.sky[2], 0.22))
    kind = c.random.random()
    if kind < 0.25:
        c.rectangle(x + wide * 0.2, top - wide * 0.25, wide * 0.6, wide * 0.26, tone)
        c.limb(
            [(x + wide * 0.5, top - wide * 0.2), (x + wide * 0.5, top - wide * 0.75)],
            [wide * 0.05, wide * 0.02],
            tone,
        )
    elif kind < 0.4:
        c.polygon([(x, top + 1), (x + wide * 0.5, top - wide * 0.4), (x + wide, top + 1)], tone)
    if depth > 0.7:
        return
    step = c.u * 0.022
    pane_off = mix(tone, light.shade, 0.22) if not light.dark else mix(tone, light.shade, 0.4)
    share = 0.55 if light.dark else 0.3 if luma(light.tint) < 215 else 0.04
    for wy in np.arange(top + step * 0.8, foot, step * 1.25).tolist():
        for wx in np.arange(x + step * 0.5, x + wide - step * 0.7, step).tolist():
            glowing = c.random.random() < share
            warm = light.sun if not light.dark else mix((255, 206, 122), light.sky[2], c.between(0, 0.5))
            c.rectangle(
                wx,
                wy,
                step * 0.5,
                step * 0.66,
                haze(warm if glowing else pane_off, light.sky[2], depth * (0.4 if glowing else 0.7)),
            )


def street(c: Canvas, scene: Scene, light: Light) -> Ground:
    """Down a street between houses, to a bright end."""
    vx, vy = c.w * c.between(0.44, 0.56), c.h * 0.50
    sky(c, scene, light, c.h * 0.62)
    c.glow(vx, vy, 0.8 * c.u, light.sky[2], 0.85)
    paving = lit((142, 132, 130), light.tint)
    c.gradient(
        (haze(paving, light.sky[2], 0.7), mix(paving, light.shade, 0.35), mix(paving, light.shade, 0.6)), vy, c.h
    )
    for side in (-1, 1):
        edge = vx + side * 0.03 * c.u
        for depth in (0.88, 0.74, 0.55, 0.3, 0.0):
            near_x = vx + side * c.u * (0.06 + 1.05 * (1 - depth) ** 1.6)
            tone = mix(lit(one_of(c, FRONTS), light.tint), light.shade, 0.12 + 0.2 * (1 - depth))
            tone = haze(tone, light.sky[2], depth * 0.75)
            roof = c.between(0.34, 0.5)
            _front(c, vx, vy, edge, near_x, roof, tone, light, depth)
            edge = near_x
    if scene.says("rain|rainy|wet|neon|raining|cyberpunk"):
        for tone in (BRIGHTS[0], BRIGHTS[2], BRIGHTS[3], light.sun):
            c.glow(c.between(0.2, 0.8) * c.w, c.h * 0.85, 0.22 * c.u, tone, 0.45, 1.6)
    _lanterns(c, scene, vx, vy, light)
    return Ground(c.h * 0.90)


def _front(
    c: Canvas,
    vx: float,
    vy: float,
    far_x: float,
    near_x: float,
    roof: float,
    tone: Color,
    light: Light,
    depth: float,
) -> None:
    """One house of a street, in perspective, with windows and an awning."""

    def at(x: float, height: float) -> tuple[float, float]:
        away = abs(x - vx)
        return x, vy + away * (0.66 - height * 3.4)

    c.polygon([at(far_x, 0), at(far_x, roof), at(near_x, roof), at(near_x, 0)], tone, mix(tone, light.sky[2], 0.14))
    pane = mix((255, 208, 128), tone, 0.2) if light.dark or light.tint[2] < 210 else mix(tone, light.shade, 0.5)
    for row in (0.5, 0.72):
        for share in (0.14, 0.42, 0.70):
            a, b = far_x + (near_x - far_x) * share, far_x + (near_x - far_x) * (share + 0.15)
            low, high = roof * row, roof * (row + 0.13)
            lamp = c.random.random() < 0.6
            c.polygon(
                [at(a, low), at(a, high), at(b, high), at(b, low)],
                haze(pane if lamp else mix(tone, light.shade, 0.45), light.sky[2], depth * 0.5),
            )
    a, b = far_x + (near_x - far_x) * 0.08, far_x + (near_x - far_x) * 0.92
    door = mix((255, 206, 130), tone, 0.3) if light.dark or light.tint[2] < 210 else mix(tone, light.shade, 0.6)
    c.polygon(
        [at(a, 0.02 * roof), at(a, 0.3 * roof), at(b, 0.3 * roof), at(b, 0.02 * roof)],
        haze(door, light.sky[2], depth * 0.6),
    )
    counter = haze(mix(lit((150, 104, 72), light.tint), light.shade, 0.3), light.sky[2], depth * 0.8)
    lean = math.copysign(abs(near_x - vx) * 0.10, vx - near_x)
    (ax, ay), (bx, by), (aw, ah), (bw, bh) = at(a, -0.01), at(b, -0.01), at(a, 0.11 * roof), at(b, 0.11 * roof)
    c.polygon(
        [(ax + lean * 0.6, ay), (bx + lean * 0.6, by), (bw + lean * 0.6, bh), (aw + lean * 0.6, ah)],
        counter,
        mix(counter, light.shade, 0.3),
    )
    for share in np.linspace(0.05, 0.95, 9).tolist():
        x, y = aw + (bw - aw) * share + lean * 0.6, ah + (bh - ah) * share
        c.disc(x, y, abs(x - vx) * 0.022, haze(lit(one_of(c, BRIGHTS), light.tint), light.sky[2], depth * 0.8))
    bright = haze(mix(lit(one_of(c, BRIGHTS), light.tint), tone, 0.15), light.sky[2], depth * 0.8)
    xs = np.linspace(a, b, 9).tolist()
    for index, (one, other) in enumerate(pairwise(xs)):
        strip = bright if index % 2 else mix(bright, (255, 246, 230), 0.75)
        (ox, oy), (px, py) = at(one, 0.24 * roof), at(other, 0.24 * roof)
        c.polygon([at(one, 0.36 * roof), at(other, 0.36 * roof), (px + lean, py), (ox + lean, oy)], strip)


def _lanterns(c: Canvas, scene: Scene, vx: float, vy: float, light: Light) -> None:
    if not (light.dark or scene.says("market|festival|lanterns?|bazaar|food|alley")):
        return
    tone = (255, 190, 110) if scene.hour is not Hour.NEON else BRIGHTS[3]
    for near in (0.25, 0.5, 0.95):
        y, reach = vy - c.h * 0.42 * near, c.u * 0.85 * near
        xs = np.linspace(-1, 1, 9)
        drop = y + c.u * 0.07 * near * (1 - xs**2)
        c.limb(
            [(vx + reach * float(x), float(d)) for x, d in zip(xs, drop, strict=True)],
            [c.u * 0.003 * (0.5 + near)] * 9,
            light.shade,
        )
        for x, d in path(xs, drop)[1:-1]:
            size = c.u * 0.024 * (0.35 + near)
            c.glow(vx + reach * x, d + size, size * 4.5, tone, 0.5)
            c.disc(vx + reach * x, d + size, size, mix(tone, (255, 250, 230), 0.3), 1.15)
