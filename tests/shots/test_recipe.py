import json
import subprocess
import sys
from dataclasses import fields, replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ttv_dagster.shots.recipe import FirstFrame, KeyframeRecipe, Recipe

RECIPE = Recipe(
    engine="animatic",
    engine_version="1",
    prompt="a fox",
    seed=7,
    width=832,
    height=480,
    num_frames=49,
    fps=Fraction(24),
    encoding="h264-1",
)

text = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
json_values = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | text

recipes = st.builds(
    Recipe,
    engine=text,
    engine_version=text,
    prompt=text,
    negative_prompt=text,
    seed=st.integers(0, 2**31 - 1),
    width=st.integers(1, 9999),
    height=st.integers(1, 9999),
    num_frames=st.integers(1, 9999),
    fps=st.fractions(Fraction(1, 2), 240, max_denominator=1001),
    encoding=text,
    model=st.none() | text,
    commit=st.none() | text,
    params=st.dictionaries(text, json_values, max_size=4),
    first_frame=st.none() | st.builds(FirstFrame, st.sampled_from(["image", "keyframe", "clip"]), text),
    last_frame=st.none() | text,
)


@given(recipes)
def test_a_recipe_is_read_back_from_its_own_text(recipe: Recipe) -> None:
    assert Recipe.from_json(recipe.canonical()) == recipe
    assert Recipe.from_json(recipe.canonical()).key() == recipe.key()


@given(recipes, recipes)
def test_equal_keys_mean_equal_recipes(one: Recipe, other: Recipe) -> None:
    assert (one.key() == other.key()) == (one.canonical() == other.canonical())


OTHER = {
    "engine": "wan",
    "engine_version": "2",
    "prompt": "a fox.",
    "seed": 8,
    "width": 834,
    "height": 482,
    "num_frames": 50,
    "fps": Fraction(24000, 1001),
    "encoding": "h264-2",
    "negative_prompt": "blur",
    "model": "someone/model",
    "commit": "0" * 40,
    "params": {"steps": 3},
    "first_frame": FirstFrame("image", "ab"),
    "last_frame": "cd",
}


@pytest.mark.parametrize("name", [field.name for field in fields(Recipe)])
def test_every_field_of_a_recipe_decides_its_key(name: str) -> None:
    assert replace(RECIPE, **{name: OTHER[name]}).key() != RECIPE.key()  # type: ignore[arg-type]


def test_what_a_first_frame_is_decides_the_key_as_much_as_which() -> None:
    sources = ("image", "keyframe", "clip")
    keys = {replace(RECIPE, first_frame=FirstFrame(source, "ab")).key() for source in sources}  # type: ignore[arg-type]
    assert len(keys) == 3


def test_the_order_of_parameters_does_not_decide_the_key() -> None:
    one = replace(RECIPE, params={"a": 1, "b": 2})
    assert one.key() == replace(RECIPE, params={"b": 2, "a": 1}).key()


def test_a_key_never_changes_between_processes_or_releases() -> None:
    code = "from tests.shots.test_recipe import RECIPE; print(RECIPE.key())"  # another process: another hash seed
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == RECIPE.key()
    assert RECIPE.key() == "43d1dad0b3aef61e4817a7571a5cd32974e970f70198c022d69af842bbacf128"


@pytest.mark.parametrize("document", ["", "[]", "{}", '{"kind": "film"}', '{"kind": "clip"}', "null"])
def test_what_is_no_recipe_is_refused(document: str) -> None:
    with pytest.raises(ValueError, match=r"recipe|Expecting value"):
        Recipe.from_json(document)


def test_a_clip_and_a_keyframe_of_the_same_words_have_different_keys() -> None:
    keyframe = KeyframeRecipe("animatic", "1", "a fox", 7, 832, 480)
    assert keyframe.key() != RECIPE.key()
    assert json.loads(keyframe.canonical())["kind"] == "keyframe"
