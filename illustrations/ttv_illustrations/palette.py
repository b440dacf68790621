"""Colors: how to mix them, the light of a time of day, and the colors that words name."""

from dataclasses import dataclass
from enum import StrEnum

Color = tuple[float, float, float]
"""Red, green and blue, 0 to 255."""


def mix(one: Color, other: Color, share: float) -> Color:
    """`one` with `share` (0 to 1) of `other` in it."""
    a, b, c = (x + (y - x) * share for x, y in zip(one, other, strict=True))
    return a, b, c


def lit(local: Color, tint: Color) -> Color:
    """A surface of color `local` in light of color `tint`."""
    a, b, c = (min(x * y / 255, 255.0) for x, y in zip(local, tint, strict=True))
    return a, b, c


def luma(color: Color) -> float:
    """How light a color is, 0 to 255."""
    return 0.2126 * color[0] + 0.7152 * color[1] + 0.0722 * color[2]


class Hour(StrEnum):
    """When it is, and what the light is like."""

    DAY = "day"
    DAWN = "dawn"
    SUNSET = "sunset"
    DUSK = "dusk"
    NIGHT = "night"
    NEON = "neon"
    OVERCAST = "overcast"
    STORM = "storm"


@dataclass(frozen=True, slots=True)
class Light:
    """The light of a scene.

    Attributes:
        sky: From the zenith to the horizon.
        sun: The sun or the moon, and the windows of a night.
        tint: What a white surface looks like in this light.
        shade: The darkest that anything near gets.
        dark: It is dark enough for stars and lamps.
    """

    sky: tuple[Color, Color, Color]
    sun: Color
    tint: Color
    shade: Color
    dark: bool = False


LIGHTS: dict[Hour, tuple[Light, ...]] = {
    Hour.DAY: (
        Light(((58, 128, 176), (128, 186, 206), (238, 234, 208)), (255, 248, 222), (255, 252, 242), (28, 52, 66)),
        Light(((72, 138, 160), (158, 200, 194), (246, 234, 200)), (255, 244, 206), (255, 248, 232), (36, 54, 58)),
        Light(((86, 150, 206), (166, 204, 226), (240, 242, 232)), (255, 252, 236), (252, 252, 250), (30, 48, 78)),
    ),
    Hour.DAWN: (
        Light(((112, 148, 182), (232, 190, 178), (255, 228, 190)), (255, 244, 214), (255, 232, 218), (58, 58, 88)),
        Light(((146, 160, 190), (244, 200, 170), (255, 236, 206)), (255, 240, 206), (255, 236, 214), (64, 58, 80)),
    ),
    Hour.SUNSET: (
        Light(((70, 58, 104), (222, 104, 82), (255, 196, 112)), (255, 232, 168), (255, 190, 150), (46, 26, 52)),
        Light(((46, 74, 110), (218, 132, 96), (255, 212, 136)), (255, 238, 182), (255, 200, 156), (38, 34, 58)),
        Light(((120, 46, 66), (232, 98, 60), (255, 186, 84)), (255, 226, 148), (255, 178, 132), (52, 20, 36)),
    ),
    Hour.DUSK: (
        Light(((34, 46, 92), (112, 94, 142), (238, 164, 138)), (255, 222, 186), (176, 160, 196), (22, 24, 50)),
        Light(((26, 62, 92), (94, 118, 142), (232, 184, 150)), (255, 226, 182), (166, 170, 190), (16, 30, 46)),
    ),
    Hour.NIGHT: (
        Light(((9, 15, 38), (22, 40, 78), (62, 92, 124)), (244, 240, 216), (84, 112, 168), (6, 11, 26), True),
        Light(((14, 12, 36), (38, 34, 82), (92, 84, 134)), (250, 238, 214), (98, 98, 170), (10, 9, 26), True),
    ),
    Hour.NEON: (
        Light(((14, 8, 32), (58, 18, 86), (206, 52, 140)), (255, 124, 190), (150, 96, 210), (10, 6, 24), True),
        Light(((6, 16, 36), (18, 52, 96), (32, 164, 176)), (255, 92, 160), (90, 130, 200), (5, 9, 24), True),
    ),
    Hour.OVERCAST: (
        Light(((128, 144, 154), (178, 190, 192), (222, 224, 216)), (246, 244, 234), (214, 222, 224), (52, 64, 72)),
        Light(((148, 150, 152), (194, 192, 186), (230, 224, 210)), (248, 242, 230), (222, 220, 212), (58, 60, 64)),
    ),
    Hour.STORM: (
        Light(((36, 44, 58), (76, 90, 102), (156, 160, 150)), (226, 226, 208), (140, 154, 164), (18, 24, 34)),
    ),
}

NAMED: dict[str, Color] = {
    "red": (206, 58, 48), "scarlet": (206, 48, 40), "crimson": (172, 34, 52), "maroon": (122, 36, 46),
    "orange": (236, 128, 44), "amber": (238, 164, 52), "peach": (248, 190, 156), "coral": (244, 122, 98),
    "salmon": (240, 140, 120), "yellow": (244, 204, 62), "golden": (232, 178, 72), "gold": (232, 178, 72),
    "lemon": (246, 216, 74), "beige": (222, 204, 172), "cream": (244, 232, 204), "brown": (128, 86, 58),
    "tan": (196, 160, 118), "bronze": (160, 112, 62), "copper": (184, 110, 72), "green": (84, 142, 82),
    "lime": (168, 202, 70), "olive": (122, 126, 66), "emerald": (38, 138, 96), "mint": (166, 214, 182),
    "teal": (34, 128, 130), "turquoise": (52, 184, 188), "cyan": (70, 194, 216), "aqua": (92, 200, 204),
    "blue": (58, 110, 178), "azure": (76, 150, 214), "navy": (34, 52, 98), "indigo": (66, 62, 140),
    "purple": (122, 74, 150), "violet": (134, 90, 172), "lavender": (180, 164, 214), "lilac": (196, 168, 212),
    "magenta": (206, 60, 142), "pink": (240, 142, 166), "fuchsia": (212, 62, 150), "white": (242, 240, 232),
    "ivory": (242, 234, 214), "silver": (186, 192, 198), "grey": (136, 140, 144), "gray": (136, 140, 144),
    "black": (40, 40, 46), "metallic": (156, 166, 176), "chrome": (186, 194, 202), "rusty": (166, 92, 58),
}  # fmt: skip
"""What a color word looks like."""
