"""Landscapes with water: the sea, a lake, and below the surface."""

import numpy as np

from ttv_illustrations.canvas import Canvas, haze, path
from ttv_illustrations.ground import Ground
from ttv_illustrations.landmarks import lighthouse
from ttv_illustrations.palette import Color, Light, lit, mix
from ttv_illustrations.plants import firs_along, grass
from ttv_illustrations.scene import Scene
from ttv_illustrations.sky import sky
from ttv_illustrations.terrain import crag, glitter, in_snow, water_color


def sea(c: Canvas, scene: Scene, light: Light) -> Ground:
    """Open water under a wide sky, and the beach where there is one."""
    horizon = c.h * c.between(0.44, 0.54)
    x, _ = sky(c, scene, light, horizon)
    water = water_color(scene, light)
    far = haze(water, light.sky[2], 0.55)
    if c.random.random() < 0.7 or scene.says("island|coast|bay|harbor|harbour|cliffs?"):
        side = 1 if x < c.w / 2 else -1
        for depth, size in ((0.8, 0.10), (0.62, 0.06)):
            places = np.linspace(0, 1, 400)
            reach = places if side > 0 else 1 - places
            rise = np.clip((reach - 0.52 - 0.12 * (0.8 - depth)) * 3, 0, 1) ** 0.7
            land = c.skyline(0, c.u * 0.035, 4, 4) - c.u * size
            tone = haze(lit((70, 98, 92), light.tint), light.sky[2], depth)
            c.land(np.where(rise > 0, horizon + land * rise, horizon + 1), tone, tone, mix(tone, light.sky[2], 0.3))
    c.gradient((far, mix(water, far, 0.35), water, mix(water, light.shade, 0.45)), horizon, c.h)
    glitter(c, x, horizon, c.h, light, mix(water, light.shade, 0.25))
    if scene.says("beach|shore|sand|shoreline|seaside|coast|coastline|surfer|surf"):
        sand = lit((226, 198, 150), light.tint)
        lean = c.between(0.03, 0.08) * (1 if c.random.random() < 0.5 else -1)
        shore = c.skyline(c.h * 0.80, c.u * 0.012, 2, 2) + c.h * np.linspace(-lean, lean, 400)
        c.land(shore - 0.026 * c.h, mix(water, sand, 0.45), alpha=0.7)
        c.land(shore - 0.012 * c.h, lit((250, 250, 244), light.tint), alpha=0.9)
        c.land(shore, mix(sand, light.shade, 0.22), sand, mix(sand, light.shade, 0.3))
        return Ground(c.h * 0.91, sun=x / c.w)
    if scene.says("road|highway|drives|driving"):
        return _promenade(c, light, x)
    if scene.says("cliffs?|lighthouse|rocks|pier"):
        ground = crag(c, light, x)
        if scene.says("lighthouse"):
            lighthouse(
                c,
                c.w * 0.5
                + (c.w * (ground.x or 0.5) - c.w * 0.5) * 2
                + 0.3 * c.u * (1 if (ground.x or 0) > 0.5 else -1),
                ground.level,
                0.5 * c.u,
                light.sun,
                light.shade,
            )
        return ground
    return Ground(c.h * 0.80, sun=x / c.w, afloat=True)


def _promenade(c: Canvas, light: Light, sun: float) -> Ground:
    """A road along the shore."""
    tar, bank = lit((104, 104, 112), light.tint), mix(lit((150, 140, 96), light.tint), light.shade, 0.3)
    c.land(c.skyline(c.h * 0.76, 0.012 * c.u, 2, 3), bank, mix(bank, light.shade, 0.3))
    c.gradient((mix(tar, light.sun, 0.12), mix(tar, light.shade, 0.4)), c.h * 0.82, c.h)
    for x in np.arange(-0.1 * c.u, c.w, 0.24 * c.u).tolist():
        c.rectangle(x, c.h * 0.945, 0.13 * c.u, 0.010 * c.h, mix(tar, (250, 240, 214), 0.8))
    c.rectangle(0, c.h * 0.765, c.w, 0.008 * c.h, mix(tar, (250, 246, 236), 0.6))
    for x in np.arange(0.03 * c.u, c.w, 0.16 * c.u).tolist():
        c.rectangle(x, c.h * 0.765, 0.012 * c.u, 0.055 * c.h, mix(tar, (250, 246, 236), 0.45))
    return Ground(c.h * 0.90, sun=sun / c.w)


def lake(c: Canvas, scene: Scene, light: Light) -> Ground:
    """Still water between hills, with their reflection, seen from a grassy shore."""
    horizon = c.h * c.between(0.48, 0.54)
    x, _ = sky(c, scene, light, horizon)
    snowy = in_snow(scene)
    green = lit((206, 214, 216) if snowy else (86, 116, 88), light.tint)
    firs = lit((44, 80, 70), light.tint)
    water = water_color(scene, light)
    bands = []
    for depth, level, swing in ((0.8, 0.16, 0.10), (0.55, 0.08, 0.05)):
        tops = c.skyline(horizon - c.u * level, c.u * swing, 2.5, 4)
        tone = haze(green, light.sky[2], depth)
        bands.append((tops, tone))
        c.land(tops, tone, mix(tone, light.sky[2], 0.25))
    tree_line = c.skyline(horizon - 0.008 * c.u, 0.006 * c.u, 3, 2)
    tone = haze(firs, light.sky[2], 0.35)
    firs_along(c, tree_line, 70, 0.075 * c.u, tone, None)
    mirrored = [mix(tone, water, 0.38) for tone in reversed(light.sky)]
    c.gradient((*mirrored, mix(mirrored[-1], light.shade, 0.4)), horizon, c.h)
    xs = np.linspace(-1, c.w + 1, 400)
    for tops, reflected in bands:
        mirror = horizon + (horizon - tops) * 0.8
        c.polygon(
            [(-1, horizon), *path(xs, mirror), (c.w + 1, horizon)],
            mix(reflected, water, 0.25),
            mix(reflected, water, 0.5),
            alpha=0.45,
        )
    c.polygon(
        [(-1, horizon), (c.w + 1, horizon), (c.w + 1, horizon + 0.05 * c.u), (-1, horizon + 0.05 * c.u)],
        mix(tone, water, 0.3),
        mix(tone, water, 0.9),
        alpha=0.7,
    )
    glitter(c, x, horizon + 0.02 * c.h, c.h, light, mix(water, light.shade, 0.2))
    shore = mix(lit((96, 128, 70), light.tint), light.shade, 0.25)
    bank = c.skyline(c.h * 0.83, c.u * 0.025, 1.2, 3)
    if scene.says("boat|canoe|kayak|sailing|rowing"):
        return Ground(c.h * 0.74, sun=x / c.w, afloat=True)
    c.land(bank, shore, mix(shore, light.shade, 0.6))
    for place in (0.03, 0.08, 0.95):
        for _ in range(5):
            foot = c.h * 0.93
            at = (place + c.between(-0.03, 0.03)) * c.w
            c.limb(
                [(at, foot), (at + c.between(-0.02, 0.02) * c.u, foot - c.between(0.12, 0.3) * c.u)],
                [0.006 * c.u, 0.003 * c.u],
                mix(shore, light.shade, 0.55),
            )
    grass(c, c.h * 1.0, mix(shore, light.shade, 0.5), shore, 0.08 * c.u)
    return Ground(c.h * 0.90, sun=x / c.w)


def underwater(c: Canvas, scene: Scene, light: Light) -> Ground:
    """Below the surface: shafts of light, rocks and corals."""
    top = mix(water_color(scene, light), (200, 244, 232), 0.55)
    deep: Color = (10, 42, 78)
    c.gradient((top, mix(top, deep, 0.45), mix(top, deep, 0.85), deep), 0, c.h)
    for _ in range(9):
        x, wide, lean = c.between(-0.1, 1.1) * c.w, c.u * c.between(0.02, 0.1), c.between(-0.2, 0.1) * c.w
        c.polygon(
            [(x, -2), (x + wide, -2), (x + wide * 2.6 + lean, c.h * 0.85), (x - wide + lean, c.h * 0.85)],
            (226, 255, 246),
            alpha=0.24,
            fade=True,
        )
    for depth, level in ((0.7, 0.68), (0.4, 0.78), (0.0, 0.9)):
        tone = haze((18, 46, 72), mix(top, deep, 0.6), depth)
        c.land(c.skyline(c.h * level, c.u * 0.06, 2.6, 4), mix(tone, top, 0.12), tone)
    corals: tuple[Color, ...] = ((238, 112, 104), (246, 172, 96), (206, 92, 150), (120, 206, 178))
    for _ in range(26):
        x = c.between(0, 1) * c.w
        if 0.38 < x / c.w < 0.62:
            continue
        tone = mix(corals[int(c.random.integers(4))], deep, c.between(0.1, 0.5))
        foot, tall = c.h * c.between(0.92, 1.02), c.u * c.between(0.06, 0.17)
        for lean in (-0.5, -0.2, 0.12, 0.45):
            c.limb(
                [
                    (x, foot),
                    (x + lean * tall * 0.6, foot - tall * 0.55),
                    (x + lean * tall, foot - tall * c.between(0.8, 1.1)),
                ],
                [tall * 0.13, tall * 0.1, tall * 0.11],
                tone,
            )
    for _ in range(24):
        c.disc(c.between(0, c.w), c.between(0.1, 0.9) * c.h, c.u * c.between(0.002, 0.008), (226, 250, 246), alpha=0.5)
    return Ground(c.h * 0.62, adrift=True)
