"""People: flat figures on a skeleton of a few joints."""

import math
from dataclasses import dataclass

from ttv_illustrations.canvas import Canvas, Point
from ttv_illustrations.palette import Color, mix


@dataclass(frozen=True, slots=True)
class Pose:
    """Angles in degrees from straight down, positive towards where the person faces; left and right limb.

    Attributes:
        arms: Of the upper arms.
        elbows: Of the lower arms.
        thighs: Of the upper legs.
        knees: Of the lower legs.
        lean: Of the trunk, from upright.
    """

    arms: tuple[float, float] = (-10, 10)
    elbows: tuple[float, float] = (-2, 18)
    thighs: tuple[float, float] = (-4, 5)
    knees: tuple[float, float] = (-4, 3)
    lean: float = 0.0


STANDING = Pose()
WALKING = Pose(arms=(28, -26), elbows=(44, -6), thighs=(-20, 24), knees=(-38, 12), lean=4)
RUNNING = Pose(arms=(58, -48), elbows=(120, 20), thighs=(-30, 58), knees=(-88, 2), lean=14)
DANCING = Pose(arms=(150, -128), elbows=(168, -150), thighs=(-16, 26), knees=(-24, -2), lean=-5)
SITTING = Pose(arms=(22, 34), elbows=(50, 58), thighs=(78, 84), knees=(4, -4), lean=-4)
PLAYING = Pose(arms=(26, 44), elbows=(86, 118), thighs=(-8, 12), knees=(-10, 4), lean=-6)
REACHING = Pose(arms=(-8, 62), elbows=(6, 88), thighs=(-5, 7), knees=(-6, 4), lean=3)
CYCLING = Pose(arms=(56, 52), elbows=(66, 62), thighs=(52, 88), knees=(-8, 6), lean=30)
RIDING = Pose(arms=(34, 30), elbows=(72, 68), thighs=(48, 44), knees=(-8, -10), lean=4)
HOLDING = Pose(arms=(-6, 16), elbows=(4, 132), thighs=(-3, 4), knees=(-3, 2))
EMBRACING = Pose(arms=(14, 28), elbows=(22, 40), thighs=(-3, 4), knees=(-3, 3), lean=3)


@dataclass(frozen=True, slots=True)
class Clothes:
    """The colors of a person, and what marks them.

    Attributes:
        skin: Of face and hands.
        hair: Of the hair.
        top: Of what is worn above.
        legs: Of what is worn below.
        long_hair: Hair down to the shoulders.
        skirt: A skirt instead of trousers.
        hat: Of a hat; None for none.
    """

    skin: Color
    hair: Color
    top: Color
    legs: Color
    long_hair: bool = False
    skirt: bool = False
    hat: Color | None = None

    def outline(self, color: Color) -> "Clothes":
        """The same shape in one color: a rim of light, or a silhouette."""
        hat = None if self.hat is None else color
        return Clothes(color, color, color, color, self.long_hair, self.skirt, hat)


def _reach(start: Point, length: float, angle: float, facing: int) -> Point:
    turn = math.radians(angle)
    return start[0] + facing * length * math.sin(turn), start[1] + length * math.cos(turn)


def person(c: Canvas, x: float, foot: float, tall: float, pose: Pose, clothes: Clothes, facing: int) -> None:
    """A person whose lower foot stands at (x, foot)."""
    hip_to_foot = max(
        0.245 * math.cos(math.radians(thigh)) + 0.225 * math.cos(math.radians(knee))
        for thigh, knee in zip(pose.thighs, pose.knees, strict=True)
    )
    hip = (x, foot - tall * (hip_to_foot + 0.012))
    neck = _reach(hip, -tall * 0.335, -pose.lean, facing)
    for side in (0, 1):
        tone = mix(clothes.legs, (0, 0, 0), 0.16 if side == 0 else 0.0)
        knee = _reach(hip, tall * 0.245, pose.thighs[side], facing)
        ankle = _reach(knee, tall * 0.225, pose.knees[side], facing)
        c.limb(
            [hip, knee, ankle],
            [tall * 0.088, tall * 0.064, tall * 0.042],
            tone if not clothes.skirt else clothes.skin,
        )
        toe = (ankle[0] + facing * tall * 0.05, ankle[1] + tall * 0.008)
        c.limb(
            [(ankle[0], ankle[1] + tall * 0.004), toe],
            [tall * 0.038, tall * 0.026],
            mix(clothes.legs, (0, 0, 0), 0.5),
        )
    shoulder = _reach(neck, tall * 0.035, pose.lean * -0.5, facing)
    _arm(c, shoulder, tall, pose, clothes, facing, 0)
    _trunk(c, hip, neck, tall, clothes)
    if clothes.long_hair:
        head = _reach(neck, -tall * 0.085, -pose.lean, facing)
        c.limb(
            [head, (neck[0] - facing * tall * 0.03, neck[1] + tall * 0.075)],
            [tall * 0.105, tall * 0.07],
            clothes.hair,
        )
    _head(c, neck, tall, pose, clothes, facing)
    _arm(c, shoulder, tall, pose, clothes, facing, 1)


def _trunk(c: Canvas, hip: Point, neck: Point, tall: float, clothes: Clothes) -> None:
    def at(share: float, half: float) -> Point:
        return hip[0] + (neck[0] - hip[0]) * share + half * tall, hip[1] + (neck[1] - hip[1]) * share

    sides = (
        (1.0, 0.026),
        (0.955, 0.07),
        (0.88, 0.088),
        (0.62, 0.076),
        (0.38, 0.064),
        (0.05, 0.074),
        (-0.06, 0.066),
    )
    c.polygon(
        [at(share, -half) for share, half in sides] + [at(share, half) for share, half in reversed(sides)],
        clothes.top,
    )
    if clothes.skirt:
        c.polygon([at(0.3, -0.062), at(0.3, 0.062), at(-0.62, 0.135), at(-0.66, 0.0), at(-0.62, -0.135)], clothes.top)


def _arm(c: Canvas, shoulder: Point, tall: float, pose: Pose, clothes: Clothes, facing: int, side: int) -> None:
    start = (shoulder[0] + (2 * side - 1) * facing * tall * 0.058, shoulder[1] + tall * 0.008)
    tone = mix(clothes.top, (0, 0, 0), 0.14 if side == 0 else 0.08)
    elbow = _reach(start, tall * 0.165, pose.arms[side], facing)
    hand = _reach(elbow, tall * 0.145, pose.elbows[side], facing)
    c.limb([start, elbow, hand], [tall * 0.054, tall * 0.044, tall * 0.032], tone)
    c.disc(*hand, tall * 0.021, clothes.skin)


def _head(c: Canvas, neck: Point, tall: float, pose: Pose, clothes: Clothes, facing: int) -> None:
    head = _reach(neck, -tall * 0.085, -pose.lean * 0.6, facing)
    c.limb([(neck[0], neck[1] + tall * 0.02), head], [tall * 0.045, tall * 0.045], mix(clothes.skin, (0, 0, 0), 0.12))
    c.disc(*head, tall * 0.055, clothes.skin, 1.18)
    turns = [math.radians(52 + 8 * step) for step in range(20)]
    over = [(0.0605 * math.cos(turn), -0.0715 * math.sin(turn)) for turn in turns]
    under = [(-0.04, 0.035), (-0.022, 0.008), (-0.008, 0.004), (0.002, -0.022), (0.03, -0.044)]
    c.polygon(
        [(head[0] + facing * forward * tall, head[1] + down * tall) for forward, down in (*over, *under)],
        clothes.hair,
    )
    if clothes.hat is not None:
        brim = head[1] - tall * 0.038
        c.disc(head[0], brim, tall * 0.105, clothes.hat, 0.2)
        c.polygon(
            [
                (head[0] - tall * 0.058, brim),
                (head[0] - tall * 0.048, brim - tall * 0.062),
                (head[0] + tall * 0.048, brim - tall * 0.062),
                (head[0] + tall * 0.058, brim),
            ],
            mix(clothes.hat, (0, 0, 0), 0.12),
        )


def bust(
    c: Canvas, x: float, foot: float, tall: float, clothes: Clothes, facing: int, glasses: Color | None = None
) -> None:
    """Head and shoulders, `tall` high, seen from the front."""
    radius = tall * 0.2
    head = foot - tall * 0.66
    shadow = mix(clothes.skin, (84, 24, 34), 0.24)

    def at(across: float, down: float) -> Point:
        return x + facing * across * radius, head + down * radius

    if clothes.long_hair:
        c.blob(
            [
                at(0, -1.42),
                at(1.1, -0.9),
                at(1.26, 0.3),
                at(1.34, 1.7),
                at(0.7, 2.1),
                at(-0.7, 2.1),
                at(-1.4, 1.7),
                at(-1.3, 0.3),
                at(-1.14, -0.9),
            ],
            clothes.hair,
        )
    top = mix(clothes.top, (0, 0, 0), 0.04)
    c.blob(
        [
            at(-0.5, 1.72),
            at(-1.5, 2.02),
            at(-2.2, 2.5),
            at(-2.5, 3.6),
            at(-2.5, 4.6),
            at(2.5, 4.6),
            at(2.5, 3.6),
            at(2.2, 2.5),
            at(1.5, 2.02),
            at(0.5, 1.72),
        ],
        top,
        mix(top, (0, 0, 0), 0.2),
    )
    c.blob(
        [at(-0.45, 0.8), at(-0.46, 1.7), at(-0.62, 1.86), at(0, 2.5), at(0.62, 1.86), at(0.46, 1.7), at(0.45, 0.8)],
        shadow,
    )
    c.blob(
        [
            at(0, -1.22),
            at(0.72, -0.98),
            at(0.98, -0.1),
            at(0.86, 0.66),
            at(0.4, 1.18),
            at(0, 1.27),
            at(-0.4, 1.18),
            at(-0.86, 0.66),
            at(-0.98, -0.1),
            at(-0.72, -0.98),
        ],
        clothes.skin,
    )
    for ear in (-1, 1):
        if not clothes.long_hair:
            c.disc(*at(ear * 1.0, 0.1), radius * 0.17, shadow if ear < 0 else clothes.skin, 1.4)
    c.blob(
        [
            at(-1.06, 0.3 if clothes.long_hair else -0.02),
            at(-1.12, -0.6),
            at(-0.7, -1.3),
            at(0.05, -1.5),
            at(0.8, -1.24),
            at(1.1, -0.6),
            at(1.02, 0.02),
            at(0.92, -0.34),
            at(0.55, -0.78),
            at(-0.1, -0.82),
            at(-0.72, -0.5),
            at(-0.92, -0.1),
        ],
        clothes.hair,
    )
    dark = mix(clothes.hair, (20, 12, 20), 0.5)
    if glasses is not None:
        c.limb([at(-1.0, -0.02), at(1.0, -0.02)], [radius * 0.07] * 2, mix(glasses, (0, 0, 0), 0.35))
        for eye in (-1, 1):
            c.disc(*at(eye * 0.43, 0.08), radius * 0.39, mix(glasses, (0, 0, 0), 0.35), 0.92)
            c.disc(*at(eye * 0.43, 0.08), radius * 0.33, glasses, 0.9)
            c.disc(*at(eye * 0.43 - 0.1, -0.03), radius * 0.11, mix(glasses, (255, 255, 255), 0.6), 0.7)
    else:
        for eye in (-1, 1):
            c.limb(
                [at(eye * 0.24, -0.2), at(eye * 0.42, -0.26), at(eye * 0.6, -0.2)],
                [radius * 0.05, radius * 0.07, radius * 0.04],
                dark,
            )
            c.limb(
                [at(eye * 0.28, 0.07), at(eye * 0.42, 0.11), at(eye * 0.56, 0.07)],
                [radius * 0.04, radius * 0.06, radius * 0.04],
                dark,
            )
    c.limb([at(0.02, 0.1), at(0.14, 0.42), at(0.0, 0.46)], [radius * 0.03, radius * 0.06, radius * 0.04], shadow)
    c.limb(
        [at(-0.2, 0.76), at(0, 0.81), at(0.2, 0.76)],
        [radius * 0.05, radius * 0.1, radius * 0.05],
        mix(clothes.skin, (176, 40, 52), 0.6),
    )
    if clothes.hat is not None:
        c.disc(*at(0, -0.62), radius * 1.75, mix(clothes.hat, (0, 0, 0), 0.15), 0.16)
        c.blob(
            [at(-1.04, -0.62), at(-0.98, -1.3), at(-0.6, -1.78), at(0.6, -1.78), at(0.98, -1.3), at(1.04, -0.62)],
            clothes.hat,
        )


def robot(c: Canvas, x: float, foot: float, tall: float, body: Color, eyes: Color) -> None:
    """A humanoid machine, seen from the front."""
    dark, bright = mix(body, (12, 16, 26), 0.45), mix(body, (255, 255, 255), 0.35)
    hip, chest, head = foot - tall * 0.46, foot - tall * 0.76, foot - tall * 0.92
    for side in (-1, 1):
        leg = x + side * tall * 0.06
        c.limb(
            [
                (leg, hip),
                (leg + side * tall * 0.012, foot - tall * 0.25),
                (leg + side * tall * 0.014, foot - tall * 0.04),
            ],
            [tall * 0.075, tall * 0.055, tall * 0.06],
            dark,
        )
        c.limb(
            [(leg, hip + tall * 0.03), (leg + side * tall * 0.01, foot - tall * 0.28)],
            [tall * 0.062, tall * 0.05],
            body,
        )
        c.limb(
            [(leg + side * tall * 0.014, foot - tall * 0.21), (leg + side * tall * 0.014, foot - tall * 0.06)],
            [tall * 0.05, tall * 0.056],
            body,
        )
        c.rectangle(leg - tall * 0.035 + side * tall * 0.014, foot - tall * 0.03, tall * 0.07, tall * 0.03, dark)
        arm = x + side * tall * 0.155
        c.limb(
            [
                (arm, chest),
                (arm + side * tall * 0.025, hip - tall * 0.13),
                (arm + side * tall * 0.02, hip + tall * 0.02),
            ],
            [tall * 0.055, tall * 0.045, tall * 0.05],
            dark,
        )
        c.limb(
            [(arm + side * tall * 0.025, hip - tall * 0.11), (arm + side * tall * 0.02, hip)],
            [tall * 0.044, tall * 0.05],
            body,
        )
        c.disc(arm, chest, tall * 0.045, bright)
    c.limb([(x, hip), (x, chest)], [tall * 0.09, tall * 0.11], dark)
    c.polygon(
        [
            (x - tall * 0.135, chest - tall * 0.04),
            (x + tall * 0.135, chest - tall * 0.04),
            (x + tall * 0.12, chest + tall * 0.10),
            (x + tall * 0.05, chest + tall * 0.17),
            (x - tall * 0.05, chest + tall * 0.17),
            (x - tall * 0.12, chest + tall * 0.10),
        ],
        bright,
        body,
        dark,
    )
    c.polygon(
        [
            (x - tall * 0.075, hip - tall * 0.035),
            (x + tall * 0.075, hip - tall * 0.035),
            (x + tall * 0.04, hip + tall * 0.04),
            (x - tall * 0.04, hip + tall * 0.04),
        ],
        body,
    )
    c.glow(x, chest + tall * 0.04, tall * 0.09, eyes, 0.8)
    c.disc(x, chest + tall * 0.04, tall * 0.022, mix(eyes, (255, 255, 255), 0.5))
    c.rectangle(x - tall * 0.02, chest - tall * 0.08, tall * 0.04, tall * 0.05, dark)
    c.limb([(x, head - tall * 0.005), (x, head + tall * 0.035)], [tall * 0.115, tall * 0.082], body)
    c.limb(
        [(x - tall * 0.02, head - tall * 0.03), (x + tall * 0.012, head - tall * 0.034)],
        [tall * 0.03, tall * 0.03],
        bright,
    )
    c.limb(
        [(x - tall * 0.035, head + tall * 0.006), (x + tall * 0.035, head + tall * 0.006)],
        [tall * 0.034] * 2,
        mix(dark, (0, 0, 0), 0.5),
    )
    for eye in (-1, 1):
        c.glow(x + eye * tall * 0.023, head + tall * 0.006, tall * 0.05, eyes, 0.9)
        c.disc(x + eye * tall * 0.023, head + tall * 0.006, tall * 0.0095, mix(eyes, (255, 240, 230), 0.55))


def astronaut(
    c: Canvas, x: float, foot: float, tall: float, pose: Pose, suit: Color, glass: Color, facing: int
) -> None:
    """A person in a space suit."""
    dark = mix(suit, (40, 50, 80), 0.3)
    hip, neck = (x, foot - tall * 0.44), (x, foot - tall * 0.76)
    c.limb(
        [(x - facing * tall * 0.09, foot - tall * 0.72), (x - facing * tall * 0.09, foot - tall * 0.5)],
        [tall * 0.15, tall * 0.15],
        mix(dark, (30, 36, 60), 0.3),
    )
    for side in (0, 1):
        tone = suit if side else dark
        knee = _reach(hip, tall * 0.2, pose.thighs[side], facing)
        ankle = _reach(knee, tall * 0.19, pose.knees[side], facing)
        c.limb([hip, knee, ankle], [tall * 0.13, tall * 0.11, tall * 0.10], tone)
        c.limb(
            [(ankle[0], ankle[1] + tall * 0.02), (ankle[0] + facing * tall * 0.05, ankle[1] + tall * 0.024)],
            [tall * 0.07, tall * 0.06],
            mix(dark, (30, 36, 60), 0.4),
        )
    for side in (0, 1):
        start = (neck[0] + (2 * side - 1) * facing * tall * 0.07, neck[1] + tall * 0.05)
        elbow = _reach(start, tall * 0.15, pose.arms[side] * 1.3, facing)
        hand = _reach(elbow, tall * 0.13, pose.elbows[side], facing)
        if side == 1:
            c.limb([hip, (x, neck[1] + tall * 0.07)], [tall * 0.2, tall * 0.23], suit)
        c.limb([start, elbow, hand], [tall * 0.10, tall * 0.09, tall * 0.075], suit if side else dark)
    c.rectangle(x - tall * 0.045, neck[1] + tall * 0.09, tall * 0.09, tall * 0.05, mix(dark, glass, 0.4))
    head = (x, foot - tall * 0.86)
    c.disc(*head, tall * 0.115, suit)
    c.disc(head[0] + facing * tall * 0.022, head[1] + tall * 0.005, tall * 0.085, glass, 0.86)
    c.disc(head[0] + facing * tall * 0.0, head[1] - tall * 0.026, tall * 0.026, mix(glass, (255, 255, 255), 0.7), 0.6)
