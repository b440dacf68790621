"""The set of a scene that names no place."""

from ttv_illustrations.canvas import Canvas
from ttv_illustrations.ground import Ground
from ttv_illustrations.palette import Color, Light, lit, mix
from ttv_illustrations.scene import Scene
from ttv_illustrations.tones import BRIGHTS, one_of


def _arch_and_columns(c: Canvas, light: Light, wall: Color, other: Color, level: float, side: int) -> None:
    x, y = c.w * (0.5 + side * 0.04), c.h * 0.46
    c.disc(x, y, 0.34 * c.u, mix(other, wall, 0.1))
    c.disc(x, y, 0.27 * c.u, mix(other, wall, 0.45))
    for index in range(4):
        high, at = c.u * (0.18 + 0.11 * index), c.w * (0.5 - side * 0.36) + side * (index - 1.5) * 0.085 * c.u
        c.limb(
            [(at, level), (at, level - high)],
            [0.07 * c.u] * 2,
            mix(mix(wall, other, 0.25 + 0.2 * index), light.shade, 0.12),
        )
    arch = c.w * (0.5 + side * 0.36)
    for reach, tone in (
        (0.19, mix(other, light.shade, 0.25)),
        (0.14, mix(wall, light.shade, 0.1)),
        (0.09, mix(other, wall, 0.3)),
    ):
        c.disc(arch, level - 0.17 * c.u, reach * c.u, tone)
        c.rectangle(arch - reach * c.u, level - 0.17 * c.u, 2 * reach * c.u, 0.18 * c.u, tone)


def _rainbow(c: Canvas, light: Light, wall: Color, other: Color, level: float, side: int) -> None:
    x = c.w * (0.5 - side * 0.1)
    tones = [mix(tone, wall, 0.25) for tone in (other, BRIGHTS[0], BRIGHTS[1], BRIGHTS[2])]
    for index, tone in enumerate((*tones, mix(wall, light.shade, 0.06))):
        c.disc(x, level, (0.58 - 0.09 * index) * c.u, lit(tone, light.tint) if index < 4 else tone)
    c.disc(c.w * (0.5 + side * 0.34), c.h * 0.27, 0.12 * c.u, mix((255, 248, 226), wall, 0.1))
    for dx, high in ((0.30, 0.20), (0.40, 0.32), (0.50, 0.13)):
        at = c.w * 0.5 + side * dx * c.w
        c.polygon(
            [(at - 0.09 * c.u, level), (at, level - high * c.u), (at + 0.09 * c.u, level)],
            mix(other, light.shade, 0.2 + dx * 0.4),
        )


def _paper_hills(c: Canvas, light: Light, wall: Color, other: Color, level: float, side: int) -> None:
    c.disc(c.w * (0.5 + side * 0.2), c.h * 0.36, 0.19 * c.u, mix((255, 244, 214), wall, 0.1))
    for index, (height, waves) in enumerate(((0.34, 1.6), (0.22, 2.2), (0.11, 1.4))):
        tops = c.skyline(level - height * c.u, 0.15 * c.u, waves, 2)
        tone = mix(mix(wall, other, 0.3 + 0.28 * index), light.shade, 0.06 + 0.07 * index)
        c.land(tops + 0.012 * c.u, mix(tone, light.shade, 0.3))
        c.land(tops, tone, mix(tone, wall, 0.2))
    for dx, dy, size in ((-0.30, 0.2, 0.07), (0.02, 0.13, 0.05), (0.36, 0.24, 0.06)):
        x, y = c.w * (0.5 + dx), dy * c.h
        c.limb([(x, 0), (x, y)], [0.002 * c.u] * 2, mix(wall, light.shade, 0.35))
        for part, lump in ((-0.9, 0.7), (0.0, 1.0), (0.9, 0.75)):
            c.disc(
                x + part * size * c.u,
                y + 0.3 * size * c.u,
                lump * size * c.u * 0.8,
                mix((255, 250, 240), wall, 0.12),
                0.72,
            )


_FORMS = (_arch_and_columns, _rainbow, _paper_hills)


def stage_set(c: Canvas, scene: Scene, light: Light) -> Ground:
    """No place was named: a designer's set of a wall, a disc of light and a few forms."""
    wall = scene.backdrop or one_of(
        c, ((236, 196, 120), (226, 128, 98), (122, 168, 164), (86, 112, 148), (216, 156, 170), (172, 186, 136))
    )
    wall = mix(wall, lit(wall, light.tint), 0.4)
    other = mix(one_of(c, ((250, 232, 196), (46, 64, 92), (206, 84, 72), (60, 118, 118))), wall, 0.15)
    level = c.h * 0.76
    c.gradient((mix(wall, light.shade, 0.14), wall), 0, level)
    side = 1 if c.random.random() < 0.5 else -1
    _FORMS[int(c.random.integers(len(_FORMS)))](c, light, wall, other, level, side)
    floor = mix(wall, light.shade, 0.32)
    c.gradient((mix(floor, wall, 0.4), floor), level, c.h)
    c.disc(c.w / 2, c.h * 0.90, 0.46 * c.u, mix(wall, (255, 250, 238), 0.35), 0.14)
    return Ground(c.h * 0.905, tall=0.5)
