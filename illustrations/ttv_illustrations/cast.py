"""Who and what a scene shows, put on its ground."""

import math
from collections.abc import Callable

import numpy as np

from ttv_illustrations import people, props, vehicles
from ttv_illustrations.animals import BEASTS, Beast, beast, fish, gull
from ttv_illustrations.canvas import Canvas
from ttv_illustrations.ground import Ground
from ttv_illustrations.palette import Color, Hour, Light, lit, mix
from ttv_illustrations.people import Clothes, Pose
from ttv_illustrations.scene import Scene, Subject
from ttv_illustrations.vocabulary import PEOPLE, Near, Place

_SKINS: tuple[Color, ...] = ((246, 206, 176), (226, 172, 132), (188, 128, 92), (140, 92, 66), (98, 64, 50))
_HAIRS: tuple[Color, ...] = ((48, 36, 38), (92, 58, 42), (156, 98, 54), (214, 168, 96), (66, 44, 60))
_TOPS: tuple[Color, ...] = (
    (214, 84, 70),
    (242, 186, 84),
    (70, 132, 150),
    (240, 232, 214),
    (92, 108, 160),
    (122, 154, 112),
)
_LEGS: tuple[Color, ...] = ((48, 58, 86), (66, 62, 70), (120, 100, 82), (84, 92, 108))

_POSES: tuple[tuple[str, Pose], ...] = (
    ("saxophone|saxophonist|trumpet|trombone|guitar|violin|cello|bass|musician|musicians|band", people.PLAYING),
    ("dance|dances|dancing|dancer|dancers|party", people.DANCING),
    ("running|runs|run|chase|chases|chasing|jogging|races|sprinting|jumps|jump|jumping", people.RUNNING),
    ("walking|walks|walk|strolls|strolling|hiking|wanders", people.WALKING),
    ("sitting|sits|seated|sit|log|bench", people.SITTING),
    ("eats|eating|noodles|drinking|drinks|reading|reads|coffee|tea|phone", people.HOLDING),
    ("cooking|cooks|cleaning|painting|writes|writing|reaching|picks|teaching|throws", people.REACHING),
)


_INSTRUMENTS = (
    ("saxophone|saxophonist|sax|jazz", props.saxophone),
    ("trumpet|trombone|horn", props.trombone),
    ("guitar|violin|cello|bass|musician|musicians|band", props.guitar),
)

_IN_THE_AIR = {"bird", "plane", "rocket", "balloon"}
_LIT_INSIDE = {Place.PARTY, Place.LAB, Place.STILL_LIFE, Place.ROOM, Place.TRAIN, Place.SET, Place.SPACE}
_BACKLIT = {Hour.SUNSET: 0.5, Hour.DUSK: 0.34, Hour.DAWN: 0.22, Hour.NIGHT: 0.3, Hour.NEON: 0.25, Hour.STORM: 0.3}
_WOMEN = "woman|women|girl|lady|she|her|queen|princess|bride|grandmother|witch|mother"


class Cast:
    """Puts the subjects of one scene on its ground."""

    def __init__(self, c: Canvas, scene: Scene, light: Light, ground: Ground) -> None:
        """Cast `scene`, whose place is painted, on `ground`."""
        self._c, self._scene, self._light, self._ground = c, scene, light, ground
        self._backlit = 0.0 if scene.place in _LIT_INSIDE else _BACKLIT.get(scene.hour, 0.12)
        self._tint: Color = light.tint
        if scene.place in _LIT_INSIDE:
            self._tint = (240, 236, 238) if light.dark else mix(light.tint, (255, 255, 255), 0.5)
        self._worn = list(scene.worn)
        self._tops = [_TOPS[index] for index in c.random.permutation(len(_TOPS)).tolist()]

    def perform(self) -> None:
        """Paint every subject, those in the air and behind first."""
        for subject in reversed(self._scene.subjects):
            if subject.kind in _IN_THE_AIR:
                self._fly(subject)
        if self._ground.adrift:
            self._drift()
        elif self._ground.afloat:
            self._sail()
        elif self._ground.tall:
            self._stand()

    def _dye(self, local: Color) -> Color:
        """A surface of a subject in the light of the scene, darker where the light is behind it."""
        return mix(lit(local, self._tint), self._light.shade, self._backlit)

    def _pick(self, colors: tuple[Color, ...]) -> Color:
        return colors[int(self._c.random.integers(len(colors)))]

    def _top(self, x: float, y: float) -> Color:
        """What someone at (x, y) wears: a color that the prompt names, else one that stands out there."""
        if self._worn:
            return self._worn.pop(0)
        reach = 0.06 * self._c.u
        box = (max(x - reach, 0), max(y - reach, 0), min(x + reach, self._c.w), min(y + reach, self._c.h))
        behind = np.asarray(self._c.image.resize((1, 1), box=box))[0, 0].tolist()
        chosen = max(self._tops[:3], key=lambda top: math.dist(self._dye(top), behind))
        self._tops.remove(chosen)
        self._tops.append(chosen)
        return chosen

    def _dressed(self, woman: bool, x: float, y: float) -> Clothes:
        return Clothes(
            skin=self._dye(self._pick(_SKINS)),
            hair=self._dye(
                (206, 204, 200)
                if self._scene.says("old man|old woman|elderly|grandmother|grandfather|wizard")
                else self._pick(_HAIRS)
            ),
            top=self._dye(self._top(x, y)),
            legs=self._dye(self._pick(_LEGS)),
            long_hair=woman and not self._scene.says("short hair"),
            skirt=woman and self._scene.says("dress|skirt|gown|princess|bride|queen|80s"),
            hat=self._dye((120, 84, 58)) if self._scene.says("hat|cowboy|brimmed hat") else None,
        )

    def _woman(self) -> bool:
        return self._scene.says(_WOMEN) and not self._scene.says("man|boy|king")

    def _pose(self) -> Pose:
        for words, pose in _POSES:
            if self._scene.says(words):
                return pose
        return people.WALKING if self._c.random.random() < 0.35 else people.STANDING

    def _shadow(self, x: float, foot: float, half: float) -> None:
        self._c.disc(x, foot, half, self._light.shade, 0.14, alpha=0.35)

    def _rimmed(self, draw: Callable[[float, bool], None], size: float) -> None:
        """Draw a shape with an edge of light on the side of the sun."""
        if self._ground.sun is not None and self._scene.hour is not Hour.OVERCAST:
            shift = 0.016 * size * (1 if self._ground.sun > 0.5 else -1)
            draw(shift, True)
        draw(0.0, False)

    def _stand(self) -> None:
        c, ground = self._c, self._ground
        tall = ground.tall * c.u * {Near.CLOSE: 1.0, Near.MEDIUM: 1.0, Near.WIDE: 0.8}[self._scene.near]
        side = 1 if c.random.random() < 0.5 else -1
        middle = (ground.x if ground.x is not None else 0.5 + side * 0.07) * c.w
        on_foot = [subject for subject in self._scene.subjects if subject.kind not in _IN_THE_AIR]
        for place, subject in reversed(list(enumerate(on_foot))):
            x = middle - place * side * 0.62 * tall
            self._one(subject, x, ground.level, tall, -side, leading=place == 0)

    def _one(self, subject: Subject, x: float, foot: float, tall: float, facing: int, leading: bool) -> None:
        kind = subject.kind
        if kind in PEOPLE:
            self._people(subject, x, foot, tall, facing)
        elif kind in BEASTS:
            self._beasts(subject, x, foot, tall, facing, leading)
        elif kind in ("car", "truck"):
            draw = vehicles.car if kind == "car" else vehicles.truck
            size = tall * (0.62 if kind == "car" else 0.95) if leading else tall * 0.2
            level = foot if leading else foot - 0.24 * self._c.h
            paint = self._dye(subject.color or self._pick(_TOPS))
            draw(
                self._c,
                x,
                level,
                size,
                paint,
                mix(self._light.sky[0], self._light.shade, 0.4),
                facing,
                self._light.dark,
            )

    def _people(self, subject: Subject, x: float, foot: float, tall: float, facing: int) -> None:
        c, scene = self._c, self._scene
        if subject.kind == "robot":
            eyes = next((tone for tone in scene.colors if max(tone) - min(tone) > 90), (92, 220, 236))
            self._shadow(x, foot, 0.24 * tall)
            people.robot(c, x, foot, tall * 1.1, self._dye(subject.color or (156, 168, 182)), eyes)
        elif subject.kind == "astronaut" or (scene.place is Place.SPACE and subject.kind == "person"):
            self._shadow(x, foot, 0.22 * tall)
            people.astronaut(c, x, foot, tall, people.WALKING, (236, 238, 242), (58, 104, 150), facing)
        elif subject.kind == "couple":
            self._couple(x, foot, tall, facing)
        elif subject.kind == "crowd":
            self._crowd(x, foot, tall)
        elif subject.kind == "cyclist":
            self._cyclist(subject, x, foot, tall, facing)
        elif subject.kind == "rider":
            self._rider(x, foot, tall, facing)
        elif scene.near is Near.CLOSE:
            clothes = self._dressed(self._woman(), c.w / 2, 0.8 * c.h)
            glasses = None
            if scene.says("sunglasses|glasses|goggles"):
                glasses = self._dye((*scene.colors, (52, 52, 66))[0])
            people.bust(c, c.w * (0.5 - facing * 0.07), 1.02 * c.h, 0.86 * c.u, clothes, facing, glasses)
        else:
            for index in range(min(subject.count, 4)):
                at = x + (index - (subject.count - 1) / 2) * 0.34 * tall
                self._figure(at, foot, tall, self._pose(), self._dressed(self._woman(), at, foot - 0.7 * tall), facing)

    def _figure(self, x: float, foot: float, tall: float, pose: Pose, clothes: Clothes, facing: int) -> None:
        self._shadow(x, foot, 0.17 * tall)
        if pose is people.SITTING:
            self._seat(x, foot, tall)
            x -= facing * 0.1 * tall
        self._person(x, foot, tall, pose, clothes, facing)
        self._instrument(x, foot, tall, pose, facing)
        if self._scene.says("umbrellas?"):
            props.umbrella(self._c, x + facing * 0.12 * tall, foot, tall, self._dye(self._pick(_TOPS)))

    def _person(self, x: float, foot: float, tall: float, pose: Pose, clothes: Clothes, facing: int) -> None:
        def draw(shift: float, rim: bool) -> None:
            worn = clothes.outline(self._light.sun) if rim else clothes
            people.person(self._c, x + shift, foot, tall, pose, worn, facing)

        self._rimmed(draw, tall * 0.5)

    def _instrument(self, x: float, foot: float, tall: float, pose: Pose, facing: int) -> None:
        if pose is not people.PLAYING:
            return
        x -= facing * math.sin(math.radians(6)) * 0.4 * tall
        for words, draw in _INSTRUMENTS:
            if self._scene.says(words):
                draw(self._c, x, foot, tall, facing)
                return

    def _seat(self, x: float, foot: float, tall: float) -> None:
        bark = self._dye((112, 78, 58))
        level = foot - 0.16 * tall
        self._c.limb([(x - 0.42 * tall, level), (x + 0.42 * tall, level)], [0.17 * tall] * 2, bark)
        self._c.disc(x + 0.42 * tall, level, 0.085 * tall, mix(bark, (250, 226, 190), 0.4))

    def _couple(self, x: float, foot: float, tall: float, facing: int) -> None:
        scene = self._scene
        together = scene.says("embracing|embrace|hug|hugging|kiss|kissing|romantic|loving|affectionate")
        seated = scene.says("sitting|sits|log|bench")
        pose = people.SITTING if seated else self._pose()
        apart = 0.17 if together else 0.46
        if seated:
            self._seat(x, foot, tall * 1.1)
        for woman, side, size in ((False, -1, 1.0), (True, 1, 0.93)):
            turned = -side * facing if not seated else facing
            if together and not seated:
                pose = people.EMBRACING
            at = x + side * facing * apart * tall / 2
            clothes = self._dressed(woman and not scene.says("musicians|men"), at, foot - 0.7 * tall)
            self._shadow(at, foot, 0.17 * tall)
            self._person(at, foot, tall * size, pose, clothes, turned)
            self._instrument(at, foot, tall * size, pose, turned)

    def _crowd(self, x: float, foot: float, tall: float) -> None:
        pose = self._pose()
        others = (
            (people.STANDING, people.DANCING, people.HOLDING)
            if pose is people.DANCING
            else (people.STANDING, people.WALKING, people.HOLDING)
        )
        for index, (shift, back) in enumerate(((-0.78, 0.05), (0.80, 0.06), (-0.40, 0.02), (0.42, 0.02), (0.0, 0.0))):
            chosen = pose if index % 2 == 0 else self._pick_pose(others)
            size = tall * (0.96 - back)
            self._figure(
                x + shift * tall,
                foot - back * self._c.h,
                size,
                chosen,
                self._dressed(index % 2 == 1, x + shift * tall, foot - 0.7 * tall),
                1 if shift < 0 else -1,
            )

    def _pick_pose(self, poses: tuple[Pose, ...]) -> Pose:
        return poses[int(self._c.random.integers(len(poses)))]

    def _cyclist(self, subject: Subject, x: float, foot: float, tall: float, facing: int) -> None:
        c, clothes = self._c, self._dressed(self._woman(), x, foot - 0.8 * tall)
        frame = self._dye(subject.color or (206, 72, 58))
        self._shadow(x, foot, 0.5 * tall)

        def draw(shift: float, rim: bool) -> None:
            worn = clothes.outline(self._light.sun) if rim else clothes
            vehicles.bicycle(c, x + shift, foot, tall, self._light.sun if rim else frame, facing)
            people.person(
                c, x + shift - facing * 0.09 * tall, foot - 0.115 * tall, tall * 0.88, people.CYCLING, worn, facing
            )

        self._rimmed(draw, tall * 0.5)

    def _rider(self, x: float, foot: float, tall: float, facing: int) -> None:
        kind = BEASTS["horse"]
        size = tall * 0.80
        coat = self._dye(kind.coat)
        clothes = self._dressed(self._woman(), x, foot - 0.9 * tall)
        self._shadow(x, foot, 0.62 * size)

        def draw(shift: float, rim: bool) -> None:
            worn = clothes.outline(self._light.sun) if rim else clothes
            beast(self._c, x + shift, foot, size, kind, self._light.sun if rim else coat, facing, 0.3)
            people.person(
                self._c,
                x + shift - facing * 0.03 * size,
                foot - size * 0.52,
                tall * 0.82,
                people.RIDING,
                worn,
                facing,
            )

        self._rimmed(draw, size * 0.5)

    def _beasts(self, subject: Subject, x: float, foot: float, tall: float, facing: int, leading: bool) -> None:
        c, kind = self._c, BEASTS[subject.kind]
        # An animal that the shot is about is shown as near as a person would be.
        size = max(kind.tall, 0.62 if leading else 0.0) * tall
        count = min(subject.count, 4)
        size = min(size, 0.86 * c.w / (1.7 * count))
        if leading and self._scene.near is Near.CLOSE:
            count, size = 1, 0.13 * c.u / kind.head
            x = c.w * (0.5 + 0.10 * facing) - facing * size * (kind.length / 2 + kind.neck[0])
            foot = 0.46 * c.h + size * (1 + kind.neck[1] - kind.head / 2)
        coat = self._dye(mix(subject.color, kind.coat, 0.1) if subject.color else kind.coat)
        stride = 0.24 if self._scene.says("walks|walking|strides|running|runs|chase|gallops") else 0.1
        for index in range(count):
            self._animal(x + (index - (count - 1) / 2) * 1.6 * size, foot, size, kind, coat, facing, stride)

    def _animal(self, x: float, foot: float, size: float, kind: Beast, coat: Color, facing: int, stride: float) -> None:
        def draw(shift: float, rim: bool) -> None:
            beast(self._c, x + shift, foot, size, kind, self._light.sun if rim else coat, facing, stride)

        self._shadow(x, foot, 0.72 * size)
        self._rimmed(draw, 0.5 * min(size, 0.5 * self._c.u))

    def _fly(self, subject: Subject) -> None:
        c, light = self._c, self._light
        if subject.kind == "bird":
            for index in range(max(subject.count, 3)):
                size = c.u * c.between(0.05, 0.09) * (2.2 if index == 0 else 1.0)
                gull(
                    c,
                    c.between(0.2, 0.8) * c.w,
                    c.between(0.14, 0.42) * c.h,
                    size,
                    mix(light.shade, light.sky[0], 0.15),
                    c.between(0.2, 0.5),
                )
            return
        side = 1 if c.random.random() < 0.5 else -1
        x, y = c.w * (0.5 + 0.08 * side), c.h * (0.36 if not self._ground.adrift else 0.5)
        if subject.kind == "plane":
            vehicles.plane(c, x, y, 0.52 * c.u, self._dye((240, 238, 232)), -side)
        elif subject.kind == "rocket":
            vehicles.rocket(
                c,
                x - 0.16 * side * c.w,
                c.h * 0.48,
                0.52 * c.u,
                (238, 236, 232),
                subject.color or (214, 78, 66),
                side,
            )
        elif subject.kind == "balloon":
            for dx, dy, size in ((-0.27 * side, 0.10, 0.2), (0.24 * side, -0.1, 0.14), (0.0, 0.0, 0.42)):
                vehicles.balloon(
                    c,
                    x + dx * c.w,
                    y + dy * c.h,
                    size * c.u,
                    self._dye(self._pick(_TOPS)),
                    self._dye((246, 234, 208)),
                )

    def _drift(self) -> None:
        c, scene = self._c, self._scene
        kinds = {subject.kind for subject in scene.subjects}
        if scene.place is Place.UNDERWATER:
            tone = scene.colors[0] if scene.colors else (246, 158, 78)
            for _ in range(9):
                size = c.u * c.between(0.05, 0.11)
                fish(
                    c,
                    c.between(0.12, 0.88) * c.w,
                    c.between(0.25, 0.7) * c.h,
                    size,
                    mix(tone, (30, 90, 130), c.between(0, 0.5)),
                    -1 if c.random.random() < 0.3 else 1,
                )
            fish(c, c.w * 0.46, c.h * 0.48, 0.3 * c.u, tone, 1)
        elif kinds & {"astronaut", "person"}:
            pose = Pose(arms=(60, -40), elbows=(90, -10), thighs=(-18, 40), knees=(-50, 4))
            x, foot = (self._ground.x or 0.5) * c.w, self._ground.level
            c.limb(
                [(x, foot - 0.3 * c.u), (x - 0.2 * c.u, foot - 0.1 * c.u), (x - 0.5 * c.u, foot - 0.24 * c.u)],
                [0.006 * c.u] * 3,
                (196, 200, 212),
            )
            people.astronaut(c, x, foot, 0.46 * c.u, pose, (236, 238, 242), (58, 104, 150), 1)

    def _sail(self) -> None:
        c, ground = self._c, self._ground
        if self._scene.says("boats?|sailboats?|ships?|sailing|yacht|pirate|fisherman|sail"):
            side = 1 if (ground.sun or 0.0) < 0.5 else -1
            size = c.u * {Near.CLOSE: 0.62, Near.MEDIUM: 0.5, Near.WIDE: 0.34}[self._scene.near]
            count = max((subject.count for subject in self._scene.subjects if subject.kind == "boat"), default=1)
            for index in reversed(range(min(count, 4))):
                x, far = c.w * (0.5 + side * (0.14 - 0.24 * index)), 0.72**index
                level = ground.level - 0.06 * c.h - (1 - far) * 0.26 * c.h
                vehicles.boat(c, x, level, size * far, self._dye((150, 66, 58)), self._dye((250, 242, 224)), -side)
