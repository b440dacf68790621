"""A table in memory is read as a CSV file is."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.shots.writing import put, read
from ttv_dagster.shots.formats.dataframe import prompt_set_from_frame
from ttv_dagster.shots.problems import PromptSetError


def lines(frame: pd.DataFrame, name: str = "table") -> list[str]:
    with pytest.raises(PromptSetError) as caught:
        prompt_set_from_frame(frame, name)
    return str(caught.value).splitlines()


def test_columns_of_every_type() -> None:
    frame = pd.DataFrame(
        {
            "id": [1, 2],
            "prompt": ["a fox", "a hen"],
            "seed": [7, np.nan],
            "width": pd.array([832, pd.NA], dtype="Int64"),
            "fps": [23.976, 24.0],
            "continues": [False, True],
            "engine": pd.Categorical(["animatic", None]),
            "negative_prompt": np.array([None, "blur"], dtype=object),
            "num_frames": np.array([np.int64(49), None], dtype=object),
            "params.steps": [30, np.nan],
            "params.fast": pd.array([True, pd.NA], dtype="boolean"),
        },
        index=["x", "x"],
    )

    fox, hen = prompt_set_from_frame(frame, "table").shots

    assert (fox.id, fox.seed, fox.width, fox.fps, fox.engine) == ("1", 7, 832, Fraction(24000, 1001), "animatic")
    assert (fox.num_frames, fox.params) == (49, {"steps": 30, "fast": True})
    assert (hen.id, hen.seed, hen.width, hen.fps, hen.engine) == ("2", None, None, Fraction(24), None)
    assert (hen.continues, hen.negative_prompt, hen.params) == (True, "blur", {})


def test_a_table_and_its_csv_are_the_same_set(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {"id": ["a", None], "prompt": ["a fox,\nred", " a hen "], "seed": [None, 3], "params.x": ["0.5", "euler"]}
    )

    assert prompt_set_from_frame(frame, "table") == read(tmp_path, "table.csv", frame.to_csv(index=False))


def test_images_are_found_in_the_folder_that_is_given(tmp_path: Path) -> None:
    put(tmp_path, "fox.png", b"image")
    frame = pd.DataFrame({"prompt": ["a fox"], "image": ["fox.png"]})

    assert prompt_set_from_frame(frame, "table", folder=tmp_path).shots[0].image == str(
        (tmp_path / "fox.png").resolve()
    )
    assert "leads out" in lines(frame.assign(image=str(tmp_path / "fox.png")))[0]


def test_every_problem_is_listed() -> None:
    frame = pd.DataFrame(
        [["a fox", 1.5, pd.Timestamp("2026-11-23"), 0], ["", 7, None, 0], [["list"], None, None, 0]],
        columns=pd.Index(["prompt", "seed", "fps", 7]),
    )

    assert lines(frame, "my table") == [
        "my table: name: is 'my table'; letters, digits, '.', '_' and '-', starting with a letter or digit, at most 100"
        " of them; no '..', no '.' at the end, and no name that Windows keeps for a device, such as my-table",
        "my table: the columns: 7: unknown field; one of id, prompt, negative_prompt, seed, width, height,"
        " num_frames, fps, image, last_image, continues, engine, model, keyframe_model, params.<name>",
        "my table: row 1: seed: is 1.5; a whole number from 0 to 2147483647",
        "my table: row 1: fps: is a Timestamp; frames per second above 0 and at most 240, such as 24, 23.976 or"
        " 24000/1001",
        "my table: row 2: prompt: is missing; say what the shot shows",
        "my table: row 3: prompt: is a list; text",
    ]


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (pd.DataFrame(), "prompt: is not in the header"),
        (pd.DataFrame({"prompt": []}), "has no shots"),
        (pd.DataFrame([["a", "b"]], columns=["prompt", "prompt"]), "prompt: names two columns"),
        (pd.DataFrame({("a", "b"): [1], ("prompt", ""): ["x"]}), "unknown field"),
        (pd.DataFrame([[0] * 200]), "names 200 columns"),
    ],
)
def test_tables_that_are_none(frame: pd.DataFrame, message: str) -> None:
    assert message in lines(frame)[0]
