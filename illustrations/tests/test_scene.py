import pytest
from ttv_illustrations.palette import NAMED, Hour
from ttv_illustrations.scene import Subject, read_scene
from ttv_illustrations.vocabulary import Near, Place


@pytest.mark.parametrize(
    ("prompt", "place", "hour"),
    [
        ("Man walking his dog in the woods on a hot sunny day", Place.FOREST, Hour.DAY),
        ("A majestic lion strides across the golden savanna in the afternoon", Place.FIELD, Hour.DAY),
        ("A street food market at night", Place.STREET, Hour.NIGHT),
        ("snow-covered mountain road with dark green pines at dawn", Place.MOUNTAINS, Hour.DAWN),
        ("Flying over a peninsula on a sunny day", Place.AERIAL, Hour.DAY),
        ("An owl flying over a dark forest under the full moon", Place.FOREST, Hour.NIGHT),
        ("a neon street in Tokyo", Place.STREET, Hour.NEON),
        ("a car on a coastal highway at sunset", Place.SEA, Hour.SUNSET),
        ("a kitchen in the morning", Place.ROOM, Hour.DAWN),
        ("a stormy sea", Place.SEA, Hour.STORM),
        ("a misty lake", Place.LAKE, Hour.OVERCAST),
        ("a tree at dusk", Place.FOREST, Hour.DUSK),
        ("xyzzy at noon", Place.SET, Hour.DAY),
    ],
)
def test_place_and_hour(prompt: str, place: Place, hour: Hour) -> None:
    scene = read_scene(prompt, 1)
    assert (scene.place, scene.hour) == (place, hour)


@pytest.mark.parametrize(
    ("prompt", "subjects"),
    [
        ("a man and his dog", [Subject("person"), Subject("dog")]),
        ("an orange tabby cat", [Subject("cat", 1, NAMED["orange"])]),
        ("a fox and a grey mouse", [Subject("fox"), Subject("mouse", 1, NAMED["grey"])]),
        ("three deer in a field", [Subject("deer", 3)]),
        ("a man and a woman in a field", [Subject("couple")]),
        ("a lone rider guides a majestic horse", [Subject("rider")]),
        ("A silver SUV on a road", [Subject("car", 1, NAMED["silver"])]),
        ("a red vintage truck", [Subject("truck", 1, NAMED["red"])]),
        ("an empty beach", []),
        ("a carpet with catalogs", []),
    ],
)  # fmt: skip
def test_subjects(prompt: str, subjects: list[Subject]) -> None:
    assert list(read_scene(prompt, 1).subjects) == subjects


def test_nearness() -> None:
    said = {"close-up of a fox": Near.CLOSE, "a lone tree": Near.WIDE, "a fox": Near.MEDIUM}
    assert {prompt: read_scene(prompt, 1).near for prompt in said} == said


def test_colors_belong_to_what_they_are_said_of() -> None:
    scene = read_scene("a man in a blue shirt and grey shorts before a peach-colored background, a red kite", 1)
    assert scene.worn == (NAMED["blue"], NAMED["grey"])
    assert scene.backdrop == NAMED["peach"]
    assert scene.colors == tuple(NAMED[word] for word in ("blue", "grey", "peach", "red"))


def test_what_words_leave_open_follows_from_the_seed() -> None:
    assert len({read_scene("a hill", seed).hour for seed in range(30)}) > 3
