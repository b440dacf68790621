"""Landscapes: mountains, forest, desert and fields."""

import math
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ttv_illustrations.canvas import Canvas, haze, path
from ttv_illustrations.ground import Ground
from ttv_illustrations.landmarks import castle
from ttv_illustrations.palette import Color, Hour, Light, lit, luma, mix
from ttv_illustrations.plants import (
    acacia,
    canopy,
    conifer,
    fern,
    firs_along,
    flowers,
    grass,
    round_tree,
    trunk,
)
from ttv_illustrations.scene import Scene
from ttv_illustrations.sky import sky
from ttv_illustrations.terrain import SNOW, crag, in_snow, road


def mountains(c: Canvas, scene: Scene, light: Light) -> Ground:
    """Ranges, one behind the other, and firs in front."""
    horizon = c.h * c.between(0.56, 0.64)
    sun, _ = sky(c, scene, light, horizon)
    snowy = in_snow(scene)
    rock = lit((104, 118, 132) if snowy else (112, 104, 104), light.tint)
    snow = lit(SNOW, light.tint)
    for depth, level, swing in ((0.62, 0.40, 0.22), (0.36, 0.50, 0.17)):
        tops = _peaks(c, c.h * level, c.u * swing)
        near = haze(mix(rock, light.shade, 0.35), mix(light.sky[1], light.sky[2], 0.5), depth)
        c.land(tops, near, mix(near, light.sky[2], 0.55))
        _snow_caps(c, tops, c.h * level, haze(snow, light.sky[2], depth * 0.3), near)
    green = lit((196, 208, 214) if snowy else (74, 104, 84), light.tint)
    firs = lit((46, 76, 72) if snowy else (38, 74, 62), light.tint)
    for depth, level, swing, trees in ((0.42, 0.66, 0.04, 60), (0.2, 0.75, 0.04, 34)):
        tops = c.skyline(c.h * level, c.u * swing, 2, 3)
        tone = haze(firs, light.sky[2], depth)
        firs_along(
            c, tops, trees, c.u * (0.17 - 0.14 * depth), tone, haze(snow, light.sky[2], depth) if snowy else None
        )
        c.land(tops, haze(green, light.sky[2], depth), mix(haze(green, light.sky[2], depth * 0.6), light.shade, 0.1))
    ground = mix(green, light.shade, 0.1)
    tops = c.skyline(c.h * 0.84, c.u * 0.025, 1.5, 2)
    c.land(tops, ground, mix(ground, light.shade, 0.55))
    if scene.says("road|highway|drives|driving|path|trail"):
        road(c, light, c.h * 0.70, dirt=scene.says("path|trail|dirt"))
    for x in (0.02, 0.1, 0.91, 0.985):
        conifer(
            c,
            x * c.w,
            c.h * c.between(0.96, 1.06),
            c.u * c.between(0.42, 0.66),
            mix(firs, light.shade, 0.62),
            snow=mix(snow, light.shade, 0.3) if snowy else None,
        )
    if scene.says("castle|fortress|palace"):
        stone = haze(lit((190, 180, 172), light.tint), light.sky[2], 0.25)
        castle(
            c,
            c.w * (0.3 if sun > c.w / 2 else 0.7),
            c.h * 0.74,
            0.36 * c.u,
            stone,
            haze(lit((96, 74, 104), light.tint), light.sky[2], 0.2),
            light.sun,
        )
    if scene.says("cliff|summit|peak|ledge|mountaintop|ridge"):
        return crag(c, light, sun)
    return Ground(c.h * 0.90, sun=sun / c.w)


def _peaks(c: Canvas, level: float, swing: float) -> NDArray[np.float64]:
    rough = c.skyline(level, swing, 3, 5, 0.48)
    places = np.linspace(0, 1, len(rough))
    teeth = np.zeros_like(places)
    for many in (2.3, 4.7):
        teeth += np.abs(((places * many + c.between(0, 1)) % 1) - 0.5) * 4 / many**0.5
    peaks: NDArray[np.float64] = rough + swing * (teeth - teeth.mean()) * 0.55
    return peaks


def _snow_caps(c: Canvas, tops: NDArray[np.float64], level: float, snow: Color, rock: Color) -> None:
    """Snow on what stands above a ragged line."""
    xs = np.linspace(-1, c.w + 1, len(tops))
    line = level - 0.055 * c.u + c.u * 0.022 * np.sin(xs / c.u * 38) + c.u * 0.016 * np.sin(xs / c.u * 71 + 1)
    lower = np.maximum(tops, line)
    shade = mix(snow, rock, 0.45)
    c.polygon([*path(xs, tops), *path(xs[::-1], lower[::-1])], snow)
    falls = np.diff(tops) > 0
    turns = np.flatnonzero(np.diff(falls)) + 1
    for start, end in pairwise([0, *turns.tolist(), len(falls)]):
        if falls[start] and end - start > 3:
            span = slice(start, end + 1)
            c.polygon([*path(xs[span], tops[span]), *path(xs[span][::-1], lower[span][::-1])], shade)


def forest(c: Canvas, scene: Scene, light: Light) -> Ground:
    """Among trunks, with light falling through."""
    snowy = in_snow(scene)
    leaf = lit((206, 214, 212) if snowy else (112, 150, 82), light.tint)
    if scene.says("autumn|fall|autumnal") and not snowy:
        leaf = lit((206, 130, 62), light.tint)
    if scene.hour in (Hour.SUNSET, Hour.DAWN, Hour.DUSK) and not snowy:
        leaf = mix(leaf, light.sky[1], 0.35)
    far = mix(leaf, light.sky[2], 0.72)
    deep = mix(mix(leaf, light.shade, 0.62), (14, 34, 36), 0.25)
    c.gradient((mix(leaf, far, 0.25), far, far), 0, c.h)
    x, y = c.w * c.between(0.36, 0.64), c.h * 0.40
    c.glow(x, y, 0.95 * c.u, light.sun, 0.95 if not light.dark else 0.45)
    if light.dark:
        c.disc(x, y - 0.16 * c.h, 0.05 * c.u, light.sun)
    horizon = c.h * 0.62
    for depth, count, thick in ((0.8, 26, 0.012), (0.55, 15, 0.024)):
        tone = haze(deep, far, depth)
        for _ in range(count):
            trunk(c, c.between(0, c.w), horizon + c.h * 0.06 * (1 - depth), c.u * thick * c.between(0.7, 1.5), tone)
        tops = c.skyline(horizon + c.h * 0.07 * (1 - depth) - 0.01 * c.h, 0.02 * c.u, 5, 4)
        c.land(tops, haze(mix(leaf, deep, 0.3), far, depth), haze(mix(leaf, deep, 0.35), far, depth * 0.7))
    c.land(c.skyline(c.h * 0.70, 0.012 * c.u, 2, 2), mix(leaf, deep, 0.25), mix(leaf, deep, 0.8))
    if scene.says("road|path|trail|track|walking|riding|walks|dirt"):
        road(c, light, c.h * 0.67, dirt=not scene.says("highway|asphalt"))
    sides = [0.04, 0.17, 0.86, 0.97, 0.3, 0.73][: 6 if c.w > c.h else 4]
    for place in sides:
        near = 0.14 if 0.2 < place < 0.8 else 0.0
        trunk(
            c,
            (place + c.between(-0.03, 0.03)) * c.w,
            c.h * (0.93 - 1.1 * near),
            c.u * (0.075 - 0.28 * near) * c.between(0.8, 1.2),
            haze(deep, far, near),
            branches=True,
        )
    for _ in range(4):
        lean, wide = c.between(-0.25, 0.25), c.u * c.between(0.03, 0.08)
        start = x + c.between(-0.3, 0.3) * c.u
        c.polygon(
            [
                (start, -5),
                (start + wide, -5),
                (start + wide * 3 + lean * c.h, c.h * 0.86),
                (start + lean * c.h - wide, c.h * 0.86),
            ],
            light.sun,
            alpha=0.22,
            fade=True,
        )
    canopy(c, deep, mix(leaf, deep, 0.45))
    for x0 in np.linspace(0, c.w, 26).tolist():
        fern(
            c,
            x0 + c.between(-0.02, 0.02) * c.w,
            c.h * 1.01,
            c.u * c.between(0.06, 0.13),
            mix(deep, leaf, c.between(0, 0.35)),
        )
    return Ground(c.h * 0.88, sun=x / c.w)


def desert(c: Canvas, scene: Scene, light: Light) -> Ground:
    """Dunes: every crest has a lit side and a side in shadow."""
    horizon = c.h * c.between(0.46, 0.56)
    sun, _ = sky(c, scene, light, horizon + 0.04 * c.h)
    sand = lit((226, 164, 98), light.tint)
    if scene.says("canyon|mesa|badlands|rock|western"):
        _mesas(c, light, horizon, lit((190, 104, 72), light.tint))
    peaks = [c.between(0.15, 0.4), c.between(0.6, 0.88), c.between(0.2, 0.5), c.between(0.55, 0.9)]
    if c.random.random() < 0.5:
        peaks = [1 - peak for peak in peaks]
    for peak, depth, level, high in zip(
        peaks, (0.75, 0.5, 0.25, 0.0), (0.03, 0.13, 0.27, 0.44), (0.09, 0.15, 0.2, 0.2), strict=True
    ):
        tone = haze(sand, light.sky[2], depth)
        _dune(
            c,
            peak * c.w,
            horizon + level * c.h,
            high * c.u,
            tone,
            mix(tone, mix(light.shade, light.sky[0], 0.3), 0.55),
        )
    return Ground(c.h * 0.90, sun=sun / c.w)


def _dune(c: Canvas, peak: float, level: float, high: float, tone: Color, dark: Color) -> None:
    """A crest that falls off to both sides, with one side in shadow."""
    xs = np.linspace(-1, c.w + 1, 400)
    turn = 1 if peak < c.w / 2 else -1
    away = np.abs(xs - peak) / c.w
    slope = np.where((xs - peak) * turn > 0, 3.4, 2.1)
    tops = level - high * np.exp(-slope * away) + 0.012 * c.u * np.sin(xs / c.w * 9 + peak)
    c.land(tops, mix(tone, (255, 250, 230), 0.12), tone, mix(tone, dark, 0.25))
    lee = (xs - peak) * turn >= 0
    edge = np.flatnonzero(lee) if turn > 0 else np.flatnonzero(lee)[::-1]
    down = np.linspace(0, 1, 40)
    foot = level + 0.32 * c.h
    ridge_x = peak + turn * c.u * (0.55 * down**1.5 - 0.16 * np.sin(down * math.pi))
    ridge_y = tops[edge[0]] + (foot - tops[edge[0]]) * down
    c.polygon(
        [
            *path(xs[edge], tops[edge]),
            (float(xs[edge[-1]]), foot),
            *path(ridge_x[::-1], ridge_y[::-1]),
        ],
        dark,
        mix(dark, tone, 0.45),
        mix(dark, tone, 0.8),
    )


def _mesas(c: Canvas, light: Light, horizon: float, rock: Color) -> None:
    for place, wide, tall, depth in ((0.14, 0.3, 0.2, 0.55), (0.86, 0.24, 0.28, 0.35), (0.63, 0.1, 0.14, 0.65)):
        x, half, top = place * c.w, wide * c.u / 2, horizon - tall * c.u
        tone = haze(rock, light.sky[2], depth)
        c.polygon(
            [
                (x - half * 1.5, horizon + 0.1 * c.h),
                (x - half * 1.05, top + 0.45 * tall * c.u),
                (x - half, top),
                (x - half * 0.3, top - 0.012 * c.u),
                (x + half * 0.9, top),
                (x + half, top + 0.4 * tall * c.u),
                (x + half * 1.5, horizon + 0.1 * c.h),
            ],
            tone,
            mix(tone, light.sky[2], 0.3),
        )
        c.polygon(
            [
                (x + half * 0.3, top),
                (x + half * 0.9, top),
                (x + half, top + 0.4 * tall * c.u),
                (x + half * 1.5, horizon + 0.1 * c.h),
                (x + half * 0.5, horizon + 0.1 * c.h),
            ],
            mix(tone, light.shade, 0.3),
        )


def field(c: Canvas, scene: Scene, light: Light) -> Ground:
    """Open land to a line of trees and hills."""
    horizon = c.h * c.between(0.50, 0.58)
    sun, _ = sky(c, scene, light, horizon)
    savanna = scene.says("savanna|savannah|lions?|giraffe|elephants?|zebra")
    golden = savanna or scene.says("wheat|hay|golden|autumn|harvest|barley")
    snowy = in_snow(scene)
    green = lit((214, 168, 82) if golden else (128, 160, 78), light.tint)
    if snowy:
        green = lit((232, 238, 240), light.tint)
    wood = lit((84, 104, 62) if golden else (56, 94, 66), light.tint)
    for depth, level, swing in ((0.85, 0.09, 0.05), (0.65, 0.045, 0.03)):
        tone = haze(mix(wood, green, 0.2), light.sky[2], depth)
        c.land(c.skyline(horizon - level * c.u, swing * c.u, 2, 3), tone, mix(tone, light.sky[2], 0.3))
    _tree_line(c, scene, light, horizon, wood, savanna)
    stripes = 5
    for row in range(stripes):
        depth = 1 - row / stripes
        level = horizon + (c.h - horizon) * (1 - depth) ** 1.5
        tone = haze(mix(green, wood, 0.12 if row % 2 else 0.0), light.sky[2], depth * 0.6)
        c.land(c.skyline(level, c.u * 0.02 * (1.2 - depth), 1.5, 2), tone, mix(tone, light.shade, 0.08))
    near = mix(green, light.shade, 0.42)
    if scene.says("road|path|trail|track|drives|driving"):
        road(c, light, horizon + 0.02 * c.h, dirt=not scene.says("highway|asphalt|drives"))
    if scene.says("fences?|farm|ranch|horse|pasture"):
        _fence(c, horizon + 0.13 * c.h, mix(wood, light.shade, 0.4))
    if scene.says("castle|fortress|palace"):
        stone = haze(lit((196, 184, 174), light.tint), light.sky[2], 0.25)
        castle(
            c,
            c.w * 0.26,
            horizon + 0.05 * c.h,
            0.42 * c.u,
            stone,
            haze(lit((104, 76, 106), light.tint), light.sky[2], 0.2),
            light.sun,
        )
    if scene.says("house|barn|farm|cottage|cabin|farmhouse|village"):
        _cottage(c, c.w * 0.78, horizon + 0.06 * c.h, 0.15 * c.u, light)
    if scene.says("sunflowers?|flowers?|tulips|poppies|lavender|blossoms|meadow|garden"):
        flowers(c, scene, light, horizon)
    grass(c, c.h * 1.01, near, mix(green, near, 0.3), 0.13 * c.u)
    return Ground(c.h * 0.87, sun=sun / c.w)


def _tree_line(c: Canvas, scene: Scene, light: Light, horizon: float, wood: Color, savanna: bool) -> None:
    tone = haze(wood, light.sky[2], 0.4)
    if savanna:
        for place, size in ((0.16, 0.34), (0.8, 0.24), (0.93, 0.15), (0.4, 0.1)):
            acacia(
                c,
                (place + c.between(-0.04, 0.04)) * c.w,
                horizon + 0.05 * c.h,
                size * c.u,
                haze(wood, light.sky[2], 0.5 - size),
            )
        return
    for place in np.linspace(0, 1, 30).tolist():
        size = c.u * c.between(0.03, 0.06) * (1 + 1.1 * abs(place - 0.5))
        c.disc((place + c.between(-0.02, 0.02)) * c.w, horizon, size, mix(tone, light.sky[2], c.between(0, 0.3)), 0.85)
    if scene.says("park|garden|orchard|trees?|playground"):
        for place, size in ((0.07, 0.5), (0.2, 0.33), (0.83, 0.42), (0.95, 0.55)):
            near = haze(wood, light.sky[2], 0.45 - 0.6 * size)
            round_tree(c, place * c.w, horizon + size * 0.24 * c.h, size * c.u, near, mix(near, light.sun, 0.16))


def _fence(c: Canvas, level: float, tone: Color) -> None:
    for rail in (0.0, 0.028):
        c.limb([(0, level + rail * c.u), (c.w, level + (rail - 0.02) * c.u)], [0.008 * c.u, 0.006 * c.u], tone)
    for x in np.arange(0.03 * c.u, c.w, 0.13 * c.u).tolist():
        c.rectangle(x, level - 0.03 * c.u - 0.02 * c.u * x / c.w, 0.012 * c.u, 0.085 * c.u, tone)


def _cottage(c: Canvas, x: float, foot: float, wide: float, light: Light) -> None:
    wall = lit((232, 218, 192), light.tint)
    roof = lit((150, 72, 58), light.tint)
    c.rectangle(x, foot - wide * 0.55, wide, wide * 0.55, wall, mix(wall, light.shade, 0.2))
    c.polygon(
        [
            (x - wide * 0.1, foot - wide * 0.52),
            (x + wide * 0.22, foot - wide * 0.95),
            (x + wide * 0.78, foot - wide * 0.95),
            (x + wide * 1.1, foot - wide * 0.52),
        ],
        roof,
    )
    pane = light.sun if light.dark or luma(light.tint) < 200 else mix(light.shade, light.sky[0], 0.4)
    for place in (0.16, 0.62):
        c.rectangle(x + wide * place, foot - wide * 0.4, wide * 0.2, wide * 0.2, pane)
    c.rectangle(x + wide * 0.42, foot - wide * 0.34, wide * 0.14, wide * 0.34, mix(roof, light.shade, 0.4))
