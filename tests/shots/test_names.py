"""Names are safe as partition keys and as file names on every system."""

import re
from pathlib import Path

import pytest
from dagster import StaticPartitionsDefinition
from hypothesis import given
from hypothesis import strategies as st

from tests.shots.strategies import QUICK
from ttv_dagster.shots.names import is_set_name, is_shot_id, slug

SAFE = ["milo-and-pip", "a", "7", "My_Set.v2", "x" * 100, "console", "a.con", "com", "CON-1"]
UNSAFE = [
    "", " ", "a b", "a/b", "a\\b", "../a", ".hidden", "-x", "_x", "a...b", "a..b", "a,b", "a|b", "a:b", "a\n",
    "a\0", "ends.", "con", "NUL", "nul.txt", "Com1", "lpt9.tar.gz", "x" * 101, "é", "日本", "a*", "~", "%s",
    "$(ls)",
]  # fmt: skip


@pytest.mark.parametrize("name", SAFE)
def test_safe_names(name: str, tmp_path: Path) -> None:
    assert is_set_name(name)
    StaticPartitionsDefinition([name])
    (tmp_path / f"{name}.mp4").touch()


@pytest.mark.parametrize("name", UNSAFE)
def test_unsafe_names(name: str) -> None:
    assert not is_set_name(name)


@pytest.mark.parametrize(
    ("text", "near"),
    [
        ("My Prompts (2)", "My-Prompts-2"),
        ("../../etc/passwd", "etc-passwd"),
        ("Größe, 2. Teil", "Grosse-2-Teil"),
        ("日本", "RiBen"),
        ("...", ""),
        ("", ""),
        ("con", "set-con"),
        ("a...b", "a-b"),
        ("_x_", "x"),
    ],
)
def test_the_nearest_safe_name(text: str, near: str) -> None:
    assert slug(text) == near


@QUICK
@given(st.text(max_size=300))
def test_a_slug_is_safe_or_empty(text: str) -> None:
    name = slug(text)

    assert name == "" or is_set_name(name)


@QUICK
@given(st.from_regex(re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}"), fullmatch=True))
def test_an_id_is_letters_digits_and_three_signs(text: str) -> None:
    assert is_shot_id(text)


@pytest.mark.parametrize("text", ["", "-a", ".a", "a b", "a/b", "ä", "a\n", "x" * 101])
def test_no_other_text_is_an_id(text: str) -> None:
    assert not is_shot_id(text)
