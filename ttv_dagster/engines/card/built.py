"""Places that people built: cities, streets, rooms, stages and a table with things on it."""

import math

import numpy as np

from ttv_dagster.engines.card.canvas import Canvas, haze
from ttv_dagster.engines.card.ground import Ground
from ttv_dagster.engines.card.nature import sky
from ttv_dagster.engines.card.palette import Colour, Hour, Light, lit, mix
from ttv_dagster.engines.card.scene import Place, Scene

_BRIGHTS: tuple[Colour, ...] = ((238, 92, 86), (250, 190, 88), (92, 188, 190), (238, 130, 172), (134, 116, 214))

_WALLS: tuple[Colour, ...] = (
    (232, 214, 184), (150, 180, 170), (222, 164, 132), (132, 156, 182), (204, 190, 200), (226, 192, 116), (112, 138, 124),
)  # fmt: skip


def _one_of(c: Canvas, colours: tuple[Colour, ...]) -> Colour:
    return colours[int(c.random.integers(len(colours)))]


def city(c: Canvas, scene: Scene, light: Light) -> Ground:
    """A skyline in layers, over a terrace."""
    horizon = c.h * 0.74
    x, y = sky(c, scene, light, horizon)
    stone = lit((126, 132, 150), light.tint)
    for depth, low, high in ((0.78, 0.22, 0.5), (0.5, 0.14, 0.42), (0.18, 0.06, 0.3)):
        tone = haze(mix(stone, light.shade, 0.45 * (1 - depth)), light.sky[2], depth)
        at = -c.u * c.between(0, 0.06)
        while at < c.w:
            wide, tall = c.u * c.between(0.07, 0.15), c.h * c.between(low, high)
            _tower(c, at, horizon + 0.1 * c.h, wide, tall + 0.1 * c.h, tone, light, depth)
            at += wide * c.between(1.0, 1.25)
        c.glow(x, horizon, 1.1 * c.u, light.sky[2], 0.35, 0.4)
    floor = mix(lit((146, 132, 128), light.tint), light.shade, 0.35)
    c.rectangle(0, c.h * 0.84, c.w, c.h * 0.17, floor, mix(floor, light.shade, 0.6))
    c.rectangle(0, c.h * 0.825, c.w, c.h * 0.022, mix(floor, light.sun, 0.3))
    return Ground(c.h * 0.95, floor)


def _tower(c: Canvas, x: float, foot: float, wide: float, tall: float, tone: Colour, light: Light, depth: float) -> None:
    """A house front with windows, some of them lit where it is dark."""
    top = foot - tall
    c.rectangle(x, top, wide, tall, tone, mix(tone, light.sky[2], 0.3))
    c.rectangle(x + wide * 0.72, top, wide * 0.28, tall, mix(tone, light.shade, 0.14), mix(tone, light.sky[2], 0.22))
    kind = c.random.random()
    if kind < 0.25:
        c.rectangle(x + wide * 0.2, top - wide * 0.25, wide * 0.6, wide * 0.26, tone)
        c.limb([(x + wide * 0.5, top - wide * 0.2), (x + wide * 0.5, top - wide * 0.75)], [wide * 0.05, wide * 0.02], tone)
    elif kind < 0.4:
        c.polygon([(x, top + 1), (x + wide * 0.5, top - wide * 0.4), (x + wide, top + 1)], tone)
    if depth > 0.7:
        return
    step = c.u * 0.022
    pane_off = mix(tone, light.shade, 0.22) if not light.dark else mix(tone, light.shade, 0.4)
    share = 0.55 if light.dark else 0.18
    for wy in np.arange(top + step * 0.8, foot, step * 1.25).tolist():
        for wx in np.arange(x + step * 0.5, x + wide - step * 0.7, step).tolist():
            glowing = c.random.random() < share
            warm = light.sun if not light.dark else mix((255, 206, 122), light.sky[2], c.between(0, 0.5))
            c.rectangle(wx, wy, step * 0.5, step * 0.66, haze(warm if glowing else pane_off, light.sky[2], depth * (0.4 if glowing else 0.7)))


def street(c: Canvas, scene: Scene, light: Light) -> Ground:
    """Down a street between houses, to a bright end."""
    vx, vy = c.w * c.between(0.44, 0.56), c.h * 0.50
    sky(c, scene, light, c.h * 0.62)
    c.glow(vx, vy, 0.8 * c.u, light.sky[2], 0.85)
    paving = lit((142, 132, 130), light.tint)
    for side in (-1, 1):
        edge = vx + side * 0.03 * c.u
        for depth in (0.86, 0.7, 0.5, 0.25, 0.0):
            near_x = vx + side * c.u * (0.07 + 0.95 * (1 - depth) ** 1.6)
            tone = haze(lit(_one_of(c, _WALLS), light.tint), light.sky[2], depth)
            tone = mix(tone, light.shade, 0.22 + 0.22 * (1 - depth))
            roof = c.between(0.34, 0.5)
            _front(c, vx, vy, edge, near_x, roof, tone, light, depth)
            edge = near_x
    ground = [(vx - 0.03 * c.u, vy + 0.02 * c.h), (vx + 0.03 * c.u, vy + 0.02 * c.h), (c.w * 1.1, c.h * 1.02), (-c.w * 0.1, c.h * 1.02)]
    c.polygon(ground, haze(paving, light.sky[2], 0.7), mix(paving, light.shade, 0.35), mix(paving, light.shade, 0.6))
    if scene.says("rain", "rainy", "wet", "neon", "raining", "cyberpunk"):
        for tone in (_BRIGHTS[0], _BRIGHTS[2], _BRIGHTS[3], light.sun):
            c.glow(c.between(0.2, 0.8) * c.w, c.h * 0.85, 0.22 * c.u, tone, 0.45, 1.6)
    _lanterns(c, scene, vx, vy, light)
    return Ground(c.h * 0.90, paving)


def _front(c: Canvas, vx: float, vy: float, far_x: float, near_x: float, roof: float, tone: Colour, light: Light, depth: float) -> None:
    """One house of a street, in perspective, with windows and an awning."""

    def at(x: float, height: float) -> tuple[float, float]:
        away = abs(x - vx)
        return x, vy + away * (0.42 - height * 2.35)

    c.polygon([at(far_x, 0), at(far_x, roof), at(near_x, roof), at(near_x, 0)], tone, mix(tone, light.sky[2], 0.14))
    pane = mix((255, 208, 128), tone, 0.2) if light.dark or light.tint[2] < 210 else mix(tone, light.shade, 0.5)
    for row in (0.5, 0.72):
        for share in (0.14, 0.42, 0.70):
            a, b = far_x + (near_x - far_x) * share, far_x + (near_x - far_x) * (share + 0.15)
            low, high = roof * row, roof * (row + 0.13)
            lamp = c.random.random() < 0.6
            c.polygon([at(a, low), at(a, high), at(b, high), at(b, low)], haze(pane if lamp else mix(tone, light.shade, 0.45), light.sky[2], depth * 0.5))
    a, b = far_x + (near_x - far_x) * 0.08, far_x + (near_x - far_x) * 0.92
    door = mix((255, 206, 130), tone, 0.3) if light.dark or light.tint[2] < 210 else mix(tone, light.shade, 0.6)
    c.polygon([at(a, 0.02 * roof), at(a, 0.3 * roof), at(b, 0.3 * roof), at(b, 0.02 * roof)], haze(door, light.sky[2], depth * 0.6))
    bright = haze(mix(lit(_one_of(c, _BRIGHTS), light.tint), tone, 0.15), light.sky[2], depth * 0.8)
    lean = (near_x - far_x) * -0.0 + math.copysign(abs(near_x - vx) * 0.10, vx - near_x)
    xs = np.linspace(a, b, 9).tolist()
    for index, (one, other) in enumerate(zip(xs[:-1], xs[1:], strict=True)):
        strip = bright if index % 2 else mix(bright, (255, 246, 230), 0.75)
        (ox, oy), (px, py) = at(one, 0.24 * roof), at(other, 0.24 * roof)
        c.polygon([at(one, 0.36 * roof), at(other, 0.36 * roof), (px + lean, py), (ox + lean, oy)], strip)


def _lanterns(c: Canvas, scene: Scene, vx: float, vy: float, light: Light) -> None:
    if not (light.dark or scene.says("market", "festival", "lanterns", "lantern", "bazaar", "food", "alley")):
        return
    tone = (255, 190, 110) if scene.hour is not Hour.NEON else _BRIGHTS[3]
    for near in (0.25, 0.5, 0.95):
        y, reach = vy - c.h * 0.42 * near, c.u * 0.85 * near
        xs = np.linspace(-1, 1, 9)
        drop = y + c.u * 0.07 * near * (1 - xs**2)
        c.limb([(vx + reach * float(x), float(d)) for x, d in zip(xs, drop, strict=True)], [c.u * 0.003 * (0.5 + near)] * 9, light.shade)
        for x, d in list(zip(xs.tolist(), drop.tolist(), strict=True))[1:-1]:
            size = c.u * 0.024 * (0.35 + near)
            c.glow(vx + reach * x, d + size, size * 4.5, tone, 0.5)
            c.disc(vx + reach * x, d + size, size, mix(tone, (255, 250, 230), 0.3), 1.15)


def room(c: Canvas, scene: Scene, light: Light) -> Ground:
    """A wall, a floor and a window; what is said of the room stands along the wall."""
    wall = scene.backdrop or _one_of(c, _WALLS)
    if light.dark:
        wall = mix(lit(wall, light.tint), light.shade, 0.2)
    else:
        wall = mix(wall, lit(wall, light.tint), 0.6)
    level = c.h * 0.70
    c.gradient((mix(wall, light.shade, 0.22), wall), 0, level)
    wood = mix(lit((176, 122, 82), light.tint), light.shade, 0.35 if light.dark else 0.05)
    if scene.says("gym", "garage", "hospital", "office"):
        wood = mix(lit((120, 122, 128), light.tint), light.shade, 0.2)
    c.gradient((mix(wood, wall, 0.2), mix(wood, light.shade, 0.35)), level, c.h)
    for x in np.linspace(-0.6, 1.6, 15).tolist():
        c.limb([(c.w * (0.5 + (x - 0.5) * 0.75), level), (c.w * (0.5 + (x - 0.5) * 1.7), c.h)], [0.0015 * c.u, 0.004 * c.u], mix(wood, light.shade, 0.3))
    c.rectangle(0, level - 0.022 * c.h, c.w, 0.022 * c.h, mix(wall, (255, 252, 244), 0.45))
    side = 1 if c.random.random() < 0.5 else -1
    wide = 0.46 * c.u
    x = c.w * (0.5 - side * (0.30 if c.w > c.h else 0.22)) - wide / 2
    for said, painter in _FURNITURE:
        if scene.says(*said.split("|")):
            painter(c, light, wall, side, level)
            break
    else:
        _living_room(c, light, wall, side, level)
    _window(c, scene, light, x, c.h * 0.13, wide, c.h * 0.38, wall)
    if not light.dark:
        lean = side * 0.42 * c.u
        for half in (0.0, 0.52):
            left = x + wide * half + lean * 0.6
            c.polygon([(left, level + 0.05 * c.h), (left + wide * 0.44, level + 0.05 * c.h), (left + wide * 0.52 + lean * 0.6, c.h * 0.95),
                       (left + wide * 0.04 + lean * 0.6, c.h * 0.95)], mix(wood, light.sun, 0.75), alpha=0.5)  # fmt: skip
    else:
        lamp = c.w * (0.5 + side * 0.1)
        c.limb([(lamp, 0), (lamp, c.h * 0.16)], [0.004 * c.u] * 2, light.shade)
        c.glow(lamp, c.h * 0.2, 0.9 * c.u, (255, 206, 132), 0.5)
        c.polygon([(lamp - 0.035 * c.u, c.h * 0.155), (lamp + 0.035 * c.u, c.h * 0.155), (lamp + 0.085 * c.u, c.h * 0.225), (lamp - 0.085 * c.u, c.h * 0.225)],
                  mix((250, 190, 110), light.shade, 0.2))  # fmt: skip
        c.disc(lamp, c.h * 0.225, 0.085 * c.u, (255, 236, 190), 0.16)
    return Ground(c.h * 0.90, wood, tall=0.54)


def _window(c: Canvas, scene: Scene, light: Light, x: float, y: float, wide: float, tall: float, wall: Colour) -> None:
    frame = mix(wall, (255, 253, 246), 0.7) if not light.dark else mix(wall, (255, 240, 214), 0.25)
    edge = 0.016 * c.u
    if not light.dark:
        c.glow(x + wide / 2, y + tall / 2, wide * 1.5, light.sun, 0.55)
    c.rectangle(x - edge, y - edge, wide + 2 * edge, tall + 2 * edge, frame)
    c.rectangle(x, y, wide, tall, *light.sky)
    hill = haze(lit((90, 130, 96), light.tint), light.sky[2], 0.45)
    if scene.says("city", "apartment", "office", "loft"):
        at = x
        while at < x + wide - 0.02 * c.u:
            size = min(c.u * c.between(0.04, 0.08), x + wide - at)
            high = tall * c.between(0.2, 0.6)
            c.rectangle(at, y + tall - high, size, high, haze(lit((120, 128, 148), light.tint), light.sky[2], 0.5))
            at += size * 1.05
    else:
        xs = np.linspace(0, 1, 30)
        tops = y + tall * (0.74 - 0.10 * np.sin(xs * 4.2 + 1))
        c.polygon([(x, y + tall), *zip((x + xs * wide).tolist(), tops.tolist(), strict=True), (x + wide, y + tall)], hill)
    for share in (0.5,):
        c.rectangle(x + wide * share - edge / 2, y, edge, tall, frame)
    c.rectangle(x, y + tall * 0.42 - edge / 2, wide, edge, frame)
    c.rectangle(x - 2 * edge, y + tall + edge, wide + 4 * edge, edge * 1.2, mix(frame, light.shade, 0.1))


def _living_room(c: Canvas, light: Light, wall: Colour, side: int, level: float) -> None:
    """A sofa or a sideboard, pictures and a plant."""
    x = c.w * (0.5 + side * 0.28)
    for dx, dy, w, h in ((-0.13, 0.17, 0.13, 0.17), (0.04, 0.15, 0.17, 0.11), (0.04, 0.29, 0.1, 0.12)):
        left, top = x + dx * c.u, dy * c.h
        c.rectangle(left, top, w * c.u, h * c.h * 1.2, mix(wall, light.shade, 0.55))
        tone = mix(lit(_one_of(c, _BRIGHTS), light.tint), wall, 0.35)
        c.rectangle(left + 0.008 * c.u, top + 0.008 * c.u, w * c.u - 0.016 * c.u, h * c.h * 1.2 - 0.016 * c.u, mix(wall, (255, 250, 240), 0.5), tone)
    body = mix(lit(_one_of(c, ((64, 110, 118), (186, 96, 74), (214, 160, 84), (92, 92, 134))), light.tint), light.shade, 0.15)
    left, wide = x - 0.26 * c.u, 0.52 * c.u
    top = level - 0.15 * c.u
    c.limb([(left + 0.03 * c.u, top + 0.03 * c.u), (left + wide - 0.03 * c.u, top + 0.03 * c.u)], [0.09 * c.u] * 2, mix(body, light.shade, 0.15))
    c.rectangle(left, top + 0.03 * c.u, wide, 0.12 * c.u, mix(body, light.shade, 0.15))
    c.limb([(left + 0.06 * c.u, top + 0.115 * c.u), (left + wide - 0.06 * c.u, top + 0.115 * c.u)], [0.055 * c.u] * 2, body)
    for end in (left - 0.005 * c.u, left + wide + 0.005 * c.u):
        c.limb([(end, top + 0.075 * c.u), (end, top + 0.155 * c.u)], [0.055 * c.u] * 2, mix(body, light.sun, 0.08))
    for end in (left + 0.03 * c.u, left + wide - 0.03 * c.u):
        c.rectangle(end - 0.006 * c.u, top + 0.17 * c.u, 0.012 * c.u, 0.045 * c.u, light.shade)
    _plant(c, light, x + side * 0.36 * c.u, level + 0.05 * c.u, 0.3 * c.u)


def _plant(c: Canvas, light: Light, x: float, foot: float, tall: float) -> None:
    leaf = lit((66, 122, 84), light.tint)
    for angle in (-58, -34, -12, 12, 36, 60):
        turn = math.radians(angle + c.between(-6, 6))
        tip = (x + tall * 0.8 * math.sin(turn), foot - tall * 0.25 - tall * 0.75 * math.cos(turn))
        root = (x, foot - tall * 0.25)
        mid = ((root[0] + tip[0]) / 2, (root[1] + tip[1]) / 2)
        across = (0.075 * tall * math.cos(turn), 0.075 * tall * math.sin(turn))
        c.polygon([root, (mid[0] - across[0], mid[1] - across[1]), tip, (mid[0] + across[0], mid[1] + across[1])], mix(leaf, light.shade, 0.35 * c.between(0, 1)))
    pot = lit((206, 120, 86), light.tint)
    c.polygon([(x - tall * 0.16, foot - tall * 0.3), (x + tall * 0.16, foot - tall * 0.3), (x + tall * 0.11, foot), (x - tall * 0.11, foot)], pot, mix(pot, light.shade, 0.3))


def _kitchen(c: Canvas, light: Light, wall: Colour, side: int, level: float) -> None:
    """Cupboards above, a counter with a stove below, tiles between."""
    start = c.w * 0.46 if side > 0 else -0.1 * c.w
    wide = c.w * 0.64
    front = lit(_one_of(c, ((96, 146, 142), (226, 196, 140), (206, 112, 88), (122, 142, 172))), light.tint)
    top = mix(front, (255, 250, 240), 0.72)
    tile = mix(wall, (255, 252, 246), 0.4)
    c.rectangle(start, c.h * 0.34, wide, level - c.h * 0.34 - 0.2 * c.h, tile)
    for y in np.arange(c.h * 0.36, level - 0.2 * c.h, 0.035 * c.u).tolist():
        c.rectangle(start, y, wide, 0.002 * c.u, mix(tile, light.shade, 0.14))
    step = 0.17 * c.u
    for index, x in enumerate(np.arange(start, start + wide, step).tolist()):
        c.rectangle(x + 0.004 * c.u, c.h * 0.08, step - 0.008 * c.u, c.h * 0.24, front, mix(front, light.shade, 0.12))
        c.disc(x + step * (0.86 if index % 2 else 0.14), c.h * 0.29, 0.006 * c.u, top)
        c.rectangle(x + 0.004 * c.u, level - 0.2 * c.h, step - 0.008 * c.u, 0.235 * c.h, front, mix(front, light.shade, 0.22))
        c.disc(x + step * 0.5, level - 0.17 * c.h, 0.006 * c.u, top)
    c.rectangle(start - 0.02 * c.u, level - 0.225 * c.h, wide + 0.04 * c.u, 0.03 * c.h, mix(top, light.shade, 0.05))
    board = level - 0.225 * c.h
    x = start + wide * (0.3 if side > 0 else 0.62)
    c.rectangle(x, board - 0.07 * c.u, 0.11 * c.u, 0.07 * c.u, lit((188, 84, 70), light.tint))
    c.rectangle(x - 0.012 * c.u, board - 0.082 * c.u, 0.134 * c.u, 0.014 * c.u, mix(light.shade, front, 0.3))
    for dx, tone in ((0.19, (232, 170, 76)), (0.24, (120, 160, 110)), (0.29, (226, 222, 206))):
        c.rectangle(x + dx * c.u, board - 0.055 * c.u, 0.036 * c.u, 0.055 * c.u, lit(tone, light.tint))
    for dx in (-0.2, -0.15, -0.1):
        c.limb([(x + dx * c.u, c.h * 0.36), (x + dx * c.u, c.h * 0.36 + 0.06 * c.u)], [0.006 * c.u] * 2, mix(light.shade, front, 0.2))
        c.disc(x + dx * c.u, c.h * 0.36 + 0.075 * c.u, 0.02 * c.u, mix(light.shade, front, 0.2))


def _classroom(c: Canvas, light: Light, wall: Colour, side: int, level: float) -> None:
    """A chalkboard with sums, and a row of desks."""
    x, wide, tall = c.w * (0.40 if side > 0 else 0.06), c.w * 0.54, c.h * 0.40
    c.rectangle(x - 0.016 * c.u, c.h * 0.10 - 0.016 * c.u, wide + 0.032 * c.u, tall + 0.032 * c.u, lit((160, 108, 70), light.tint))
    board = lit((52, 88, 76), light.tint)
    c.rectangle(x, c.h * 0.10, wide, tall, board, mix(board, light.shade, 0.25))
    chalk = mix(board, (246, 246, 236), 0.75)
    size = 0.075 * c.u
    for index, sign in enumerate("/+/=?"):
        at, y = x + wide * (0.14 + 0.18 * index), c.h * 0.10 + tall * 0.42
        thick = [0.008 * c.u] * 2
        if sign == "/":
            c.limb([(at - size * 0.8, y), (at + size * 0.8, y)], thick, chalk)
            for dy in (-0.75, 0.75):
                c.limb([(at, y + size * (dy - 0.42)), (at, y + size * (dy + 0.42))], thick, chalk)
        if sign in "+=":
            for dy in (0.0,) if sign == "+" else (-0.3, 0.3):
                c.limb([(at - size * 0.55, y + dy * size), (at + size * 0.55, y + dy * size)], thick, chalk)
        if sign == "+":
            c.limb([(at, y - size * 0.55), (at, y + size * 0.55)], thick, chalk)
        if sign == "?":
            turns = np.linspace(-2.6, 1.6, 12)
            c.limb([(at + size * 0.5 * math.cos(t), y - size * 0.4 + size * 0.5 * math.sin(t)) for t in turns.tolist()] + [(at, y + size * 0.4)],
                   [0.008 * c.u] * 13, chalk)  # fmt: skip
            c.disc(at, y + size * 0.85, 0.008 * c.u, chalk)
    c.limb([(x + wide * 0.1, c.h * 0.10 + tall * 0.86), (x + wide * 0.6, c.h * 0.10 + tall * 0.86)], [0.005 * c.u] * 2, mix(board, chalk, 0.6))
    wood = mix(lit((196, 146, 96), light.tint), light.shade, 0.12)
    for place in (0.1, 0.32, 0.68, 0.9):
        left, desk = place * c.w - 0.1 * c.u, level - 0.03 * c.u
        for leg in (0.02, 0.17):
            c.rectangle(left + leg * c.u, desk, 0.01 * c.u, 0.12 * c.u, light.shade)
        c.rectangle(left, desk, 0.2 * c.u, 0.024 * c.u, wood, mix(wood, light.shade, 0.3))


def _gym(c: Canvas, light: Light, wall: Colour, side: int, level: float) -> None:
    """A rack with plates, a bench and a mirror wall."""
    steel = mix(light.shade, (120, 126, 136), 0.35)
    x = c.w * (0.5 + side * 0.22)
    c.rectangle(x - 0.42 * c.u, c.h * 0.16, 0.84 * c.u, level - c.h * 0.22, mix(wall, light.sky[2], 0.45), mix(wall, light.sky[2], 0.25))
    for dx in (-0.28, -0.02, 0.24):
        c.rectangle(x + dx * c.u, c.h * 0.2, 0.02 * c.u, level - c.h * 0.2 + 0.03 * c.u, steel)
    for y in (0.22, 0.45):
        c.rectangle(x - 0.36 * c.u, c.h * y, 0.70 * c.u, 0.014 * c.u, steel)
    for dx in (-0.34, 0.32):
        for size, tone in ((0.07, (206, 72, 62)), (0.055, (58, 60, 70)), (0.016, (160, 166, 176))):
            c.disc(x + dx * c.u, c.h * 0.457, size * c.u, lit(tone, light.tint))
    for row, y in enumerate((0.0, -0.07)):
        for index in range(5):
            at = x - 0.20 * c.u + index * 0.1 * c.u
            tone = lit(_one_of(c, ((58, 60, 70), (226, 168, 66), (92, 98, 110))), light.tint)
            c.disc(at, level + 0.005 * c.u + y * c.u, 0.03 * c.u - row * 0.006 * c.u, tone)


def _library(c: Canvas, light: Light, wall: Colour, side: int, level: float) -> None:
    """Shelves full of books."""
    start, wide = c.w * (0.5 if side > 0 else 0.0), c.w * 0.5
    wood = mix(lit((132, 88, 58), light.tint), light.shade, 0.1)
    c.rectangle(start, c.h * 0.04, wide, level - c.h * 0.04, mix(wood, light.shade, 0.5))
    for y in np.linspace(0.04 * c.h, level - 0.01 * c.h, 5).tolist():
        if y > 0.05 * c.h:
            at = start + 0.02 * c.u
            while at < start + wide - 0.03 * c.u:
                thick, tall = c.u * c.between(0.014, 0.03), c.h * c.between(0.09, 0.125)
                c.rectangle(at, y - tall, thick * 0.9, tall, mix(lit(_one_of(c, (*_BRIGHTS, *_WALLS)), light.tint), light.shade, 0.25))
                at += thick
        c.rectangle(start, y, wide, 0.016 * c.h, wood)


_FURNITURE = (
    ("kitchen|cook|cooking|cooks|chef|bakery", _kitchen),
    ("classroom|school|chalkboard|blackboard|teacher", _classroom),
    ("gym|weights|workout|garage", _gym),
    ("library|books|bookshop|museum|study|shop|store", _library),
)


def party(c: Canvas, scene: Scene, light: Light) -> Ground:
    """Beams, coloured lights and a floor that mirrors them."""
    void: Colour = (26, 14, 44)
    tones = [*scene.colours, *_BRIGHTS]
    level = c.h * 0.74
    c.gradient((void, (64, 26, 84), (132, 48, 108)), 0, level)
    c.gradient(((84, 34, 92), void), level, c.h)
    for index in range(6):
        x = c.w * (index + 0.5) / 6
        lean = c.between(-0.5, 0.5) * c.u
        tone = tones[index % len(tones)]
        c.polygon([(x - 0.012 * c.u, 0), (x + 0.012 * c.u, 0), (x + lean + 0.17 * c.u, level), (x + lean - 0.17 * c.u, level)], tone, alpha=0.2, fade=True)
        c.disc(x, 0.008 * c.u, 0.03 * c.u, mix(tone, (255, 255, 255), 0.5))
        c.glow(x + lean, level + 0.06 * c.h, 0.3 * c.u, tone, 0.5, 0.28)
    for row, (y, sag) in enumerate(((0.10, 0.13), (0.05, 0.2))):
        xs = np.linspace(-0.03, 1.03, 25)
        drop = y + sag * (1 - (2 * ((xs * 1.5 + 0.33 * row) % 1) - 1) ** 2)
        c.limb([(float(x) * c.w, float(d) * c.h) for x, d in zip(xs, drop, strict=True)], [0.003 * c.u] * 25, void)
        for index, (x, d) in enumerate(zip(xs.tolist(), drop.tolist(), strict=True)):
            tone = tones[(index + row) % len(tones)]
            c.glow(x * c.w, d * c.h + 0.012 * c.u, 0.06 * c.u, tone, 0.7)
            c.disc(x * c.w, d * c.h + 0.012 * c.u, 0.012 * c.u, mix(tone, (255, 255, 255), 0.45))
    for _ in range(26):
        size = c.u * c.between(0.012, 0.05)
        c.disc(c.between(0, c.w), c.between(0.2, 0.72) * c.h, size, tones[int(c.random.integers(len(tones)))], alpha=c.between(0.12, 0.35))
    _audience(c, level, (36, 18, 56))
    return Ground(c.h * 0.92, (72, 30, 84), tall=0.5)


def _audience(c: Canvas, level: float, tone: Colour) -> None:
    for x in np.arange(0, c.w, 0.055 * c.u).tolist():
        at, head = x + c.between(-0.02, 0.02) * c.u, level - c.u * c.between(0.08, 0.13)
        c.disc(at, head, 0.021 * c.u, tone, 1.2)
        c.limb([(at, head + 0.06 * c.u), (at, level + 0.04 * c.u)], [0.07 * c.u, 0.08 * c.u], tone)
        if c.random.random() < 0.3:
            c.limb([(at + 0.02 * c.u, head + 0.05 * c.u), (at + 0.045 * c.u, head - 0.05 * c.u)], [0.016 * c.u, 0.012 * c.u], tone)


def lab(c: Canvas, scene: Scene, light: Light) -> Ground:
    """A dark hall with glowing panels and rings."""
    glow = next((colour for colour in scene.colours if max(colour) - min(colour) > 90), (74, 200, 220))
    cool: Colour = (60, 170, 206) if glow[0] > glow[2] else glow
    void: Colour = (12, 18, 32)
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
            inner = [(vx + (reach - 0.012) * c.u * math.cos(t), c.h * 0.42 + (reach - 0.012) * c.u * math.sin(t)) for t in reversed(arc)]
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
                        c.rectangle(left + wide * (0.1 + 0.21 * cell), y, wide * c.between(0.06, 0.17), tall * 0.035, mix(tone, (240, 255, 255), 0.25), alpha=c.between(0.35, 0.95))
    for x in np.linspace(-0.9, 1.9, 15).tolist():
        c.limb([(vx + (x - 0.5) * 0.4 * c.w, level), (vx + (x - 0.5) * 2 * c.w, c.h)], [0.001 * c.u, 0.003 * c.u], (44, 96, 116))
    c.glow(vx, c.h * 0.9, 0.6 * c.u, cool, 0.3, 0.25)
    return Ground(c.h * 0.93, (30, 52, 74), tall=0.62)


def train(c: Canvas, scene: Scene, light: Light) -> Ground:
    """Inside a carriage: a row of windows with the land outside, and seats."""
    body = mix(lit(_one_of(c, ((124, 146, 130), (172, 138, 98), (120, 132, 154))), light.tint), light.shade, 0.25)
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
            c.polygon([(x, y + h), *zip((x + xs * w).tolist(), hill.tolist(), strict=True), (x + w, y + h)], haze(green, light.sky[2], depth))
        c.rectangle(x, y + h * 0.27, w, 0.008 * c.u, mix(body, light.sun, 0.3))
        c.polygon([(x + w * 0.1, c.h), (x + w * 0.5, level + 0.06 * c.h), (x + w * 0.95, level + 0.06 * c.h), (x + w * 0.75, c.h)], light.sun, alpha=0.12)
    c.rectangle(0, c.h * 0.06, c.w, 0.014 * c.h, mix(body, light.sun, 0.4))
    seat = mix(lit((164, 66, 60), light.tint), light.shade, 0.15)
    for index in range(count + 1):
        x = index * wide
        c.limb([(x, level - 0.06 * c.u), (x, c.h * 0.82)], [0.15 * c.u, 0.16 * c.u], mix(seat, light.shade, 0.2))
        c.limb([(x, level - 0.06 * c.u), (x, level - 0.03 * c.u)], [0.10 * c.u, 0.12 * c.u], mix(seat, light.sun, 0.12))
    c.gradient((mix(body, light.shade, 0.45), mix(body, light.shade, 0.7)), c.h * 0.80, c.h)
    return Ground(c.h * 0.94, body, tall=0.62)


def still_life(c: Canvas, scene: Scene, light: Light) -> Ground:
    """A table with a bowl of fruit, in light from the side."""
    wall = scene.backdrop or _one_of(c, _WALLS)
    wall = mix(wall, lit(wall, light.tint), 0.5)
    level = c.h * 0.66
    side = 1 if c.random.random() < 0.5 else -1
    c.gradient((mix(wall, light.shade, 0.12), mix(wall, (255, 252, 244), 0.25)), 0, level)
    start = c.w * (0.5 - side * 0.5)
    for offset, wide in ((0.0, 0.34), (0.42, 0.22)):
        a = start + side * offset * c.u
        b = a + side * wide * c.u
        c.polygon([(a, 0), (b, 0), (b + side * 0.6 * c.u, level), (a + side * 0.6 * c.u, level)], (255, 252, 236), alpha=0.28)
    table = mix(lit((206, 158, 112), light.tint), wall, 0.12)
    c.gradient((table, mix(table, light.shade, 0.4)), level, c.h)
    c.rectangle(0, level, c.w, 0.008 * c.h, mix(table, (255, 250, 236), 0.5))
    fruit = scene.colours[0] if scene.colours else _one_of(c, ((238, 186, 62), (214, 74, 58), (238, 132, 58), (150, 184, 84)))
    x, foot = c.w * (0.5 + side * 0.06), c.h * 0.86
    _bottle(c, light, x - side * 0.40 * c.u, foot - 0.05 * c.h, lit((88, 132, 112), light.tint))
    if scene.says("cup", "coffee", "tea", "mug", "teapot"):
        _cup(c, light, x + side * 0.02 * c.u, foot, wall, side)
    elif scene.says("flowers", "vase", "bouquet", "roses", "tulips"):
        _vase(c, scene, light, x, foot)
    else:
        _bowl(c, light, x, foot, fruit)
    for dx, dy, size in ((0.36, 0.03, 0.058), (0.47, 0.0, 0.05), (0.30, 0.085, 0.052)):
        _fruit(c, light, x + side * dx * c.u, foot + (dy - 0.02) * c.h, size * c.u, fruit, side)
    return Ground(c.h * 0.9, table, x=0.5 - side * 0.33, tall=0.0)


def _shadow(c: Canvas, light: Light, x: float, y: float, radius: float) -> None:
    c.disc(x, y, radius, light.shade, 0.2, alpha=0.28)


def _fruit(c: Canvas, light: Light, x: float, foot: float, radius: float, tone: Colour, side: int) -> None:
    _shadow(c, light, x + side * radius * 0.5, foot, radius * 1.3)
    c.disc(x, foot - radius * 0.9, radius, mix(tone, light.shade, 0.25))
    c.disc(x - side * radius * 0.1, foot - radius * 0.98, radius * 0.88, tone)
    c.disc(x - side * radius * 0.32, foot - radius * 1.28, radius * 0.3, mix(tone, (255, 252, 236), 0.6))


def _bowl(c: Canvas, light: Light, x: float, foot: float, fruit: Colour) -> None:
    wood = mix(lit((150, 92, 60), light.tint), light.shade, 0.1)
    wide = 0.25 * c.u
    _shadow(c, light, x, foot, wide * 1.15)
    rim = foot - 0.17 * c.u
    for dx, dy, size in ((-0.13, 0.0, 0.07), (0.12, -0.005, 0.075), (-0.01, 0.01, 0.08), (-0.07, -0.075, 0.068), (0.065, -0.08, 0.07)):
        px, py, r = x + dx * c.u, rim + dy * c.u - 0.012 * c.u, size * c.u
        c.disc(px, py, r, mix(fruit, light.shade, 0.22))
        c.disc(px - r * 0.08, py - r * 0.08, r * 0.9, fruit)
        c.disc(px - r * 0.3, py - r * 0.36, r * 0.28, mix(fruit, (255, 252, 236), 0.6))
    leaf = lit((96, 146, 84), light.tint)
    for dx, lean in ((-0.16, -0.6), (0.0, 0.3), (0.17, 0.7)):
        root = (x + dx * c.u, rim - 0.07 * c.u)
        tip = (root[0] + lean * 0.1 * c.u, root[1] - 0.08 * c.u)
        c.polygon([root, (root[0] - 0.03 * c.u, tip[1] + 0.04 * c.u), tip, (root[0] + 0.035 * c.u, tip[1] + 0.045 * c.u)], leaf)
    turns = np.linspace(0, math.pi, 40).tolist()
    c.polygon([(x + wide * math.cos(t), rim + 0.17 * c.u * math.sin(t) ** 0.8) for t in turns], wood, mix(wood, light.shade, 0.45))
    c.disc(x, rim, wide, mix(wood, light.sun, 0.3), 0.05)


def _bottle(c: Canvas, light: Light, x: float, foot: float, glass: Colour) -> None:
    wide = 0.052 * c.u
    _shadow(c, light, x, foot, wide * 1.4)
    c.limb([(x, foot - wide), (x, foot - 0.2 * c.u)], [wide * 2, wide * 2], glass)
    c.limb([(x, foot - 0.21 * c.u), (x, foot - 0.34 * c.u)], [wide * 1.1, wide * 0.7], glass)
    c.rectangle(x - wide, foot - wide * 1.2, wide * 2, wide * 1.2, glass)
    c.rectangle(x - wide * 0.62, foot - 0.21 * c.u, wide * 0.22, 0.16 * c.u, mix(glass, (255, 255, 250), 0.5))
    c.rectangle(x - wide, foot - 0.14 * c.u, wide * 2, 0.075 * c.u, mix(light.sun, light.sky[2], 0.3))


def _cup(c: Canvas, light: Light, x: float, foot: float, wall: Colour, side: int) -> None:
    tone = mix(lit(_one_of(c, ((238, 232, 220), (206, 92, 78), (74, 128, 138))), light.tint), wall, 0.05)
    _shadow(c, light, x, foot, 0.26 * c.u)
    c.disc(x, foot - 0.012 * c.u, 0.23 * c.u, mix(tone, light.shade, 0.12), 0.14)
    c.disc(x + side * 0.17 * c.u, foot - 0.14 * c.u, 0.075 * c.u, mix(tone, light.shade, 0.15))
    c.disc(x + side * 0.17 * c.u, foot - 0.14 * c.u, 0.045 * c.u, mix(wall, light.shade, 0.12))
    c.polygon([(x - 0.16 * c.u, foot - 0.24 * c.u), (x + 0.16 * c.u, foot - 0.24 * c.u), (x + 0.13 * c.u, foot - 0.07 * c.u), (x + 0.07 * c.u, foot - 0.015 * c.u),
               (x - 0.07 * c.u, foot - 0.015 * c.u), (x - 0.13 * c.u, foot - 0.07 * c.u)], tone, mix(tone, light.shade, 0.3))  # fmt: skip
    c.disc(x, foot - 0.24 * c.u, 0.16 * c.u, mix(tone, (255, 255, 250), 0.3), 0.2)
    c.disc(x, foot - 0.237 * c.u, 0.14 * c.u, (88, 56, 40), 0.18)
    for dx in (-0.05, 0.03):
        xs = np.linspace(0, 1, 14)
        c.limb([(x + dx * c.u + 0.02 * c.u * math.sin(t * 6 + dx * 60), foot - (0.29 + 0.17 * t) * c.u) for t in xs.tolist()],
               np.linspace(0.012 * c.u, 0.002 * c.u, 14).tolist(), mix(wall, (255, 255, 255), 0.55))  # fmt: skip


def _vase(c: Canvas, scene: Scene, light: Light, x: float, foot: float) -> None:
    tone = lit((92, 136, 150), light.tint)
    petals = [lit(colour, light.tint) for colour in scene.colours] or [lit((236, 108, 104), light.tint), lit((248, 198, 92), light.tint), lit((240, 168, 180), light.tint)]
    stem = lit((84, 132, 82), light.tint)
    _shadow(c, light, x, foot, 0.17 * c.u)
    for index, angle in enumerate((-50, -30, -12, 8, 27, 46, -20, 18)):
        turn, reach = math.radians(angle), c.u * (0.30 + 0.07 * (index % 3))
        tip = (x + reach * math.sin(turn), foot - 0.2 * c.u - reach * math.cos(turn))
        c.limb([(x, foot - 0.2 * c.u), tip], [0.008 * c.u] * 2, stem)
        petal = petals[index % len(petals)]
        for k in range(6):
            c.disc(tip[0] + 0.032 * c.u * math.cos(k * math.tau / 6), tip[1] + 0.032 * c.u * math.sin(k * math.tau / 6), 0.027 * c.u, petal)
        c.disc(tip[0], tip[1], 0.02 * c.u, mix(petal, light.shade, 0.4))
    c.limb([(x, foot - 0.10 * c.u), (x, foot - 0.16 * c.u), (x, foot - 0.24 * c.u)], [0.21 * c.u, 0.17 * c.u, 0.085 * c.u], tone)
    c.rectangle(x - 0.07 * c.u, foot - 0.04 * c.u, 0.14 * c.u, 0.04 * c.u, mix(tone, light.shade, 0.2))


def stage_set(c: Canvas, scene: Scene, light: Light) -> Ground:
    """No place was named: a designer's set of a wall, a disc of light and a few forms."""
    wall = scene.backdrop or _one_of(c, ((236, 196, 120), (226, 128, 98), (122, 168, 164), (86, 112, 148), (216, 156, 170), (172, 186, 136)))
    wall = mix(wall, lit(wall, light.tint), 0.4)
    other = mix(_one_of(c, ((250, 232, 196), (46, 64, 92), (206, 84, 72), (60, 118, 118))), wall, 0.15)
    level = c.h * 0.76
    c.gradient((mix(wall, light.shade, 0.14), wall), 0, level)
    side = 1 if c.random.random() < 0.5 else -1
    x, y = c.w * (0.5 + side * 0.04), c.h * 0.46
    c.disc(x, y, 0.34 * c.u, mix(other, wall, 0.1))
    c.disc(x, y, 0.27 * c.u, mix(other, wall, 0.45))
    left = c.w * (0.5 - side * 0.36)
    for index in range(4):
        high = c.u * (0.18 + 0.11 * index)
        at = left + side * (index - 1.5) * 0.085 * c.u
        tone = mix(mix(wall, other, 0.25 + 0.2 * index), light.shade, 0.12)
        c.limb([(at, level), (at, level - high)], [0.07 * c.u] * 2, tone)
    arch = c.w * (0.5 + side * 0.36)
    for reach, tone in ((0.19, mix(other, light.shade, 0.25)), (0.14, mix(wall, light.shade, 0.1)), (0.09, mix(other, wall, 0.3))):
        c.disc(arch, level - 0.17 * c.u, reach * c.u, tone)
        c.rectangle(arch - reach * c.u, level - 0.17 * c.u, 2 * reach * c.u, 0.18 * c.u, tone)
    floor = mix(wall, light.shade, 0.32)
    c.gradient((mix(floor, wall, 0.4), floor), level, c.h)
    c.disc(c.w / 2, c.h * 0.90, 0.46 * c.u, mix(wall, (255, 250, 238), 0.35), 0.14)
    return Ground(c.h * 0.905, floor, tall=0.5)


BUILT = {
    Place.CITY: city,
    Place.STREET: street,
    Place.ROOM: room,
    Place.PARTY: party,
    Place.LAB: lab,
    Place.TRAIN: train,
    Place.STILL_LIFE: still_life,
    Place.SET: stage_set,
}
"""The painters of built places."""
