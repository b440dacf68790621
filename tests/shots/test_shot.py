"""The model of a shot and of a set, as programs use it."""

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from pydantic import ValidationError

from tests.shots.strategies import QUICK, prompt_sets
from ttv_dagster.shots.shot import PromptSet, Shot
from ttv_dagster.shots.values import refuse


def shot(**fields: Any) -> Shot:
    return Shot.model_validate({"id": "fox", "prompt": "a fox", **fields})


def wrong_fields(**fields: Any) -> list[str]:
    with pytest.raises(ValidationError) as caught:
        shot(**fields)
    return [".".join(map(str, error["loc"])) for error in caught.value.errors()]


def test_a_shot_needs_an_id_and_a_prompt_alone() -> None:
    plain = shot()

    assert plain.model_dump(exclude_defaults=True) == {"id": "fox", "prompt": "a fox"}
    assert (plain.negative_prompt, plain.seed, plain.fps, plain.continues, plain.params) == (
        "",
        None,
        None,
        False,
        {},
    )


def test_every_field_is_read_as_meant() -> None:
    full = shot(
        negative_prompt=" blur ", seed="42", width=832.0, height="480.0", num_frames="49", fps="23.976",
        image="a.png", last_image="b.png", engine="animatic", model="org/name",
        params={"steps": 30.0, "sampler": "euler"},
    )  # fmt: skip

    assert (full.negative_prompt, full.seed, full.width, full.height, full.num_frames) == ("blur", 42, 832, 480, 49)
    assert full.fps == Fraction(24000, 1001)
    assert full.params == {"steps": 30, "sampler": "euler"}
    assert shot(continues="TRUE").continues is True


def test_every_problem_is_found_at_once() -> None:
    message = wrong_fields(
        id="a b", prompt=" ", seed=-1, width=0, height=16_385, num_frames=0, fps=0, image=7, continues="x", widht=3,
        engine="a\nb", params={"a b": 1, "c": [1]},
    )  # fmt: skip

    assert message == [
        "id", "prompt", "seed", "width", "height", "num_frames", "fps", "image", "continues", "engine",
        "params.a b.[key]", "params.c", "widht",
    ]  # fmt: skip


def test_a_shot_starts_on_one_image() -> None:
    assert wrong_fields(image="a.png", continues=True) == ["continues"]
    assert wrong_fields(image="a\nb", continues=True) == ["image", "continues"]
    assert shot(last_image="a.png", continues=True).continues


def test_too_many_parameters_are_refused() -> None:
    assert wrong_fields(params={f"p{number}": number for number in range(33)}) == ["params"]


def test_a_finder_of_images_decides_what_their_paths_are() -> None:
    def find(path: str) -> str:
        if path == "gone.png":
            raise refuse("is gone", "an image")
        return f"/sets/{path}"

    fields = {"id": "a", "prompt": "b", "image": "a.png"}

    assert Shot.model_validate(fields, context=find).image == "/sets/a.png"
    with pytest.raises(ValidationError, match="is gone; an image"):
        Shot.model_validate({**fields, "image": "gone.png"}, context=find)


def test_a_shot_cannot_be_changed() -> None:
    with pytest.raises(ValidationError):
        shot().prompt = "a hen"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"name": "a b"}, "such as a-b"),
        ({"name": "..."}, "no '..'"),
        ({"shots": []}, "at least 1 item"),
        ({"shots": [shot(), shot()]}, "the same id"),
        ({"shots": [shot(continues=True)]}, "continues another"),
        ({"shot": []}, "shot"),
    ],
)
def test_a_set_hangs_together(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        PromptSet.model_validate({"name": "set", "shots": [shot()], **fields})


@QUICK
@given(prompt_sets(images=True))
def test_a_set_reads_back_from_its_json_exactly(prompt_set: PromptSet) -> None:
    copy = PromptSet.model_validate_json(prompt_set.model_dump_json())

    assert copy == prompt_set
    assert copy.model_dump_json() == prompt_set.model_dump_json()
