"""Animals: one four-legged body, drawn with each kind's own proportions; birds and fish."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from ttv_illustrations.canvas import Canvas, Point, local
from ttv_illustrations.palette import Color, luma, mix

At = Callable[[float, float], Point]
"""A point of an animal, from so many heights of its back forwards and up."""


@dataclass(frozen=True, slots=True)
class Beast:
    """The proportions of a four-legged animal; lengths in heights of its back.

    Attributes:
        tall: Height of its back, in heights of a grown person.
        coat: Its color, where the prompt names none.
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
        mask: Its eyes are in a dark mask.
        stripes: Its coat is striped.
    """

    tall: float
    coat: Color
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
    mask: bool = False
    stripes: bool = False


BEASTS: dict[str, Beast] = {
    "cat": Beast(
        0.24,
        (222, 138, 66),
        length=0.95,
        chest=0.5,
        loin=0.5,
        head=0.31,
        neck=(0.26, 0.28),
        muzzle=(0.03, 0.2),
        tail=(-0.3, 0.75, 0.11, 0.08),
    ),
    "mouse": Beast(
        0.15,
        (150, 150, 160),
        length=0.7,
        chest=0.6,
        loin=0.72,
        legs=0.13,
        head=0.34,
        neck=(0.36, 0.2),
        muzzle=(0.34, 0.14),
        ears="round",
        tail=(-0.95, 0.2, 0.06, 0.03),
    ),
    "dog": Beast(
        0.32,
        (156, 106, 68),
        head=0.2,
        neck=(0.3, 0.34),
        muzzle=(0.24, 0.15),
        ears="flop",
        tail=(-0.32, 0.4, 0.08, 0.05),
    ),
    "fox": Beast(
        0.25,
        (214, 106, 52),
        length=1.05,
        chest=0.42,
        loin=0.38,
        legs=0.11,
        head=0.22,
        neck=(0.36, 0.26),
        muzzle=(0.28, 0.1),
        tail=(-0.95, -0.1, 0.16, 0.26),
        light=True,
    ),
    "raccoon": Beast(
        0.24,
        (128, 126, 134),
        length=0.8,
        chest=0.52,
        loin=0.56,
        legs=0.13,
        head=0.27,
        neck=(0.34, 0.2),
        muzzle=(0.17, 0.11),
        ears="round",
        tail=(-0.75, 0.05, 0.17, 0.2),
        light=True,
        mask=True,
    ),
    "lion": Beast(
        0.55,
        (208, 158, 84),
        length=1.1,
        chest=0.6,
        loin=0.5,
        legs=0.2,
        head=0.23,
        neck=(0.38, 0.2),
        muzzle=(0.18, 0.21),
        ears="round",
        tail=(-0.5, -0.25, 0.06, 0.04),
        mane=True,
    ),
    "tiger": Beast(
        0.5,
        (226, 142, 66),
        length=1.2,
        chest=0.54,
        loin=0.46,
        legs=0.19,
        head=0.22,
        neck=(0.36, 0.16),
        muzzle=(0.13, 0.2),
        ears="round",
        tail=(-0.6, 0.05, 0.07, 0.06),
        light=True,
        stripes=True,
    ),
    "wolf": Beast(
        0.4,
        (122, 124, 134),
        length=0.95,
        chest=0.46,
        loin=0.36,
        legs=0.13,
        head=0.19,
        neck=(0.34, 0.24),
        muzzle=(0.25, 0.12),
        tail=(-0.42, -0.34, 0.1, 0.14),
        light=True,
    ),
    "zebra": Beast(
        0.75,
        (236, 232, 224),
        length=0.88,
        chest=0.42,
        loin=0.4,
        legs=0.13,
        head=0.13,
        neck=(0.40, 0.42),
        muzzle=(0.26, 0.12),
        tail=(-0.2, -0.5, 0.07, 0.05),
        mane=True,
        stripes=True,
    ),
    "horse": Beast(
        0.86,
        (124, 78, 54),
        length=0.88,
        chest=0.42,
        loin=0.38,
        legs=0.14,
        head=0.13,
        neck=(0.44, 0.44),
        muzzle=(0.3, 0.12),
        tail=(-0.2, -0.62, 0.1, 0.05),
        mane=True,
    ),
    "deer": Beast(
        0.62,
        (168, 116, 76),
        length=0.85,
        chest=0.38,
        loin=0.36,
        legs=0.1,
        head=0.12,
        neck=(0.32, 0.56),
        muzzle=(0.2, 0.09),
        ears="long",
        tail=(-0.1, 0.0, 0.08, 0.05),
        antlers=True,
        light=True,
    ),
    "elephant": Beast(
        1.25,
        (136, 138, 148),
        length=0.8,
        chest=0.64,
        loin=0.62,
        legs=0.24,
        head=0.27,
        neck=(0.36, 0.1),
        muzzle=(0.1, 0.2),
        ears="fan",
        tail=(-0.14, -0.36, 0.04, 0.03),
        trunk=True,
    ),
    "bear": Beast(
        0.55,
        (98, 70, 58),
        length=0.95,
        chest=0.62,
        loin=0.64,
        legs=0.23,
        head=0.24,
        neck=(0.38, 0.12),
        muzzle=(0.22, 0.17),
        ears="round",
        tail=(-0.08, 0.0, 0.1, 0.06),
    ),
    "cow": Beast(
        0.68,
        (226, 214, 198),
        length=1.05,
        chest=0.54,
        loin=0.5,
        head=0.17,
        neck=(0.36, 0.14),
        muzzle=(0.26, 0.17),
        ears="flop",
        tail=(-0.14, -0.5, 0.04, 0.06),
    ),
    "rabbit": Beast(
        0.17,
        (196, 176, 158),
        length=0.6,
        chest=0.56,
        loin=0.74,
        legs=0.16,
        head=0.32,
        neck=(0.32, 0.32),
        muzzle=(0.12, 0.18),
        ears="tall",
        tail=(-0.16, 0.06, 0.22, 0.18),
    ),
}
"""The animals that a prompt can name."""


def beast(
    c: Canvas, x: float, foot: float, tall: float, kind: Beast, coat: Color, facing: int, stride: float = 0.2
) -> None:
    """A four-legged animal between whose feet (x, foot) is; `tall` is the height of its back."""
    at = local(x, foot, tall, facing)

    half = kind.length / 2
    dark = mix(coat, (20, 12, 22), 0.25)
    shoulder, hip = (half, 1 - kind.chest / 2), (-half, 1 - kind.loin / 2)
    _tail(c, at, hip, tall, kind, coat)
    thick = kind.legs * tall
    for (forward, up), step, far in (
        (shoulder, stride, True),
        (hip, -stride, True),
        (shoulder, -stride, False),
        (hip, stride, False),
    ):
        bend = -0.05 if forward > 0 else 0.07
        middle, paw = at(forward + step * 0.45 - bend, up * 0.52), at(forward + step, 0.03)
        c.limb([at(forward, up), middle, paw], [thick * 1.5, thick * 0.8, thick * 0.55], dark if far else coat)
        c.limb([paw, (paw[0] + facing * thick * 0.4, paw[1])], [thick * 0.5] * 2, mix(dark, (0, 0, 0), 0.3))
    back = [at(half * 1.02, shoulder[1]), at(0, (shoulder[1] + hip[1]) / 2 - 0.01), at(-half * 1.02, hip[1])]
    c.limb(back, [kind.chest * tall, (kind.chest + kind.loin) * 0.47 * tall, kind.loin * tall], coat)
    if kind.stripes:
        for share in (-0.42, -0.26, -0.1, 0.06, 0.22, 0.38):
            stripe = [at(kind.length * share, 0.985), at(kind.length * (share + 0.03), 1 - kind.loin * 0.62)]
            c.limb(stripe, [0.05 * tall, 0.012 * tall], (44, 32, 34))
    if kind.light:
        bib = [at(half * 1.1, 1 - kind.chest * 0.72), at(half * 1.3, 1 - kind.chest * 0.36)]
        c.limb(bib, [kind.chest * 0.36 * tall, kind.chest * 0.3 * tall], _pale(coat))
    head = (half + kind.neck[0], 1 + kind.neck[1] - kind.head * 0.5)
    neck = (half * 0.92, 1 - kind.chest * 0.36)
    if kind.mane and kind.head > 0.18:
        for forward, up, size in ((0.0, 0.0, 1.75), (-0.10, -0.12, 1.6), (-0.04, -0.24, 1.35), (-0.14, 0.02, 1.35)):
            c.disc(*at(head[0] + forward, head[1] + up), size * kind.head * tall, _mane(coat, kind))
    c.limb([at(*neck), at(*head)], [kind.chest * 0.74 * tall, kind.head * 1.35 * tall], coat)
    if kind.mane and kind.head <= 0.18:
        crest = [
            at(head[0] - kind.head * 0.4, head[1] + kind.head * 0.9),
            at((head[0] + neck[0]) / 2 - 0.13, (head[1] + neck[1]) / 2 + 0.1),
            at(neck[0] - 0.2, neck[1] + 0.14),
        ]
        widths = [kind.head * 0.5 * tall, kind.head * tall, kind.head * 0.5 * tall]
        c.limb(crest, widths, _mane(coat, kind))
    _ears(c, at, head, tall, kind, coat)
    _face(c, at, head, tall, kind, coat)
    if kind.antlers:
        _antlers(c, at, head, tall, kind, coat)


def _pale(coat: Color) -> Color:
    return mix(coat, (255, 248, 234), 0.75)


def _mane(coat: Color, kind: Beast) -> Color:
    """A lion's mane is brown, a horse's nearly black."""
    return mix(coat, (92, 44, 24), 0.62) if kind.head > 0.18 else mix(coat, (24, 14, 16), 0.7)


def _tail(c: Canvas, at: At, hip: Point, tall: float, kind: Beast, coat: Color) -> None:
    forward, up, thick, thin = kind.tail
    root = (hip[0] - 0.08 - kind.loin * 0.2, hip[1] + kind.loin * 0.22)
    bend = (root[0] + forward * 0.62, root[1] + up * 0.36)
    end = (root[0] + forward, root[1] + up)
    if kind.mane and kind.head <= 0.18:
        c.limb([at(*root), at(*bend), at(*end)], [0.09 * tall, 0.16 * tall, 0.03 * tall], _mane(coat, kind))
        return
    c.limb([at(*root), at(*bend), at(*end)], [thick * tall, (thick + thin) * 0.55 * tall, thin * tall], coat)
    if kind.light and thin > 0.1:
        c.disc(*at(end[0] + 0.02, end[1]), thin * tall * 0.5, _pale(coat))
    if kind.mane:
        c.disc(*at(*end), 0.065 * tall, _mane(coat, kind))


def _ears(c: Canvas, at: At, head: Point, tall: float, kind: Beast, coat: Color) -> None:
    size, dark = kind.head, mix(coat, (20, 12, 22), 0.25)
    small = kind.tall < 0.2
    for place, tone in ((-1, dark), (1, coat)):
        x, y = head[0] - size * (0.15 + 0.42 * place), head[1] + size * 0.62
        if kind.ears in ("point", "long"):
            tip = at(x - size * 0.06, y + size * (1.0 if kind.ears == "point" else 0.9))
            c.polygon([at(x - size * 0.36, y), tip, at(x + size * 0.36, y)], tone)
        elif kind.ears == "round":
            c.disc(*at(x, y + size * (0.4 if small else 0.22)), size * (0.62 if small else 0.36) * tall, tone)
        elif kind.ears == "tall":
            c.limb([at(x, y), at(x - size * 0.4, y + size * 1.9)], [size * 0.5 * tall, size * 0.4 * tall], tone)
    if kind.ears == "fan":
        c.disc(*at(head[0] - size * 0.55, head[1] + size * 0.05), size * 0.95 * tall, dark, 1.2)


def _face(c: Canvas, at: At, head: Point, tall: float, kind: Beast, coat: Color) -> None:
    (x, y), size, (long, thick) = head, kind.head, kind.muzzle
    dark = mix(coat, (20, 12, 22), 0.25)
    if kind.trunk:
        nose = [
            at(x + size * forward, y - size * down)
            for forward, down in ((0.4, 0), (1.35, 0.6), (1.45, 1.9), (1.8, 2.6))
        ]
        c.limb(nose, [size * tall * share for share in (1.0, 0.7, 0.42, 0.3)], coat)
        tusk = [at(x + size * 0.9, y - size * 0.6), at(x + size * 1.9, y - size * 0.85)]
        c.limb(tusk, [size * 0.2 * tall, size * 0.08 * tall], (244, 236, 214))
    c.disc(*at(x, y), size * tall, coat)
    if not kind.trunk:
        tip = (x + size * 0.55 + long, y - size * 0.34)
        c.limb([at(x + size * 0.35, y - size * 0.12), at(*tip)], [size * 1.35 * tall, thick * tall], coat)
        if kind.light:
            jaw = [at(x + size * 0.3, y - size * 0.55), at(tip[0] - 0.02, tip[1] - thick * 0.18)]
            c.limb(jaw, [size * 0.6 * tall, thick * 0.62 * tall], _pale(coat))
        c.disc(*at(tip[0] + thick * 0.30, tip[1] + thick * 0.22), thick * 0.22 * tall, (34, 24, 30))
    if kind.ears == "flop":
        ear = [at(x - size * 0.35, y + size * 0.55), at(x - size * 0.75, y - size * 0.55)]
        c.limb(ear, [size * 0.5 * tall, size * 0.62 * tall], dark)
    if kind.mask:
        band = [at(x + size * 0.1, y - size * 0.1), at(x + size * 0.62, y + size * 0.2)]
        c.limb(band, [size * 0.5 * tall, size * 0.55 * tall], mix(coat, (20, 16, 26), 0.75))
    eye = mix(coat, (250, 236, 190), 0.8) if luma(coat) < 36 or kind.mask else (26, 18, 26)
    c.disc(*at(x + size * 0.42, y + size * 0.22), size * 0.13 * tall, eye)


def _antlers(c: Canvas, at: At, head: Point, tall: float, kind: Beast, coat: Color) -> None:
    size, horn = kind.head, mix(coat, (244, 226, 196), 0.5)
    x, y = head[0] - size * 0.1, head[1] + size * 0.7
    for lean in (-0.5, 0.25):
        fork = x + lean * size * 2.4
        beam = [at(x, y), at(fork, y + size * 1.4), at(head[0] + lean * size * 2.2, head[1] + size * 3.6)]
        c.limb(beam, [size * 0.26 * tall, size * 0.22 * tall, size * 0.1 * tall], horn)
        for share in (1.26, 2.1):
            tine = [at(fork, y + size * share), at(fork + size * 0.9, y + size * (share + 0.9))]
            c.limb(tine, [size * 0.18 * tall, size * 0.08 * tall], horn)


def gull(c: Canvas, x: float, y: float, span: float, color: Color, lift: float = 0.35) -> None:
    """A bird on the wing."""
    thick = span * 0.045
    for side in (-1, 1):
        c.limb(
            [
                (x, y),
                (x + side * span * 0.24, y - span * lift * 0.55),
                (x + side * span * 0.5, y - span * lift * 0.3),
            ],
            [thick * 1.7, thick * 1.4, thick * 0.3],
            color,
        )
    c.limb(
        [(x - span * 0.07, y + span * 0.012), (x + span * 0.09, y + span * 0.005)],
        [span * 0.05, span * 0.06],
        color,
    )


def fish(c: Canvas, x: float, y: float, size: float, color: Color, facing: int) -> None:
    """A fish, seen from the side."""
    c.polygon(
        [
            (x - facing * size * 0.34, y),
            (x - facing * size * 0.68, y - size * 0.22),
            (x - facing * size * 0.6, y),
            (x - facing * size * 0.68, y + size * 0.22),
        ],
        mix(color, (20, 30, 60), 0.2),
    )
    c.polygon(
        [
            (x - facing * size * 0.12, y - size * 0.2),
            (x + facing * size * 0.08, y - size * 0.36),
            (x + facing * size * 0.18, y - size * 0.16),
        ],
        mix(color, (20, 30, 60), 0.15),
    )
    outline = [
        (x + size * 0.46 * math.cos(t), y + size * 0.23 * math.sin(t) * (1 - 0.25 * facing * -math.cos(t)))
        for t in (k * math.tau / 48 for k in range(48))
    ]
    c.polygon(outline, color, mix(color, (255, 250, 236), 0.4))
    c.disc(x + facing * size * 0.28, y - size * 0.05, size * 0.045, (20, 20, 30))
