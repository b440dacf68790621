"""TXT: a prompt a line, and every line is a prompt."""

from pathlib import Path

import pytest

from tests.shots.writing import printed_problems, read


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_a_prompt_a_line(tmp_path: Path, ends: str) -> None:
    content = ends.join(["A fox.", "", "  ", "# not a comment", '"quoted", too  ', "--flag; $(ls) %s", "last"])

    found = read(tmp_path, "foxes.txt", content)

    assert found.name == "foxes"
    assert [(shot.id, shot.prompt) for shot in found.shots] == [
        ("shot-0001", "A fox."),
        ("shot-0002", "# not a comment"),
        ("shot-0003", '"quoted", too'),
        ("shot-0004", "--flag; $(ls) %s"),
        ("shot-0005", "last"),
    ]


def test_only_line_ends_end_a_line(tmp_path: Path) -> None:
    assert read(tmp_path, "a.txt", "a\u2028b\x0cc\x85d\n").shots[0].prompt == "a\u2028b\x0cc\x85d"


def test_a_prompt_that_is_too_long_is_named_by_its_line(tmp_path: Path) -> None:
    assert printed_problems(tmp_path, "a.txt", "a\n" + "x" * 10_001 + "\n\u200b\n") == [
        "line 2: prompt: has 10,001 characters; at most 10,000 characters",
        "line 3: prompt: is empty; say what the shot shows",
    ]
