"""Landscapes from the air: a coast, fields, woods, a city."""

import math
from itertools import pairwise

import numpy as np

from ttv_illustrations.canvas import Canvas, Point, haze, path
from ttv_illustrations.ground import Ground
from ttv_illustrations.palette import Color, Light, lit, mix
from ttv_illustrations.plants import conifer, firs_along
from ttv_illustrations.scene import Scene
from ttv_illustrations.sky import sky
from ttv_illustrations.terrain import glitter, road, water_color


def aerial(c: Canvas, scene: Scene, light: Light) -> Ground:
    """From above: a coast, or wooded hills in the mist, out to a high horizon."""
    horizon = c.h * 0.2
    sun, _ = sky(c, scene, light, horizon)
    coast = scene.says(
        "sea|ocean|peninsula|islands?|coast|coastline|beach|lagoon|turquoise|water|archipelago|bay",
    )
    wood = lit((64, 108, 70), light.tint)
    if coast:
        _coast(c, scene, light, horizon, sun)
    elif scene.says("fields?|farm|farmland|vineyards?|countryside|rice|terraces|desert"):
        _patchwork(c, light, horizon)
    elif scene.says("city|skyscrapers|urban|buildings|town"):
        _blocks(c, light, horizon)
    else:
        far = light.sky[2]
        c.gradient((far, far), horizon - 1, c.h)
        for row in range(7):
            depth = 1 - row / 7
            level = horizon + (c.h - horizon) * (1 - depth) ** 1.3 * 1.05
            tops = c.skyline(level, c.u * (0.035 + 0.14 * (1 - depth)), 3.2 - 1.6 * (1 - depth), 4, 0.42)
            tone = haze(mix(wood, light.shade, 0.5 * (1 - depth)), far, depth * 0.85)
            size = c.u * (0.018 + 0.15 * (1 - depth))
            firs_along(c, tops, round(70 - 44 * (1 - depth)), size, tone, None)
            c.land(tops, tone, mix(tone, light.shade, 0.25))
            firs = c.random.uniform(0.15, 1, round(60 * (1 - depth) + 20))
            for below in np.sort(firs).tolist():
                x = c.between(-0.02, 1.02)
                y = float(tops[int(min(max(x, 0), 1) * (len(tops) - 1))]) + below * 0.2 * c.h
                conifer(
                    c,
                    x * c.w,
                    y + size * 0.5,
                    size * c.between(0.6, 1.0),
                    mix(tone, light.shade, 0.10 + 0.16 * below * (1 - depth)),
                )
            if scene.says("mist|fog|misty|foggy|clouds|haze") or row < 2:
                for _ in range(4):
                    c.glow(
                        c.between(0, c.w),
                        level + 0.12 * c.h,
                        c.u * c.between(0.4, 0.9),
                        mix(far, (255, 255, 255), 0.35),
                        0.85,
                        0.16,
                    )
        if scene.says("river|road|valley"):
            road(c, light, horizon + 0.1 * c.h, dirt=True)
    return Ground(c.h * 0.8, sun=sun / c.w, tall=0.0)


def _coast(c: Canvas, scene: Scene, light: Light, horizon: float, sun_x: float) -> None:
    water = water_color(scene, light)
    shallow = mix(water, lit((170, 232, 214), light.tint), 0.6)
    c.gradient(
        (haze(water, light.sky[2], 0.7), mix(water, light.shade, 0.1), mix(water, light.shade, 0.45)), horizon, c.h
    )
    glitter(c, sun_x, horizon, c.h * 0.8, light, mix(water, light.shade, 0.3))
    side = 1 if sun_x < c.w / 2 else -1
    turns = np.linspace(0, math.tau, 220, endpoint=False)
    wobble = sum(
        np.sin(turns * k + c.between(0, math.tau)) * a
        for k, a in ((2, 0.13), (3, 0.09), (5, 0.06), (9, 0.03), (17, 0.015))
    )
    cx, cy = c.w * (0.5 + 0.16 * side), c.h * 0.82
    spine = np.cos(turns) * side

    def outline(grow: float) -> list[Point]:
        radius = 1 + wobble + grow
        xs = cx + c.u * 0.78 * radius * np.cos(turns) + 0.25 * c.u * side * (spine > 0) * spine
        ys = cy + c.h * 0.40 * radius * np.sin(turns)
        return path(xs, ys)

    for grow, alpha in ((0.26, 0.3), (0.16, 0.45), (0.08, 0.8)):
        c.polygon(outline(grow), shallow, alpha=alpha)
    c.polygon(outline(0.035), lit((252, 252, 246), light.tint), alpha=0.85)
    c.polygon(outline(0.015), lit((234, 208, 160), light.tint))
    wood = lit((64, 112, 72), light.tint)
    land = outline(-0.05)
    c.polygon(land, mix(wood, light.sky[2], 0.25), mix(wood, light.shade, 0.3))
    edge, center = np.array(land), np.array([cx, cy])
    around = edge[c.random.integers(len(edge), size=900)]
    trees = center + (around - center) * np.sqrt(c.random.uniform(0, 1, (900, 1)))
    for x, y in trees[np.argsort(trees[:, 1])].tolist():
        near = min(max((y - horizon) / (c.h - horizon), 0), 1)
        size = c.u * (0.006 + 0.016 * near)
        tone = mix(mix(wood, light.sky[2], 0.3 * (1 - near)), light.shade, 0.35 * c.between(0, 1))
        c.disc(x, y, size, mix(tone, light.shade, 0.3), 0.8)
        c.disc(x - size * 0.15, y - size * 0.3, size * 0.8, tone, 0.8)


def _corner(c: Canvas, vx: float, horizon: float, cell: float, y: float) -> Point:
    """Where the border of a field's column meets a height."""
    near = (y - horizon) / (c.h - horizon)
    swell = 0.02 * c.u * math.sin(cell * 1.3 + 4 * near) * near
    return vx + (cell - 5.5) * (0.05 * c.u + (y - horizon) * 0.62), y + swell


def _patchwork(c: Canvas, light: Light, horizon: float) -> None:
    """Fields, seen from above."""
    crops: tuple[Color, ...] = (
        (136, 160, 82),
        (206, 178, 96),
        (98, 132, 76),
        (176, 164, 92),
        (154, 120, 78),
        (120, 152, 96),
    )
    wood = mix(lit((52, 86, 62), light.tint), light.shade, 0.2)
    c.gradient((light.sky[2], light.sky[2]), horizon - 1, c.h)
    lines = [horizon + (c.h * 1.06 - horizon) * share**1.7 for share in np.linspace(0, 1, 9).tolist()]
    edges = [c.random.uniform(-0.16, 0.16, 12) for _ in lines]
    vx = c.w * c.between(0.35, 0.65)
    for row, (top, low) in enumerate(pairwise(lines)):
        depth = 1 - row / 8
        for cell in range(11):
            crop = haze(lit(crops[int(c.random.integers(6))], light.tint), light.sky[2], depth * 0.9)
            left, right = cell + float(edges[row][cell]), cell + 1 + float(edges[row][cell + 1])
            corners = [(left, top), (right, top), (right, low + 2), (left, low + 2)]
            c.polygon([_corner(c, vx, horizon, *corner) for corner in corners], crop, mix(crop, light.shade, 0.12))
            if c.random.random() < 0.7:
                for column in np.linspace(left, right, 8)[1:-1].tolist():
                    furrow = [_corner(c, vx, horizon, column, y) for y in (top, low)]
                    c.limb(furrow, [0.001 * c.u, (0.006 - 0.004 * depth) * c.u], mix(crop, light.shade, 0.16))
        for column in np.arange(0, 11, 0.22).tolist():
            if c.random.random() < 0.62:
                size = c.u * (0.02 - 0.016 * depth) * c.between(0.6, 1.3)
                c.disc(*_corner(c, vx, horizon, column, low), size, haze(wood, light.sky[2], depth), 0.85)


def _blocks(c: Canvas, light: Light, horizon: float) -> None:
    """A city seen from above: blocks that rise towards the viewer."""
    street = mix(lit((120, 122, 128), light.tint), light.shade, 0.3)
    c.gradient((haze(street, light.sky[2], 0.8), street, mix(street, light.shade, 0.5)), horizon, c.h)
    for depth in np.linspace(0.03, 1.15, 17).tolist():
        y = horizon + (c.h - horizon) * depth**1.4
        wide = c.u * (0.025 + 0.15 * depth)
        for x in np.arange(c.w / 2 % (wide * 1.35) - wide * 1.35, c.w + wide, wide * 1.35).tolist():
            tall = wide * c.between(0.3, 1.5)
            tone = haze(
                lit(((214, 190, 168), (176, 184, 194), (196, 132, 112))[int(c.random.integers(3))], light.tint),
                light.sky[2],
                0.75 * (1 - depth),
            )
            c.rectangle(x, y - tall, wide, tall, mix(tone, light.shade, 0.4), mix(tone, light.shade, 0.6))
            c.rectangle(x, y - tall - wide * 0.3, wide, wide * 0.3, tone)
            if light.dark:
                for window in range(4):
                    if c.random.random() < 0.6:
                        c.rectangle(
                            x + wide * (0.12 + 0.2 * window),
                            y - tall * c.between(0.3, 0.8),
                            wide * 0.1,
                            wide * 0.12,
                            light.sun,
                        )
