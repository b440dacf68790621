"""Values are read as they were meant, or refused in a sentence."""

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError

from tests.shots.strategies import QUICK
from ttv_dagster.shots import values

NTSC_24, NTSC_30, NTSC_60 = Fraction(24000, 1001), Fraction(30000, 1001), Fraction(60000, 1001)
SEED = values.whole(0, 2**31 - 1)
LABELLED = {
    "whole": SEED,
    "rate": values.rate,
    "truth": values.truth,
    "prompt": values.prompt,
    "optional_prompt": values.optional_prompt,
    "shot_id": values.shot_id,
    "label": values.label,
    "path": values.path,
    "params": values.params,
    "param_name": values.param_name,
    "param": values.param,
}
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.fractions() | st.binary(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=4,
)


def problem(read: Callable[[Any], object], value: object) -> str:
    with pytest.raises(PydanticCustomError) as caught:
        read(value)
    return caught.value.message()


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (24, 24),
        (24.0, 24),
        ("24", 24),
        ("24.0", 24),
        (" 24. ", 24),
        ("+7", 7),
        ("007", 7),
        ("-0", 0),
        (2**31 - 1, 2**31 - 1),
    ],
)
def test_whole_numbers(value: object, number: int) -> None:
    assert SEED(value) == number


@pytest.mark.parametrize("value", [None, "", "  ", "\t"])
def test_an_empty_cell_says_nothing(value: object) -> None:
    assert SEED(value) is None
    assert values.rate(value) is None
    assert values.label(value) is None
    assert values.path(value) is None
    assert values.truth(value) is False
    assert values.optional_prompt(value) == ""
    assert values.params(value) == {}


@pytest.mark.parametrize(
    "value",
    [24.5, "24.5", "1e3", "0x10", "1,000", "1_000", "٣", "many", -1, 2**31, "9" * 5000, True,
     float("nan"), float("inf"), [], {}, b"1"],
)  # fmt: skip
def test_what_is_no_whole_number_in_bounds(value: object) -> None:
    assert problem(SEED, value).endswith("; a whole number from 0 to 2147483647")


def test_a_number_that_python_will_not_print_is_refused() -> None:
    assert problem(SEED, 10**5000) == "is a huge number; a whole number from 0 to 2147483647"


@pytest.mark.parametrize(
    ("value", "rate"),
    [
        (24, 24), ("24", 24), (24.0, 24), ("25.000", 25), (12.5, Fraction(25, 2)), ("240", 240), ("48/2", 24),
        (23.976, NTSC_24), ("23.976", NTSC_24), (23.98, NTSC_24), ("23.980", NTSC_24), (24000 / 1001, NTSC_24),
        (29.97, NTSC_30), (59.94, NTSC_60), (59.94006, NTSC_60), ("24000/1001", NTSC_24), ("24000 / 1001", NTSC_24),
        (NTSC_24, NTSC_24), (23.9, Fraction(239, 10)), (29.9, Fraction(299, 10)), (24.01, Fraction(2401, 100)),
    ],
)  # fmt: skip
def test_rates(value: object, rate: Fraction) -> None:
    assert values.rate(value) == rate


@pytest.mark.parametrize(
    "value",
    [
        0,
        -24,
        "-24",
        241,
        "0/1",
        "1/0",
        "24fps",
        "1e9",
        "1e999999999",
        "9" * 5000,
        "1/2/3",
        float("nan"),
        float("inf"),
        True,
        [],
    ],
)
def test_what_is_no_rate(value: object) -> None:
    assert "; frames per second above 0 and at most 240, such as 24, 23.976 or 24000/1001" in problem(
        values.rate, value
    )


def test_a_rate_too_fine_for_a_file_is_refused() -> None:
    assert "too fine" in problem(values.rate, 33.333333333333336)


@pytest.mark.parametrize("value", [True, "TRUE", "true", "Yes", "y", "on", "1", 1, 1.0, " true "])
def test_what_means_true(value: object) -> None:
    assert values.truth(value) is True


@pytest.mark.parametrize("value", [False, "FALSE", "no", "N", "off", "0", 0, 0.0])
def test_what_means_false(value: object) -> None:
    assert values.truth(value) is False


@pytest.mark.parametrize("value", ["maybe", 2, -1, float("nan"), [], "truee"])
def test_what_is_neither(value: object) -> None:
    assert problem(values.truth, value).endswith("; true or false")


@pytest.mark.parametrize(
    "text",
    [
        "$(rm -rf /)", "`id`", "'; DROP TABLE shots; --", "<script>alert(1)</script>", "%s %n {0} {prompt}",
        "\x1b[31mred", "drawtext=text='x':enable='between(t,0,1)'", "-vf null /etc/passwd", "no", "null", "1984",
        "=1+1", "# a title", "🦊 + \u202e", "line one\n\n  line two", "\\n", "[wide shot] a fox", "a\tb",
    ],
)  # fmt: skip
def test_a_prompt_is_kept_as_it_is(text: str) -> None:
    assert values.prompt(text) == text


def test_a_prompt_loses_only_the_white_space_around_it_and_the_ends_of_lines_of_other_systems() -> None:
    assert values.prompt("  a fox\r\nin the\rsnow \n") == "a fox\nin the\nsnow"


def test_digits_alone_are_a_prompt() -> None:
    assert values.prompt(1984) == "1984"
    assert values.prompt(1984.0) == "1984"


@pytest.mark.parametrize("value", ["", "   ", None, "\u200b", "\x1b", "\n\u00a0\ufeff"])
def test_a_prompt_that_shows_nothing(value: object) -> None:
    assert problem(values.prompt, value) == "is empty; say what the shot shows"


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("x" * 10_001, "has 10,001 characters; at most 10,000 characters"),
        ("a\0b", "contains a NUL character; text without it"),
        ("a \ud800 b", "contains half of a character (a lone surrogate); whole characters"),
        (True, "is True; text"),
        (1.5, "is 1.5; text"),
        (["a"], "is a list; text"),
    ],
)
def test_what_is_no_prompt(value: object, message: str) -> None:
    assert problem(values.prompt, value) == message


def test_an_id_that_is_not_safe_comes_with_one_that_is() -> None:
    assert problem(values.shot_id, "the fox/1").endswith("such as the-fox-1")
    assert problem(values.shot_id, "") != ""
    assert values.shot_id(7) == "7"


def test_names_and_paths_are_one_line() -> None:
    assert values.label(" fast wan ") == "fast wan"
    assert values.path("bilder/größe 1\u202f.png") == "bilder/größe 1\u202f.png"
    assert "one line" in problem(values.label, "a\nb")
    assert "one line" in problem(values.path, "a\nb")
    assert "path" in problem(values.path, 7)


@pytest.mark.parametrize(
    ("value", "param"), [(5.0, 5), (5.5, 5.5), ("a b ", "a b "), (True, True), (None, None), (-1, -1)]
)
def test_a_parameter_is_one_value_whoever_wrote_it(value: object, param: object) -> None:
    read = values.param(value)

    assert read == param
    assert type(read) is type(param)


@pytest.mark.parametrize("value", [float("nan"), float("-inf"), 2**64, [], {}, "a\0", "\udc80", "x" * 10_001])
def test_what_is_no_parameter(value: object) -> None:
    problem(values.param, value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None), ("~", None), ("null", None), ("TRUE", True), ("false", False), ("30", 30), ("-7", -7), ("0", 0),
        ("5.5", 5.5), ("1e3", 1000.0), ("1.5E-3", 0.0015), (".5", 0.5), ("007", "007"), ("yes", "yes"),
        ("0x10", "0x10"), ("1e999", "1e999"), ("nan", "nan"), ("9" * 30, "9" * 30), ("a 7", "a 7"),
        ("1_000", "1_000"), ("٣", "٣"),
    ],
)  # fmt: skip
def test_bare_text_stands_for_a_value(text: str, value: object) -> None:
    assert values.untyped(text) == value
    assert type(values.untyped(text)) is type(value)


@pytest.mark.parametrize("name", LABELLED)
@QUICK
@given(value=ANYTHING)
def test_every_reader_gives_a_value_that_reads_as_itself_or_refuses(name: str, value: object) -> None:
    read: Callable[[object], object] = LABELLED[name]
    try:
        meant = read(value)
    except PydanticCustomError as error:
        words = error.context or {}
    else:
        assert read(meant) == meant
        return
    assert words["message"].isprintable()
    assert words["hint"].isprintable()
