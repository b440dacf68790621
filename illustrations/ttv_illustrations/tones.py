"""Colors that painters choose from where the prompt names none."""

from ttv_illustrations.canvas import Canvas
from ttv_illustrations.palette import Color

BRIGHTS: tuple[Color, ...] = ((238, 92, 86), (250, 190, 88), (92, 188, 190), (238, 130, 172), (134, 116, 214))


WALLS: tuple[Color, ...] = (
    (232, 214, 184),
    (150, 180, 170),
    (222, 164, 132),
    (132, 156, 182),
    (204, 190, 200),
    (226, 192, 116),
    (112, 138, 124),
)


FRONTS: tuple[Color, ...] = (
    (214, 140, 104),
    (226, 186, 122),
    (120, 150, 150),
    (186, 104, 92),
    (146, 160, 124),
    (206, 176, 158),
)


def one_of(c: Canvas, colors: tuple[Color, ...]) -> Color:
    return colors[int(c.random.integers(len(colors)))]
