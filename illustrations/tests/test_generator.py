import hashlib
import itertools
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image
from ttv_illustrations import Illustration
from ttv_illustrations.canvas import Canvas
from ttv_illustrations.cast import Cast
from ttv_illustrations.palette import LIGHTS, Hour
from ttv_illustrations.places import PAINTERS
from ttv_illustrations.scene import read_scene
from ttv_illustrations.vocabulary import SUBJECTS, Place

from ttv_dagster.engines.deployment import Deployment
from ttv_dagster.engines.protocol import Frame, KeyframeGenerator
from ttv_dagster.engines.registry import open_keyframe_generator
from ttv_dagster.engines.words import seeded_rng
from ttv_dagster.shots.recipe import KeyframeRecipe

PROMPTS = [
    "friends dancing at a party surrounded by colored lights",
    "a man jumps rope in a gym",
    "flying over a peninsula, turquoise sea, on a sunny day",
    "a cyclist riding through a forest, in the morning",
    "a lone rider on a horse crosses a field as the sun sets",
    "a silver SUV drives along a snow-covered mountain road",
    "jazz musicians on an abandoned train",
    "a woman with pink sunglasses with the city in the background",
    "a couple on a log on the shore of a lake",
    "a street food market in the evening",
    "lemons in a bowl, peach-colored background",
    "a robot with red eyes in a dimly lit laboratory",
    "an astronaut near a ringed planet in space",
    "a coral reef with orange fish",
    "camels cross the dunes of a desert at noon",
    "two sailboats on the sea at dawn",
    "a city skyline at night",
]

SOMEWHERE = {
    Place.MOUNTAINS: "mountains", Place.FOREST: "forest", Place.SEA: "sea", Place.LAKE: "lake",
    Place.DESERT: "desert", Place.FIELD: "field", Place.AERIAL: "aerial", Place.CITY: "city",
    Place.STREET: "street", Place.ROOM: "room", Place.PARTY: "party", Place.LAB: "laboratory",
    Place.TRAIN: "train", Place.SPACE: "galaxy", Place.UNDERWATER: "underwater", Place.STILL_LIFE: "fruit",
    Place.SET: "xyzzy",
}  # fmt: skip

DETAILS = {
    Place.MOUNTAINS: "castle road snow cliff", Place.FOREST: "autumn path", Place.SEA: "cliff lighthouse",
    Place.LAKE: "boat", Place.DESERT: "canyon", Place.FIELD: "savanna barn castle fence sunflowers road",
    Place.AERIAL: "vineyards", Place.CITY: "city", Place.STREET: "rain market", Place.ROOM: "kitchen",
    Place.SPACE: "mars surface", Place.STILL_LIFE: "coffee", Place.UNDERWATER: "fish",
}  # fmt: skip


def make(prompt: str, seed: int = 42, width: int = 104, height: int = 60) -> Frame:
    recipe = KeyframeRecipe("illustration", Illustration.version, prompt, seed, width, height)
    return next(Illustration().generate([recipe]))


def _at_a_glance(image: Frame) -> NDArray[np.float64]:
    return np.asarray(Image.fromarray(image).resize((16, 9), Image.Resampling.BOX)).astype(float)


def test_is_the_keyframe_generator_of_that_name() -> None:
    generator = open_keyframe_generator("illustration", Deployment("/nowhere"))
    assert isinstance(generator, Illustration)
    assert isinstance(generator, KeyframeGenerator)


@pytest.mark.parametrize("size", [(832, 480), (480, 832), (1280, 704), (512, 512), (32, 32), (33, 400), (400, 33)])
def test_any_size(size: tuple[int, int]) -> None:
    illustration = make("a woman walks her dog in the woods, misty morning", width=size[0], height=size[1])
    assert illustration.shape == (size[1], size[0], 3)
    assert illustration.dtype == np.uint8
    assert illustration.std() > 10


def test_prompts_are_told_apart_at_a_glance() -> None:
    glances = [_at_a_glance(make(prompt)) for prompt in PROMPTS]
    distances = [np.abs(one - other).mean() for one, other in itertools.combinations(glances, 2)]
    assert min(distances) > 12


def test_the_seed_decides_pixels() -> None:
    illustrations = [make("a hill with trees", seed) for seed in range(4)]
    assert all(
        np.abs(_at_a_glance(a) - _at_a_glance(b)).mean() > 1 for a, b in itertools.combinations(illustrations, 2)
    )


def test_the_light_follows_the_words() -> None:
    night, noon, sunset = (make(f"a field {when}").mean(axis=(0, 1)) for when in ("at night", "at noon", "at sunset"))
    assert night.mean() < 0.6 * noon.mean()
    assert sunset[0] - sunset[2] > 40
    assert night[2] > night[0]


def test_a_named_color_is_seen() -> None:
    def redder(color: str) -> int:
        illustration = make(f"a {color} car on a road in a field at noon", width=208, height=120).astype(int)
        return int((illustration[..., 0] - illustration[..., 2] > 90).sum())

    assert redder("red") > 200 + redder("blue")


def test_is_the_same_in_another_process() -> None:
    prompt = "a cat and a mouse in a classroom at night, in the rain"
    script = (
        "import hashlib\n"
        "from ttv_dagster.shots.recipe import KeyframeRecipe\n"
        "from ttv_illustrations import Illustration\n"
        f"recipe = KeyframeRecipe('illustration', Illustration.version, {prompt!r}, 42, 104, 60)\n"
        "print(hashlib.sha256(next(Illustration().generate([recipe])).tobytes()).hexdigest())\n"
    )
    other = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert other.stdout.strip() == hashlib.sha256(make(prompt).tobytes()).hexdigest()


@pytest.mark.parametrize("hour", Hour)
@pytest.mark.parametrize("place", Place)
def test_every_place_at_every_hour(place: Place, hour: Hour) -> None:
    when = {Hour.DAY: "noon", Hour.NEON: "neon", Hour.STORM: "storm"}.get(hour, hour.value)
    assert make(f"{SOMEWHERE[place]} {DETAILS.get(place, '')} {when}, a person").std() > 8


@pytest.mark.parametrize("room", ["kitchen", "classroom", "gym", "library", "house", "city apartment"])
def test_every_room(room: str) -> None:
    assert make(f"a woman in a {room} at noon").std() > 8


@pytest.mark.parametrize("near", ["", "close-up", "wide shot"])
@pytest.mark.parametrize(("kind", "words"), SUBJECTS)
def test_every_subject_is_painted(kind: str, words: str, near: str) -> None:
    where = {"fish": "reef", "boat": "sea", "astronaut": "space"}.get(kind, "field")
    word = "wolf" if kind == "wolf" else words.split("|")[0].replace("?", "").replace("(:y", "y")
    scene = read_scene(f"{near} three {word} {where}", 1)
    assert [subject.kind for subject in scene.subjects] == [kind]
    light = LIGHTS[Hour.DAY][0]
    canvas = Canvas(104, 60, seeded_rng(1, "", "test"))
    ground = PAINTERS[scene.place](canvas, scene, light)
    empty = np.asarray(canvas.image).astype(int)
    Cast(canvas, scene, light, ground).perform()
    painted = np.abs(np.asarray(canvas.image) - empty).max(axis=-1) > 12
    assert painted.mean() > 0.001


@settings(max_examples=40, deadline=None)
@given(
    prompt=st.text(max_size=200),
    seed=st.integers(0, 2**31 - 1),
    size=st.tuples(st.integers(32, 90), st.integers(32, 90)),
)
def test_any_prompt(prompt: str, seed: int, size: tuple[int, int]) -> None:
    assert make(prompt, seed, *size).shape == (size[1], size[0], 3)


@pytest.mark.parametrize("prompt", ["", "x" * 10_000, "漢" * 10_000, "two " * 2_500, "\ud800", "\u202eabc\x00"])
def test_hostile_prompts(prompt: str) -> None:
    assert make(prompt).shape == (60, 104, 3)
