import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ttv_dagster.engines.words import plain_words, seeded_rng


@pytest.mark.parametrize(
    ("prompt", "words"),
    [
        ("A bird's-eye view,\nof  Café!", " a birds eye view of cafe "),
        ("", "  "),
        ("日本", " riben "),
    ],
)
def test_plain_words(prompt: str, words: str) -> None:
    assert plain_words(prompt) == words


@given(st.text())
def test_plain_words_of_anything(prompt: str) -> None:
    words = plain_words(prompt)
    assert words.isascii()
    assert words == words.lower()
    assert words.startswith(" ")
    assert words.endswith(" ")
    assert "  " not in words[1:] or not words.strip()


def test_dice_follow_from_seed_prompt_and_purpose() -> None:
    rolls = {
        float(seeded_rng(*asked).random()) for asked in [(1, "a", "x"), (2, "a", "x"), (1, "b", "x"), (1, "a", "y")]
    }
    assert len(rolls) == 4
    assert np.array_equal(seeded_rng(1, "a", "x").random(5), seeded_rng(1, "a", "x").random(5))


def test_dice_are_the_same_everywhere() -> None:
    assert seeded_rng(42, "a fox", "camera move").integers(0, 2**31, 3).tolist() == [1452395226, 389602881, 1213242821]
