"""Where the subjects of a scene stand."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ground:
    """Where a place lets its subjects stand.

    Attributes:
        level: How far down their feet are, in the canvas's pixels.
        x: Where the middle of the group is, as a share of the width; None for the painter's choice.
        tall: Height of a grown person, as a share of the shorter side; 0 where nobody can be seen.
        afloat: It is water: only boats and swimmers.
        sun: Where the light comes from, as a share of the width; None for light from everywhere.
        adrift: There is no ground: subjects float.
    """

    level: float
    x: float | None = None
    tall: float = 0.46
    sun: float | None = None
    afloat: bool = False
    adrift: bool = False
