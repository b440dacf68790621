"""Animals: one four-legged body, drawn with each kind's own proportions; birds and fish."""

import math
from dataclasses import dataclass

from ttv_dagster.engines.card.canvas import Canvas, Point
from ttv_dagster.engines.card.palette import Colour, mix


@dataclass(frozen=True, slots=True)
class Beast:
    """The proportions of a four-legged animal; lengths in heights of its back.

    Attributes:
        tall: Height of its back, in heights of a grown person.
        coat: Its colour, where the prompt names none.
        length: From the shoulder to the hip.
        chest: Depth of the trunk in front.
        loin: Depth of the trunk behind.
        legs: Thickness of the legs at the top.
        neck: Where the head is, from the shoulder: forwards and up.
        head: Size of the head.
        muzzle: Length and thickness of the muzzle.
        ears: ``point``, ``round``, ``flop``, ``long`` or ``small``.
        tail: Forwards and up from the hip; thickness at the root and at the end.
        mane: It has one.
        antlers: It has them.
        trunk: It has one.
        light: Its muzzle, chest and tail are pale.
    """

    tall: float
    coat: Colour
    length: float = 0.9
    chest: float = 0.5
    loin: float = 0.42
    legs: float = 0.16
    neck: Point = (0.34, 0.24)
    head: float = 0.19
    muzzle: tuple[float, float] = (0.2, 0.14)
    ears: str = "point"
    tail: tuple[float, float, float, float] = (-0.3, -0.3, 0.08, 0.04)
    mane: bool = False
    antlers: bool = False
    trunk: bool = False
    light: bool = False


BEASTS: dict[str, Beast] = {
    "cat": Beast(0.24, (222, 138, 66), length=0.95, chest=0.5, loin=0.5, head=0.29, neck=(0.28, 0.24), muzzle=(0.1, 0.18), tail=(-0.3, 0.75, 0.11, 0.08)),
    "mouse": Beast(0.15, (150, 150, 160), length=0.7, chest=0.6, loin=0.72, legs=0.13, head=0.34, neck=(0.36, 0.2), muzzle=(0.34, 0.14), ears="round", tail=(-0.95, 0.2, 0.06, 0.03)),
    "dog": Beast(0.32, (156, 106, 68), head=0.2, neck=(0.3, 0.34), muzzle=(0.24, 0.15), ears="flop", tail=(-0.32, 0.4, 0.08, 0.05)),
    "fox": Beast(0.25, (214, 106, 52), length=1.05, chest=0.42, loin=0.38, legs=0.11, head=0.22, neck=(0.36, 0.26), muzzle=(0.28, 0.1), tail=(-0.95, -0.1, 0.16, 0.26), light=True),
    "lion": Beast(0.55, (208, 158, 84), length=1.15, chest=0.52, loin=0.42, head=0.2, neck=(0.36, 0.22), muzzle=(0.17, 0.19), ears="round", tail=(-0.5, -0.25, 0.06, 0.04), mane=True),
    "horse": Beast(0.86, (124, 78, 54), length=0.88, chest=0.42, loin=0.38, legs=0.14, head=0.13, neck=(0.44, 0.44), muzzle=(0.3, 0.12), tail=(-0.26, -0.5, 0.11, 0.06), mane=True),
    "deer": Beast(0.62, (168, 116, 76), length=0.85, chest=0.38, loin=0.36, legs=0.1, head=0.12, neck=(0.32, 0.56), muzzle=(0.2, 0.09), ears="long", tail=(-0.1, 0.0, 0.08, 0.05), antlers=True, light=True),
    "elephant": Beast(1.25, (136, 138, 148), length=0.8, chest=0.64, loin=0.62, legs=0.24, head=0.27, neck=(0.36, 0.1), muzzle=(0.1, 0.2), ears="fan", tail=(-0.14, -0.36, 0.04, 0.03), trunk=True),
    "bear": Beast(0.55, (98, 70, 58), length=0.95, chest=0.62, loin=0.64, legs=0.23, head=0.24, neck=(0.38, 0.12), muzzle=(0.22, 0.17), ears="round", tail=(-0.08, 0.0, 0.1, 0.06)),
    "cow": Beast(0.68, (226, 214, 198), length=1.05, chest=0.54, loin=0.5, head=0.17, neck=(0.36, 0.14), muzzle=(0.26, 0.17), ears="flop", tail=(-0.14, -0.5, 0.04, 0.06)),
    "rabbit": Beast(0.17, (196, 176, 158), length=0.6, chest=0.56, loin=0.74, legs=0.16, head=0.32, neck=(0.32, 0.32), muzzle=(0.12, 0.18), ears="tall", tail=(-0.16, 0.06, 0.22, 0.18)),
}  # fmt: skip
"""The animals that a prompt can name."""


def beast(c: Canvas, x: float, foot: float, tall: float, kind: Beast, coat: Colour, facing: int, stride: float = 0.2) -> None:
    """A four-legged animal between whose feet (x, foot) is; `tall` is the height of its back."""

    def at(forward: float, up: float) -> Point:
        return x + facing * forward * tall, foot - up * tall

    half = kind.length / 2
    dark = mix(coat, (20, 12, 22), 0.25)
    pale = mix(coat, (255, 248, 234), 0.75)
    shoulder, hip = (half, 1 - kind.chest / 2), (-half, 1 - kind.loin / 2)
    _tail(c, at, hip, kind, coat, pale)
    for (forward, up), step, far in ((shoulder, stride, True), (hip, -stride, True), (shoulder, -stride, False), (hip, stride, False)):
        bend = -0.05 if forward > 0 else 0.07
        middle, end = at(forward + step * 0.45 - bend, up * 0.52), at(forward + step, 0.03)
        c.limb([at(forward, up), middle, end], [kind.legs * tall * 1.5, kind.legs * tall * 0.8, kind.legs * tall * 0.55], dark if far else coat)
        c.limb([end, (end[0] + facing * kind.legs * tall * 0.4, end[1])], [kind.legs * tall * 0.5] * 2, mix(dark, (0, 0, 0), 0.3))
    c.limb([at(half * 1.02, 1 - kind.chest / 2), at(0, 1 - (kind.chest + kind.loin) / 4 - 0.01), at(-half * 1.02, 1 - kind.loin / 2)],
           [kind.chest * tall, (kind.chest + kind.loin) * 0.47 * tall, kind.loin * tall], coat)  # fmt: skip
    if kind.light:
        c.limb([at(half * 1.1, 1 - kind.chest * 0.72), at(half * 1.3, 1 - kind.chest * 0.36)], [kind.chest * 0.36 * tall, kind.chest * 0.3 * tall], pale)
    head = (half + kind.neck[0], 1 + kind.neck[1] - kind.head * 0.5)
    neck_root = (half * 0.92, 1 - kind.chest * 0.36)
    if kind.mane and kind.head > 0.18:
        mane = mix(coat, (92, 44, 24), 0.62)
        for forward, up, size in ((0.0, 0.0, 1.75), (-0.10, -0.12, 1.6), (-0.04, -0.24, 1.35), (-0.14, 0.02, 1.35)):
            c.disc(*at(head[0] + forward, head[1] + up), size * kind.head * tall, mane)
    c.limb([at(*neck_root), at(*head)], [kind.chest * 0.74 * tall, kind.head * 1.35 * tall], coat)
    if kind.mane and kind.head <= 0.18:
        mane = mix(coat, (24, 14, 16), 0.7)
        c.limb([at(head[0] - kind.head * 0.4, head[1] + kind.head * 0.9), at((head[0] + neck_root[0]) / 2 - 0.13, (head[1] + neck_root[1]) / 2 + 0.1), at(neck_root[0] - 0.2, neck_root[1] + 0.14)],
               [kind.head * 0.5 * tall, kind.head * 1.0 * tall, kind.head * 0.5 * tall], mane)  # fmt: skip
    _head(c, at, head, kind, coat, dark, pale, tall)


def _tail(c: Canvas, at, hip: Point, kind: Beast, coat: Colour, pale: Colour) -> None:  # type: ignore[no-untyped-def]
    forward, up, thick, thin = kind.tail
    size = abs(at(1, 0)[0] - at(0, 0)[0])
    root = (hip[0] - 0.08 - kind.loin * 0.2, hip[1] + kind.loin * 0.22)
    bend = (root[0] + forward * 0.62, root[1] + up * 0.36)
    end = (root[0] + forward, root[1] + up)
    c.limb([at(*root), at(*bend), at(*end)], [thick * size, (thick + thin) / 2 * size * 1.1, thin * size], coat)
    if kind.light and thin > 0.1:
        c.disc(*at(end[0] + 0.02, end[1]), thin * size * 0.5, pale)
    if kind.mane:
        c.disc(*at(*end), max(thin * 1.2, 0.06) * size, mix(coat, (40, 20, 18), 0.6))


def _head(c: Canvas, at, head: Point, kind: Beast, coat: Colour, dark: Colour, pale: Colour, tall: float) -> None:  # type: ignore[no-untyped-def]
    forward, up = head
    size = kind.head
    long, thick = kind.muzzle
    for place in (-1, 1):
        ear = (forward - size * (0.15 + 0.42 * place), up + size * 0.62)
        tone = dark if place < 0 else coat
        if kind.ears in ("point", "long"):
            c.polygon([at(ear[0] - size * 0.36, ear[1]), at(ear[0] - size * 0.06, ear[1] + size * (1.0 if kind.ears == "point" else 0.9)), at(ear[0] + size * 0.36, ear[1])], tone)
        elif kind.ears == "round":
            c.disc(*at(ear[0], ear[1] + size * (0.4 if tall and kind.tall < 0.2 else 0.22)), size * (0.62 if kind.tall < 0.2 else 0.36) * tall, tone)
        elif kind.ears == "tall":
            c.limb([at(*ear), at(ear[0] - size * 0.4, ear[1] + size * 1.9)], [size * 0.5 * tall, size * 0.4 * tall], tone)
        elif kind.ears == "fan" and place > 0:
            c.disc(*at(forward - size * 0.55, up + size * 0.05), size * 0.95 * tall, dark, 1.2)
    end = (forward + size * 0.55 + long, up - size * 0.34)
    if kind.trunk:
        c.limb([at(forward + size * 0.4, up), at(forward + size * 1.35, up - size * 0.6), at(forward + size * 1.45, up - size * 1.9), at(forward + size * 1.8, up - size * 2.6)],
               [size * 1.0 * tall, size * 0.7 * tall, size * 0.42 * tall, size * 0.3 * tall], coat)  # fmt: skip
        c.limb([at(forward + size * 0.9, up - size * 0.6), at(forward + size * 1.9, up - size * 0.85)], [size * 0.2 * tall, size * 0.08 * tall], (244, 236, 214))
    c.disc(*at(forward, up), size * tall, coat)
    if not kind.trunk:
        c.limb([at(forward + size * 0.35, up - size * 0.12), at(*end)], [size * 1.35 * tall, thick * tall], coat)
        if kind.light:
            c.limb([at(forward + size * 0.3, up - size * 0.55), at(end[0] - 0.02, end[1] - thick * 0.18)], [size * 0.6 * tall, thick * 0.62 * tall], pale)
        c.disc(*at(end[0] + thick * 0.30, end[1] + thick * 0.22), thick * 0.22 * tall, (34, 24, 30))
    if kind.ears == "flop":
        c.limb([at(forward - size * 0.35, up + size * 0.55), at(forward - size * 0.75, up - size * 0.55)], [size * 0.5 * tall, size * 0.62 * tall], dark)
    if kind.antlers:
        horn = mix(coat, (244, 226, 196), 0.5)
        for lean in (-0.5, 0.25):
            root, top = (forward - size * 0.1, up + size * 0.7), (forward + lean * size * 2.2, up + size * 3.6)
            c.limb([at(*root), at(root[0] + lean * size * 2.4, root[1] + size * 1.4), at(*top)], [size * 0.26 * tall, size * 0.22 * tall, size * 0.1 * tall], horn)
            for share in (0.45, 0.75):
                c.limb([at(root[0] + lean * size * 2.2, root[1] + size * 2.8 * share), at(root[0] + lean * size * 2.2 + size * 0.9, root[1] + size * (2.8 * share + 0.9))],
                       [size * 0.18 * tall, size * 0.08 * tall], horn)  # fmt: skip
    c.disc(*at(forward + size * 0.42, up + size * 0.22), size * 0.13 * tall, (26, 18, 26))


def gull(c: Canvas, x: float, y: float, span: float, colour: Colour, lift: float = 0.35) -> None:
    """A bird on the wing."""
    thick = span * 0.045
    for side in (-1, 1):
        c.limb([(x, y), (x + side * span * 0.24, y - span * lift * 0.55), (x + side * span * 0.5, y - span * lift * 0.3)],
               [thick * 1.7, thick * 1.4, thick * 0.3], colour)  # fmt: skip
    c.limb([(x - span * 0.07, y + span * 0.012), (x + span * 0.09, y + span * 0.005)], [span * 0.05, span * 0.06], colour)


def fish(c: Canvas, x: float, y: float, size: float, colour: Colour, facing: int) -> None:
    """A fish, seen from the side."""
    c.polygon([(x - facing * size * 0.34, y), (x - facing * size * 0.68, y - size * 0.22), (x - facing * size * 0.6, y), (x - facing * size * 0.68, y + size * 0.22)], mix(colour, (20, 30, 60), 0.2))
    c.polygon([(x - facing * size * 0.12, y - size * 0.2), (x + facing * size * 0.08, y - size * 0.36), (x + facing * size * 0.18, y - size * 0.16)], mix(colour, (20, 30, 60), 0.15))
    outline = [(x + size * 0.46 * math.cos(t), y + size * 0.23 * math.sin(t) * (1 - 0.25 * facing * -math.cos(t))) for t in (k * math.tau / 48 for k in range(48))]
    c.polygon(outline, colour, mix(colour, (255, 250, 236), 0.4))
    c.disc(x + facing * size * 0.28, y - size * 0.05, size * 0.045, (20, 20, 30))
