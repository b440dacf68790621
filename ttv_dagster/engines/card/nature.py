"""Landscapes."""

import math

import numpy as np

from ttv_dagster.engines.card.canvas import Canvas, Point, haze
from ttv_dagster.engines.card.ground import Ground
from ttv_dagster.engines.card.palette import Colour, Hour, Light, lit, luma, mix
from ttv_dagster.engines.card.scene import Near, Place, Scene

_SNOW: Colour = (240, 244, 248)


def _snowy(scene: Scene) -> bool:
    return scene.says("snow", "snowy", "winter", "wintry", "ice", "icy", "frozen", "arctic", "glacier", "snowfall")


def sky(c: Canvas, scene: Scene, light: Light, horizon: float) -> Point:
    """The sky down to `horizon`, with the sun or the moon, stars and clouds; where the sun stands."""
    stops = light.sky
    if scene.backdrop is not None:
        stops = (mix(scene.backdrop, stops[0], 0.25), scene.backdrop, mix(scene.backdrop, (255, 250, 240), 0.5))
    c.gradient(stops, 0, max(horizon, 2))
    x = c.w * (c.between(0.2, 0.36) if c.random.random() < 0.5 else c.between(0.64, 0.8))
    if light.dark:
        for _ in range(110):
            c.disc(c.between(0, c.w), horizon * c.between(0, 0.95) ** 1.3, c.u * c.between(0.0008, 0.0022),
                   mix(light.sky[0], (255, 255, 246), c.between(0.4, 1.0)))  # fmt: skip
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
        for shift, colour in ((0.16, base), (0.0, tone)):
            outline: list[Point] = []
            for turn in np.linspace(0, 1, 60).tolist():
                along = -2.4 + 4.8 * turn
                lump = max((math.sqrt(max(r * r - (along - px) ** 2, 0)) for px, r in puffs), default=0.0)
                body = 0.30 * math.sqrt(max(1 - (along / 2.4) ** 2, 0))
                outline.append((x + along * size, y - max(lump * 0.8, body) * size + shift * size))
            c.polygon([*outline, (x + 2.4 * size, y + shift * size), (x - 2.4 * size, y + shift * size)],
                      colour, mix(colour, light.sky[1], 0.5), alpha=0.75)  # fmt: skip


def conifer(c: Canvas, x: float, foot: float, tall: float, colour: Colour, snow: Colour | None = None) -> None:
    """A fir: three skirts on a trunk."""
    wide = tall * 0.21
    c.rectangle(x - tall * 0.018, foot - tall * 0.12, tall * 0.036, tall * 0.12, mix(colour, (20, 12, 10), 0.4))
    for low, high, share in ((0.08, 0.52, 1.0), (0.32, 0.76, 0.74), (0.56, 1.0, 0.48)):
        left, right = (x - wide * share, foot - tall * low), (x + wide * share, foot - tall * low)
        top = (x, foot - tall * high)
        c.polygon([left, (x, foot - tall * (low - 0.03)), right, top], colour)
        if snow is not None:
            c.polygon([top, (x - wide * share * 0.62, foot - tall * (low + 0.17)), (x - wide * share * 0.2, foot - tall * (low + 0.2)),
                       (x + wide * 0.1, foot - tall * (low + 0.15)), (x + wide * share * 0.55, foot - tall * (low + 0.2))], snow)  # fmt: skip


def round_tree(c: Canvas, x: float, foot: float, tall: float, colour: Colour, lighter: Colour) -> None:
    """A broad-leaved tree with a lit side."""
    c.limb([(x, foot), (x, foot - tall * 0.5)], [tall * 0.07, tall * 0.045], mix(colour, (40, 24, 20), 0.6))
    for dx, dy, r in ((0, 0.66, 0.25), (-0.17, 0.54, 0.18), (0.17, 0.55, 0.19), (0.02, 0.82, 0.17)):
        c.disc(x + dx * tall, foot - dy * tall, r * tall, colour)
    for dx, dy, r in ((-0.08, 0.74, 0.13), (-0.2, 0.58, 0.09), (0.1, 0.62, 0.09)):
        c.disc(x + dx * tall, foot - dy * tall, r * tall, lighter)


def acacia(c: Canvas, x: float, foot: float, tall: float, colour: Colour) -> None:
    """The flat-topped tree of a savanna."""
    bark = mix(colour, (40, 26, 18), 0.5)
    fork = (x + tall * 0.04, foot - tall * 0.45)
    c.limb([(x, foot), fork], [tall * 0.07, tall * 0.045], bark)
    for dx, dy in ((-0.34, 0.82), (-0.1, 0.86), (0.16, 0.88), (0.38, 0.8)):
        c.limb([fork, (x + dx * tall, foot - dy * tall)], [tall * 0.04, tall * 0.016], bark)
    for dx, dy, r in ((-0.3, 0.86, 0.3), (0.3, 0.85, 0.31), (0.02, 0.93, 0.34)):
        c.disc(x + dx * tall, foot - dy * tall, r * tall, colour, squeeze=0.3)


def grass(c: Canvas, level: float, colour: Colour, tip: Colour, tall: float) -> None:
    """Blades along a line, in front of everything."""
    for x in np.arange(0, c.w, c.u * 0.011).tolist():
        high, lean = tall * c.between(0.35, 1.0), c.between(-0.35, 0.35)
        root, half = x + c.between(-0.01, 0.01) * c.u, 0.0035 * c.u
        base = level + c.between(0, 0.03) * c.u
        c.polygon([(root - half, base), (root + half, base), (root + lean * high, base - high)], mix(colour, tip, c.between(0, 0.6)))


def road(c: Canvas, light: Light, horizon: float, dirt: bool) -> None:
    """A road that winds from the foot of the picture to the horizon."""
    surface = lit((178, 140, 102) if dirt else (98, 100, 106), light.tint)
    middle, swing = c.w * c.between(0.42, 0.58), c.w * c.between(0.10, 0.18) * (1 if c.random.random() < 0.5 else -1)

    def at(depth: float) -> tuple[float, float, float]:
        y = c.h + (horizon - c.h) * depth
        near = (1 - depth) ** 1.7
        return middle + swing * math.sin(3.6 * depth + 0.6) * (0.25 + near), y, c.u * (0.46 * near + 0.006)

    slices = [at(depth) for depth in np.linspace(0, 1, 40).tolist()]
    edge = [(x - half, y) for x, y, half in slices] + [(x + half, y) for x, y, half in reversed(slices)]
    c.polygon(edge, haze(surface, light.sky[2], 0.7), mix(surface, light.shade, 0.25))
    if not dirt:
        for start in np.linspace(0.02, 0.8, 9).tolist():
            (ax, ay, a), (bx, by, b) = at(start), at(start + 0.045)
            c.polygon([(ax - a * 0.035, ay), (ax + a * 0.035, ay), (bx + b * 0.035, by), (bx - b * 0.035, by)],
                      mix(surface, (250, 244, 226), 0.75))  # fmt: skip


def mountains(c: Canvas, scene: Scene, light: Light) -> Ground:
    """Ranges, one behind the other, and firs in front."""
    horizon = c.h * c.between(0.56, 0.64)
    sky(c, scene, light, horizon)
    snowy = _snowy(scene)
    rock = lit((104, 118, 132) if snowy else (112, 104, 104), light.tint)
    snow = lit(_SNOW, light.tint)
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
        _stand(c, tops, trees, c.u * (0.17 - 0.14 * depth), tone, haze(snow, light.sky[2], depth) if snowy else None)
        c.land(tops, haze(green, light.sky[2], depth), mix(haze(green, light.sky[2], depth * 0.6), light.shade, 0.1))
    ground = mix(green, light.shade, 0.1)
    tops = c.skyline(c.h * 0.84, c.u * 0.025, 1.5, 2)
    c.land(tops, ground, mix(ground, light.shade, 0.55))
    if scene.says("road", "highway", "drives", "driving", "path", "trail"):
        road(c, light, c.h * 0.70, dirt=scene.says("path", "trail", "dirt"))
    for x in (0.02, 0.1, 0.91, 0.985):
        conifer(c, x * c.w, c.h * c.between(0.96, 1.06), c.u * c.between(0.42, 0.66), mix(firs, light.shade, 0.62),
                snow=mix(snow, light.shade, 0.3) if snowy else None)  # fmt: skip
    if scene.says("cliff", "summit", "peak", "ledge", "mountaintop", "ridge"):
        return _crag(c, light)
    return Ground(c.h * 0.90, ground)


def _peaks(c: Canvas, level: float, swing: float) -> np.ndarray:
    rough = c.skyline(level, swing, 3, 5, 0.48)
    places = np.linspace(0, 1, len(rough))
    teeth = sum(np.abs(((places * f + c.between(0, 1)) % 1) - 0.5) * 4 / f**0.5 for f in (2.3, 4.7))
    return rough + swing * (teeth - teeth.mean()) * 0.55


def _snow_caps(c: Canvas, tops: np.ndarray, level: float, snow: Colour, rock: Colour) -> None:
    """Snow on what stands above a ragged line."""
    xs = np.linspace(-1, c.w + 1, len(tops))
    line = level - 0.055 * c.u + c.u * 0.022 * np.sin(xs / c.u * 38) + c.u * 0.016 * np.sin(xs / c.u * 71 + 1)
    lower = np.maximum(tops, line)
    shade = mix(snow, rock, 0.45)
    c.polygon([*zip(xs.tolist(), tops.tolist(), strict=True), *zip(xs[::-1].tolist(), lower[::-1].tolist(), strict=True)], snow)
    falling = np.maximum.accumulate(np.r_[0.0, np.diff(tops)] > 0) if len(tops) == 0 else np.r_[0.0, np.diff(tops)] > 0
    for start in np.flatnonzero(falling[1:] & ~falling[:-1]).tolist():
        end = start + 1
        while end < len(tops) - 1 and falling[end + 1]:
            end += 1
        span = slice(start, end + 1)
        outline = [*zip(xs[span].tolist(), tops[span].tolist(), strict=True),
                   *zip(xs[span][::-1].tolist(), lower[span][::-1].tolist(), strict=True)]  # fmt: skip
        if end - start > 3:
            c.polygon(outline, shade)


def _stand(c: Canvas, tops: np.ndarray, count: int, tall: float, tone: Colour, snow: Colour | None) -> None:
    """Firs along a skyline."""
    for x in np.sort(c.random.uniform(-0.02, 1.02, count)).tolist():
        row = int(min(max(x, 0), 1) * (len(tops) - 1))
        conifer(c, x * c.w, float(tops[row]) + tall * 0.08, tall * c.between(0.6, 1.15), tone, snow)


def _crag(c: Canvas, light: Light) -> Ground:
    """A rock in the foreground for someone to stand on."""
    side = 1 if c.random.random() < 0.5 else -1
    rock, top = mix(light.shade, lit((112, 104, 104), light.tint), 0.3), c.h * 0.72
    edge = c.w * (0.5 + 0.06 * side)

    def x(share: float) -> float:
        return edge + side * share * c.u

    c.polygon([(x(-0.16), top + 0.02 * c.h), (x(-0.1), top - 0.004 * c.h), (x(0.12), top), (x(0.3), top - 0.01 * c.h), (x(2.2), top - 0.06 * c.h),
               (x(2.2), c.h + 2), (x(0.1), c.h + 2), (x(0.04), c.h * 0.9), (x(-0.05), c.h * 0.83), (x(-0.06), c.h * 0.78)],
              mix(rock, light.sky[2], 0.12), rock)  # fmt: skip
    c.polygon([(x(-0.16), top + 0.02 * c.h), (x(-0.1), top - 0.004 * c.h), (x(0.12), top), (x(0.3), top - 0.01 * c.h), (x(2.2), top - 0.06 * c.h),
               (x(2.2), top - 0.03 * c.h), (x(0.3), top + 0.018 * c.h), (x(0.1), top + 0.022 * c.h)], mix(rock, light.sky[2], 0.4))  # fmt: skip
    return Ground(top + 0.006 * c.h, rock, x=x(0.02) / c.w, tall=0.2)


def forest(c: Canvas, scene: Scene, light: Light) -> Ground:
    """Among trunks, with light falling through."""
    snowy = _snowy(scene)
    leaf = lit((206, 214, 212) if snowy else (112, 150, 82), light.tint)
    if scene.says("autumn", "fall", "autumnal") and not snowy:
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
            _trunk(c, c.between(0, c.w), horizon + c.h * 0.06 * (1 - depth), c.u * thick * c.between(0.7, 1.5), tone)
        tops = c.skyline(horizon + c.h * 0.07 * (1 - depth) - 0.01 * c.h, 0.02 * c.u, 5, 4)
        c.land(tops, haze(mix(leaf, deep, 0.3), far, depth), haze(mix(leaf, deep, 0.35), far, depth * 0.7))
    c.land(c.skyline(c.h * 0.70, 0.012 * c.u, 2, 2), mix(leaf, deep, 0.25), mix(leaf, deep, 0.8))
    if scene.says("road", "path", "trail", "track", "walking", "riding", "walks", "dirt"):
        road(c, light, c.h * 0.67, dirt=not scene.says("highway", "asphalt"))
    sides = [0.04, 0.17, 0.86, 0.97, 0.3, 0.73][: 6 if c.w > c.h else 4]
    for place in sides:
        near = 0.14 if 0.2 < place < 0.8 else 0.0
        _trunk(c, (place + c.between(-0.03, 0.03)) * c.w, c.h * (0.93 - 1.1 * near), c.u * (0.075 - 0.28 * near) * c.between(0.8, 1.2),
               haze(deep, far, near), branches=True)  # fmt: skip
    for _ in range(4):
        lean, wide = c.between(-0.25, 0.25), c.u * c.between(0.03, 0.08)
        start = x + c.between(-0.3, 0.3) * c.u
        c.polygon([(start, -5), (start + wide, -5), (start + wide * 3 + lean * c.h, c.h * 0.86), (start + lean * c.h - wide, c.h * 0.86)],
                  light.sun, alpha=0.22, fade=True)  # fmt: skip
    _canopy(c, deep, mix(leaf, deep, 0.45))
    for x0 in np.linspace(0, c.w, 26).tolist():
        _fern(c, x0 + c.between(-0.02, 0.02) * c.w, c.h * 1.01, c.u * c.between(0.06, 0.13), mix(deep, leaf, c.between(0, 0.35)))
    return Ground(c.h * 0.86, mix(leaf, deep, 0.6))


def _trunk(c: Canvas, x: float, foot: float, thick: float, tone: Colour, branches: bool = False) -> None:
    lean = c.between(-0.04, 0.04) * c.h
    c.polygon([(x - thick * 0.75, foot), (x + thick * 0.75, foot), (x + thick * 0.4, foot - thick * 1.2), (x + thick * 0.34 + lean, -2),
               (x - thick * 0.34 + lean, -2), (x - thick * 0.4, foot - thick * 1.2)], tone)  # fmt: skip
    if branches:
        for _ in range(3):
            y, side = c.between(0.12, 0.5) * c.h, 1 if c.random.random() < 0.5 else -1
            at = x + lean * (1 - y / foot)
            c.limb([(at, y), (at + side * thick * 1.6, y - thick * 0.9), (at + side * thick * 3, y - thick * 2.6)],
                   [thick * 0.32, thick * 0.2, thick * 0.06], tone)  # fmt: skip


def _canopy(c: Canvas, dark: Colour, lighter: Colour) -> None:
    """Leaves that close the picture at the top."""
    for tone, low, count in ((lighter, 0.13, 46), (dark, 0.07, 50)):
        for place in np.linspace(-0.03, 1.03, count).tolist():
            edge = 0.35 + 1.5 * (place - 0.5) ** 2
            for _ in range(2):
                c.disc(place * c.w, c.between(-0.03, low) * c.h * 2 * edge, c.u * c.between(0.02, 0.055), tone, 0.8)


def _fern(c: Canvas, x: float, foot: float, tall: float, tone: Colour) -> None:
    for angle in (-62, -34, -8, 22, 50):
        turn = math.radians(angle + c.between(-8, 8))
        tip = (x + tall * math.sin(turn), foot - tall * math.cos(turn))
        across = (0.12 * tall * math.cos(turn), 0.12 * tall * math.sin(turn))
        belly = (x + 0.5 * (tip[0] - x), foot + 0.5 * (tip[1] - foot))
        c.polygon([(x, foot), (belly[0] - across[0], belly[1] - across[1]), tip, (belly[0] + across[0], belly[1] + across[1])], tone)


def _water_colour(scene: Scene, light: Light) -> Colour:
    blues = [colour for colour in scene.colours if colour[2] > colour[0] + 30]
    return lit(blues[0] if blues else (46, 122, 142), light.tint)


def sea(c: Canvas, scene: Scene, light: Light) -> Ground:
    """Open water under a wide sky, and the beach where there is one."""
    horizon = c.h * c.between(0.44, 0.54)
    x, _ = sky(c, scene, light, horizon)
    water = _water_colour(scene, light)
    far = haze(water, light.sky[2], 0.55)
    if c.random.random() < 0.7 or scene.says("island", "coast", "bay", "harbor", "harbour", "cliff", "cliffs"):
        side = 1 if x < c.w / 2 else -1
        for depth, size in ((0.8, 0.10), (0.62, 0.06)):
            places = np.linspace(0, 1, 400)
            reach = places if side > 0 else 1 - places
            rise = np.clip((reach - 0.52 - 0.12 * (0.8 - depth)) * 3, 0, 1) ** 0.7
            land = c.skyline(0, c.u * 0.035, 4, 4) - c.u * size
            tone = haze(lit((70, 98, 92), light.tint), light.sky[2], depth)
            c.land(np.where(rise > 0, horizon + land * rise, horizon + 1), tone, tone, mix(tone, light.sky[2], 0.3))
    c.gradient((far, mix(water, far, 0.35), water, mix(water, light.shade, 0.45)), horizon, c.h)
    _glitter(c, x, horizon, c.h, light, mix(water, light.shade, 0.25))
    if scene.says("beach", "shore", "sand", "shoreline", "seaside", "coast", "coastline", "surfer", "surf"):
        sand = lit((226, 198, 150), light.tint)
        lean = c.between(0.03, 0.08) * (1 if c.random.random() < 0.5 else -1)
        shore = c.skyline(c.h * 0.80, c.u * 0.012, 2, 2) + c.h * np.linspace(-lean, lean, 400)
        c.land(shore - 0.026 * c.h, mix(water, sand, 0.45), alpha=0.7)
        c.land(shore - 0.012 * c.h, lit((250, 250, 244), light.tint), alpha=0.9)
        c.land(shore, mix(sand, light.shade, 0.22), sand, mix(sand, light.shade, 0.3))
        return Ground(c.h * 0.91, sand)
    if scene.says("cliff", "cliffs", "lighthouse", "rocks", "pier"):
        return _crag(c, light)
    return Ground(c.h * 0.80, mix(water, light.shade, 0.3), afloat=True)


def _glitter(c: Canvas, x: float, horizon: float, bottom: float, light: Light, dark: Colour) -> None:
    """The reflection of the light, and waves that grow towards the viewer."""
    for depth in np.linspace(0.02, 1, 46).tolist():
        y = horizon + (bottom - horizon) * depth**1.5
        thick = c.u * (0.0012 + 0.006 * depth)
        for _ in range(3):
            at, half = c.between(0, c.w), c.u * (0.02 + 0.10 * depth) * c.between(0.4, 1)
            c.disc(at, y, half, dark, squeeze=thick / half, alpha=0.35)
        for _ in range(2):
            spread = c.u * (0.035 + 0.13 * depth)
            at, half = x + c.between(-1, 1) * spread, c.u * (0.014 + 0.05 * depth) * c.between(0.4, 1)
            c.disc(at, y, half, light.sun, squeeze=thick / half, alpha=0.8 * (1 - 0.5 * depth))


def lake(c: Canvas, scene: Scene, light: Light) -> Ground:
    """Still water between hills, with their reflection, seen from a grassy shore."""
    horizon = c.h * c.between(0.48, 0.54)
    x, _ = sky(c, scene, light, horizon)
    snowy = _snowy(scene)
    green = lit((206, 214, 216) if snowy else (86, 116, 88), light.tint)
    firs = lit((44, 80, 70), light.tint)
    water = mix(_water_colour(scene, light), light.sky[1], 0.45)
    bands = []
    for depth, level, swing in ((0.8, 0.16, 0.10), (0.55, 0.08, 0.05)):
        tops = c.skyline(horizon - c.u * level, c.u * swing, 2.5, 4)
        tone = haze(green, light.sky[2], depth)
        bands.append((tops, tone))
        c.land(tops, tone, mix(tone, light.sky[2], 0.25))
    tree_line = c.skyline(horizon - 0.008 * c.u, 0.006 * c.u, 3, 2)
    tone = haze(firs, light.sky[2], 0.35)
    _stand(c, tree_line, 70, 0.075 * c.u, tone, None)
    c.gradient((mix(water, light.sky[2], 0.5), water, mix(water, light.shade, 0.35)), horizon, c.h)
    xs = np.linspace(-1, c.w + 1, 400).tolist()
    for tops, reflected in bands:
        mirror = horizon + (horizon - tops) * 0.8
        c.polygon([(-1, horizon), *zip(xs, mirror.tolist(), strict=True), (c.w + 1, horizon)], mix(reflected, water, 0.5), water, alpha=0.65)
    c.polygon([(-1, horizon), (c.w + 1, horizon), (c.w + 1, horizon + 0.05 * c.u), (-1, horizon + 0.05 * c.u)],
              mix(tone, water, 0.3), mix(tone, water, 0.9), alpha=0.7)  # fmt: skip
    _glitter(c, x, horizon + 0.02 * c.h, c.h, light, mix(water, light.shade, 0.2))
    shore = mix(lit((96, 128, 70), light.tint), light.shade, 0.25)
    bank = c.skyline(c.h * 0.83, c.u * 0.025, 1.2, 3)
    if scene.says("boat", "canoe", "kayak", "sailing", "rowing"):
        return Ground(c.h * 0.74, mix(water, light.shade, 0.3), afloat=True)
    c.land(bank, shore, mix(shore, light.shade, 0.6))
    for place in (0.03, 0.08, 0.95):
        for _ in range(5):
            foot = c.h * 0.93
            at = (place + c.between(-0.03, 0.03)) * c.w
            c.limb([(at, foot), (at + c.between(-0.02, 0.02) * c.u, foot - c.between(0.12, 0.3) * c.u)], [0.006 * c.u, 0.003 * c.u],
                   mix(shore, light.shade, 0.55))  # fmt: skip
    grass(c, c.h * 1.0, mix(shore, light.shade, 0.5), shore, 0.08 * c.u)
    return Ground(c.h * 0.90, shore)


def desert(c: Canvas, scene: Scene, light: Light) -> Ground:
    """Dunes: every crest has a lit side and a side in shadow."""
    horizon = c.h * c.between(0.46, 0.56)
    sky(c, scene, light, horizon + 0.04 * c.h)
    sand = lit((226, 164, 98), light.tint)
    if scene.says("canyon", "mesa", "badlands", "rock", "western"):
        _mesas(c, light, horizon, lit((190, 104, 72), light.tint))
    for depth, level in ((0.8, 0.0), (0.55, 0.09), (0.3, 0.2), (0.0, 0.34)):
        tone = haze(sand, light.sky[2], depth)
        dark = mix(tone, mix(light.shade, light.sky[0], 0.35), 0.5)
        tops = c.skyline(horizon + level * c.h, c.u * (0.025 + 0.035 * (1 - depth)), 1.3 + depth, 2, 0.35)
        c.land(tops, tone, mix(tone, dark, 0.12))
        _lee(c, tops, dark, tone)
    return Ground(c.h * 0.90, sand)


def _lee(c: Canvas, tops: np.ndarray, dark: Colour, tone: Colour) -> None:
    """The side of a dune that lies in shadow, from its crest down to one side."""
    xs = np.linspace(-1, c.w + 1, len(tops))
    crest = int(np.argmin(tops[60:340])) + 60
    turn = 1 if c.random.random() < 0.5 else -1
    edge = np.arange(crest, len(tops)) if turn > 0 else np.arange(crest, -1, -1)
    down = np.linspace(0, 1, 40)
    bend = c.u * (0.10 * np.sin(down * math.pi * 1.5) - 0.3 * down**1.4) * turn
    curve = zip((xs[crest] - bend)[::-1].tolist(), (tops[crest] + down * 0.5 * c.h)[::-1].tolist(), strict=True)
    c.polygon([*zip(xs[edge].tolist(), tops[edge].tolist(), strict=True), (float(xs[edge[-1]]), float(tops[crest]) + 0.5 * c.h), *curve],
              dark, mix(dark, tone, 0.5), mix(dark, tone, 0.9))  # fmt: skip


def _mesas(c: Canvas, light: Light, horizon: float, rock: Colour) -> None:
    for place, wide, tall, depth in ((0.14, 0.3, 0.2, 0.55), (0.86, 0.24, 0.28, 0.35), (0.63, 0.1, 0.14, 0.65)):
        x, half, top = place * c.w, wide * c.u / 2, horizon - tall * c.u
        tone = haze(rock, light.sky[2], depth)
        c.polygon([(x - half * 1.5, horizon + 0.1 * c.h), (x - half * 1.05, top + 0.45 * tall * c.u), (x - half, top), (x - half * 0.3, top - 0.012 * c.u),
                   (x + half * 0.9, top), (x + half, top + 0.4 * tall * c.u), (x + half * 1.5, horizon + 0.1 * c.h)], tone, mix(tone, light.sky[2], 0.3))  # fmt: skip
        c.polygon([(x + half * 0.3, top), (x + half * 0.9, top), (x + half, top + 0.4 * tall * c.u), (x + half * 1.5, horizon + 0.1 * c.h),
                   (x + half * 0.5, horizon + 0.1 * c.h)], mix(tone, light.shade, 0.3))  # fmt: skip


def field(c: Canvas, scene: Scene, light: Light) -> Ground:
    """Open land to a line of trees and hills."""
    horizon = c.h * c.between(0.50, 0.58)
    sky(c, scene, light, horizon)
    savanna = scene.says("savanna", "savannah", "lion", "lions", "giraffe", "elephant", "elephants", "zebra")
    golden = savanna or scene.says("wheat", "hay", "golden", "autumn", "harvest", "barley")
    snowy = _snowy(scene)
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
    if scene.says("road", "path", "trail", "track", "drives", "driving"):
        road(c, light, horizon + 0.02 * c.h, dirt=not scene.says("highway", "asphalt", "drives"))
    if scene.says("fence", "fences", "farm", "ranch", "horse", "pasture"):
        _fence(c, horizon + 0.13 * c.h, mix(wood, light.shade, 0.4))
    if scene.says("house", "barn", "farm", "cottage", "cabin", "farmhouse", "village"):
        _cottage(c, c.w * 0.78, horizon + 0.06 * c.h, 0.15 * c.u, light)
    if scene.says("sunflower", "sunflowers", "flowers", "flower", "tulips", "poppies", "lavender", "blossoms", "meadow", "garden"):
        _flowers(c, scene, light, horizon)
    grass(c, c.h * 1.01, near, mix(green, near, 0.3), 0.13 * c.u)
    return Ground(c.h * 0.87, green)


def _tree_line(c: Canvas, scene: Scene, light: Light, horizon: float, wood: Colour, savanna: bool) -> None:
    tone = haze(wood, light.sky[2], 0.4)
    if savanna:
        for place, size in ((0.16, 0.34), (0.8, 0.24), (0.93, 0.15), (0.4, 0.1)):
            acacia(c, (place + c.between(-0.04, 0.04)) * c.w, horizon + 0.05 * c.h, size * c.u, haze(wood, light.sky[2], 0.5 - size))
        return
    for place in np.linspace(0, 1, 30).tolist():
        size = c.u * c.between(0.03, 0.06) * (1 + 1.1 * abs(place - 0.5))
        c.disc((place + c.between(-0.02, 0.02)) * c.w, horizon, size, mix(tone, light.sky[2], c.between(0, 0.3)), 0.85)
    if scene.says("park", "trees", "garden", "orchard", "tree", "playground"):
        for place, size in ((0.07, 0.5), (0.2, 0.33), (0.83, 0.42), (0.95, 0.55)):
            near = haze(wood, light.sky[2], 0.45 - 0.6 * size)
            round_tree(c, place * c.w, horizon + size * 0.24 * c.h, size * c.u, near, mix(near, light.sun, 0.16))


def _fence(c: Canvas, level: float, tone: Colour) -> None:
    for rail in (0.0, 0.028):
        c.limb([(0, level + rail * c.u), (c.w, level + (rail - 0.02) * c.u)], [0.008 * c.u, 0.006 * c.u], tone)
    for x in np.arange(0.03 * c.u, c.w, 0.13 * c.u).tolist():
        c.rectangle(x, level - 0.03 * c.u - 0.02 * c.u * x / c.w, 0.012 * c.u, 0.085 * c.u, tone)


def _cottage(c: Canvas, x: float, foot: float, wide: float, light: Light) -> None:
    wall = lit((232, 218, 192), light.tint)
    roof = lit((150, 72, 58), light.tint)
    c.rectangle(x, foot - wide * 0.55, wide, wide * 0.55, wall, mix(wall, light.shade, 0.2))
    c.polygon([(x - wide * 0.1, foot - wide * 0.52), (x + wide * 0.22, foot - wide * 0.95), (x + wide * 0.78, foot - wide * 0.95),
               (x + wide * 1.1, foot - wide * 0.52)], roof)  # fmt: skip
    pane = light.sun if light.dark or luma(light.tint) < 200 else mix(light.shade, light.sky[0], 0.4)
    for place in (0.16, 0.62):
        c.rectangle(x + wide * place, foot - wide * 0.4, wide * 0.2, wide * 0.2, pane)
    c.rectangle(x + wide * 0.42, foot - wide * 0.34, wide * 0.14, wide * 0.34, mix(roof, light.shade, 0.4))


def _flowers(c: Canvas, scene: Scene, light: Light, horizon: float) -> None:
    sunflowers = scene.says("sunflower", "sunflowers")
    petals = [lit(colour, light.tint) for colour in scene.colours] or [lit((250, 196, 60), light.tint)] * (3 if sunflowers else 0) or [lit((238, 118, 104), light.tint), lit((250, 208, 92), light.tint), lit((236, 232, 240), light.tint)]
    stem = mix(lit((72, 112, 58), light.tint), light.shade, 0.2)
    for depth in np.sort(c.random.uniform(0.05, 1, 240)).tolist():
        y = horizon + 0.03 * c.h + (c.h - horizon) * depth**1.6
        size = c.u * (0.004 + (0.036 if sunflowers else 0.014) * depth**1.5)
        x = c.between(-0.02, 1.02) * c.w
        if 0.34 < x / c.w < 0.66 and depth > 0.55:
            continue
        petal = haze(petals[int(c.random.integers(len(petals)))], light.sky[2], (1 - depth) * 0.5)
        if depth > 0.3:
            c.limb([(x, y + size * 4), (x, y)], [size * 0.4, size * 0.3], stem)
        if sunflowers and depth > 0.25:
            for turn in range(12):
                angle = turn * math.tau / 12
                c.disc(x + size * 0.8 * math.cos(angle), y + size * 0.8 * math.sin(angle), size * 0.36, petal)
            c.disc(x, y, size * 0.62, lit((92, 56, 34), light.tint))
        else:
            c.disc(x, y, size, petal, 0.75)
            c.disc(x - size * 0.2, y - size * 0.2, size * 0.4, mix(petal, light.sun, 0.5), 0.75)


def aerial(c: Canvas, scene: Scene, light: Light) -> Ground:
    """From above: a coast, or wooded hills in the mist, out to a high horizon."""
    horizon = c.h * 0.2
    x, _ = sky(c, scene, light, horizon)
    coast = scene.says("sea", "ocean", "peninsula", "island", "islands", "coast", "coastline", "beach", "lagoon", "turquoise", "water", "archipelago", "bay")
    wood = lit((64, 108, 70), light.tint)
    if coast:
        _coast(c, scene, light, horizon, x)
    elif scene.says("city", "skyscrapers", "urban", "buildings", "town"):
        _blocks(c, light, horizon)
    else:
        far = light.sky[2]
        c.gradient((far, far), horizon - 1, c.h)
        for row in range(7):
            depth = 1 - row / 7
            level = horizon + (c.h - horizon) * (1 - depth) ** 1.3 * 1.05
            tops = c.skyline(level, c.u * (0.035 + 0.14 * (1 - depth)), 3.2 - 1.6 * (1 - depth), 4, 0.42)
            tone = haze(mix(wood, light.shade, 0.35 * (1 - depth)), far, depth)
            _tufts(c, tops, tone, c.u * (0.006 + 0.03 * (1 - depth)))
            c.land(tops, tone, mix(tone, light.shade, 0.25))
            if scene.says("mist", "fog", "misty", "foggy", "clouds", "haze") or row < 3:
                for _ in range(3):
                    c.disc(c.between(0, c.w), level + 0.085 * c.h, c.u * c.between(0.3, 0.6), far, 0.12, alpha=0.28)
                    c.glow(c.between(0, c.w), level + 0.1 * c.h, c.u * c.between(0.4, 0.8), mix(far, (255, 255, 255), 0.3), 0.75, 0.16)
        if scene.says("river", "road", "valley"):
            road(c, light, horizon + 0.1 * c.h, dirt=True)
    return Ground(c.h * 0.8, wood, tall=0.0)


def _tufts(c: Canvas, tops: np.ndarray, tone: Colour, size: float) -> None:
    xs = np.linspace(0, c.w, len(tops))
    for index in range(0, len(tops), max(int(size * len(tops) / c.w * 0.8), 1)):
        c.disc(float(xs[index]), float(tops[index]), size * c.between(0.6, 1.2), tone)


def _coast(c: Canvas, scene: Scene, light: Light, horizon: float, sun_x: float) -> None:
    water = _water_colour(scene, light)
    shallow = mix(water, lit((170, 232, 214), light.tint), 0.6)
    c.gradient((haze(water, light.sky[2], 0.7), mix(water, light.shade, 0.1), mix(water, light.shade, 0.45)), horizon, c.h)
    _glitter(c, sun_x, horizon, c.h * 0.8, light, mix(water, light.shade, 0.3))
    side = 1 if sun_x < c.w / 2 else -1
    turns = np.linspace(0, math.tau, 220, endpoint=False)
    wobble = sum(np.sin(turns * k + c.between(0, math.tau)) * a for k, a in ((2, 0.13), (3, 0.09), (5, 0.06), (9, 0.03), (17, 0.015)))
    cx, cy = c.w * (0.5 + 0.16 * side), c.h * 0.82
    spine = np.cos(turns) * side

    def outline(grow: float) -> list[Point]:
        radius = 1 + wobble + grow
        xs = cx + c.u * 0.78 * radius * np.cos(turns) + 0.25 * c.u * side * (spine > 0) * spine
        ys = cy + c.h * 0.40 * radius * np.sin(turns)
        return list(zip(xs.tolist(), ys.tolist(), strict=True))

    for grow, alpha in ((0.26, 0.3), (0.16, 0.45), (0.08, 0.8)):
        c.polygon(outline(grow), shallow, alpha=alpha)
    c.polygon(outline(0.035), lit((252, 252, 246), light.tint), alpha=0.85)
    c.polygon(outline(0.015), lit((234, 208, 160), light.tint))
    wood = lit((64, 112, 72), light.tint)
    land = outline(-0.05)
    c.polygon(land, mix(wood, light.sky[2], 0.25), mix(wood, light.shade, 0.3))
    edge = np.array(land)
    for depth in np.sort(c.random.uniform(0, 1, 700)).tolist():
        turn = int(c.random.integers(len(edge)))
        reach = c.between(0, 1) ** 0.5
        px, py = (edge[turn] - (cx, cy)) * reach + (cx, cy)
        near = min(max((py - horizon) / (c.h - horizon), 0), 1)
        size = c.u * (0.006 + 0.016 * near)
        tone = mix(mix(wood, light.sky[2], 0.3 * (1 - near)), light.shade, 0.35 * c.between(0, 1) + 0.0 * depth)
        c.disc(px, py, size, mix(tone, light.shade, 0.3), 0.8)
        c.disc(px - size * 0.15, py - size * 0.3, size * 0.8, tone, 0.8)


def _blocks(c: Canvas, light: Light, horizon: float) -> None:
    """A city seen from above: blocks that rise towards the viewer."""
    street = mix(lit((120, 122, 128), light.tint), light.shade, 0.3)
    c.gradient((haze(street, light.sky[2], 0.8), street, mix(street, light.shade, 0.5)), horizon, c.h)
    for depth in np.linspace(0.03, 1.15, 17).tolist():
        y = horizon + (c.h - horizon) * depth**1.4
        wide = c.u * (0.025 + 0.15 * depth)
        for x in np.arange(c.w / 2 % (wide * 1.35) - wide * 1.35, c.w + wide, wide * 1.35).tolist():
            tall = wide * c.between(0.3, 1.5)
            tone = haze(lit(((214, 190, 168), (176, 184, 194), (196, 132, 112))[int(c.random.integers(3))], light.tint), light.sky[2], 0.75 * (1 - depth))
            c.rectangle(x, y - tall, wide, tall, mix(tone, light.shade, 0.4), mix(tone, light.shade, 0.6))
            c.rectangle(x, y - tall - wide * 0.3, wide, wide * 0.3, tone)
            if light.dark:
                for window in range(4):
                    if c.random.random() < 0.6:
                        c.rectangle(x + wide * (0.12 + 0.2 * window), y - tall * c.between(0.3, 0.8), wide * 0.1, wide * 0.12, light.sun)


def space(c: Canvas, scene: Scene, light: Light) -> Ground:
    """Stars, a nebula and a planet."""
    void: Colour = (10, 12, 30)
    tones = [*scene.colours, (176, 82, 150), (58, 122, 188), (238, 140, 92)]
    c.gradient((void, mix(void, tones[0], 0.25), mix(void, tones[1], 0.2)), 0, c.h)
    for row in range(7):
        c.glow(c.between(0, c.w), c.h * (0.25 + 0.5 * c.between(0, 1)), c.u * c.between(0.4, 0.9), tones[row % min(len(tones), 3)], 0.34, c.between(0.35, 0.8))
    for _ in range(260):
        c.disc(c.between(0, c.w), c.between(0, c.h), c.u * c.between(0.0007, 0.0026) * (2 if c.random.random() < 0.05 else 1), mix(void, (255, 252, 244), c.between(0.35, 1)))
    side = 1 if c.random.random() < 0.5 else -1
    x, y, radius = c.w * (0.5 + 0.24 * side), c.h * c.between(0.34, 0.5), c.u * c.between(0.24, 0.34)
    planet = (196, 98, 62) if scene.says("mars") else tones[1]
    _planet(c, x, y, radius, planet, tones[2], void, side, ring=c.random.random() < 0.6)
    if scene.says("moon", "lunar", "mars", "surface", "rover", "walking", "alien world", "colony", "base"):
        soil = (168, 92, 62) if scene.says("mars") else (154, 156, 166)
        c.land(c.skyline(c.h * 0.78, 0.03 * c.u, 2, 4), mix(soil, (255, 250, 240), 0.25), mix(soil, void, 0.6))
        for _ in range(9):
            at, level, size = c.between(0, c.w), c.h * c.between(0.85, 0.98), c.u * c.between(0.02, 0.07)
            c.disc(at, level, size, mix(soil, void, 0.5), 0.28)
            c.disc(at, level + size * 0.07, size * 0.88, mix(soil, void, 0.25), 0.24)
        return Ground(c.h * 0.9, soil)
    return Ground(c.h * 0.72, void, x=0.5 - 0.16 * side, adrift=True)


def _planet(c: Canvas, x: float, y: float, radius: float, tone: Colour, band: Colour, void: Colour, side: int, ring: bool) -> None:
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
    inner = [(x + side * radius * 0.25 * math.cos(t) , y + radius * math.sin(t)) for t in turns[::-1].tolist()]
    c.polygon([*outer, *inner], mix(tone, void, 0.85), alpha=0.72)
    if ring:
        _ring(c, x, y, radius, mix(band, (255, 240, 220), 0.4), behind=False)


def _ring(c: Canvas, x: float, y: float, radius: float, tone: Colour, behind: bool) -> None:
    turns = np.linspace(math.pi, math.tau, 60) if behind else np.linspace(0, math.pi, 60)
    lean = 0.24

    def at(reach: float, turn: float) -> Point:
        dx, dy = radius * reach * math.cos(turn), radius * reach * 0.26 * math.sin(turn)
        return x + dx * math.cos(lean) - dy * math.sin(lean), y + dx * math.sin(lean) + dy * math.cos(lean)

    for inner, outer, alpha in ((1.35, 1.62, 0.85), (1.68, 1.86, 0.5)):
        c.polygon([at(outer, t) for t in turns.tolist()] + [at(inner, t) for t in turns[::-1].tolist()], tone, alpha=alpha)


def underwater(c: Canvas, scene: Scene, light: Light) -> Ground:
    """Below the surface: shafts of light, rocks and corals."""
    top = mix(_water_colour(scene, light), (200, 244, 232), 0.55)
    deep: Colour = (10, 42, 78)
    c.gradient((top, mix(top, deep, 0.45), mix(top, deep, 0.85), deep), 0, c.h)
    for _ in range(9):
        x, wide, lean = c.between(-0.1, 1.1) * c.w, c.u * c.between(0.02, 0.1), c.between(-0.2, 0.1) * c.w
        c.polygon([(x, -2), (x + wide, -2), (x + wide * 2.6 + lean, c.h * 0.85), (x - wide + lean, c.h * 0.85)], (226, 255, 246), alpha=0.24, fade=True)
    for depth, level in ((0.7, 0.68), (0.4, 0.78), (0.0, 0.9)):
        tone = haze((18, 46, 72), mix(top, deep, 0.6), depth)
        c.land(c.skyline(c.h * level, c.u * 0.06, 2.6, 4), mix(tone, top, 0.12), tone)
    corals: tuple[Colour, ...] = ((238, 112, 104), (246, 172, 96), (206, 92, 150), (120, 206, 178))
    for _ in range(26):
        x = c.between(0, 1) * c.w
        if 0.38 < x / c.w < 0.62:
            continue
        tone = mix(corals[int(c.random.integers(4))], deep, c.between(0.1, 0.5))
        foot, tall = c.h * c.between(0.92, 1.02), c.u * c.between(0.06, 0.17)
        for lean in (-0.5, -0.2, 0.12, 0.45):
            c.limb([(x, foot), (x + lean * tall * 0.6, foot - tall * 0.55), (x + lean * tall, foot - tall * c.between(0.8, 1.1))],
                   [tall * 0.13, tall * 0.1, tall * 0.11], tone)  # fmt: skip
    for _ in range(24):
        c.disc(c.between(0, c.w), c.between(0.1, 0.9) * c.h, c.u * c.between(0.002, 0.008), (226, 250, 246), alpha=0.5)
    return Ground(c.h * 0.62, deep, adrift=True)


NATURE = {
    Place.MOUNTAINS: mountains,
    Place.FOREST: forest,
    Place.SEA: sea,
    Place.LAKE: lake,
    Place.DESERT: desert,
    Place.FIELD: field,
    Place.AERIAL: aerial,
    Place.SPACE: space,
    Place.UNDERWATER: underwater,
}
"""The painters of landscapes."""

__all__ = ["NATURE", "Near", "sky"]
