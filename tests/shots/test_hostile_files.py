"""No file makes the reader crash, hang, or take a gigabyte."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.shots.writing import problems, put
from ttv_dagster.shots.files import LARGEST_FILE
from ttv_dagster.shots.problems import MAX_PROBLEMS

FULL = LARGEST_FILE - 1_000
FOX = "🦊".encode()

# Reads each file with a gigabyte of address space in all, the interpreter and its libraries included.
READER = """
import resource, sys
from pathlib import Path
from ttv_dagster.shots.files import read_prompt_set
from ttv_dagster.shots.problems import PromptSetError
resource.setrlimit(resource.RLIMIT_AS, (2**30, 2**30))
try:
    print(len(read_prompt_set(Path(sys.argv[1])).shots))
except PromptSetError as error:
    print(error.problems[0].message)
"""

BOMB = b"a: &a [x, x, x, x, x, x, x, x, x]\n" + b"".join(
    b"%c: &%c [%s]\n" % (letter + 1, letter + 1, b", ".join([b"*%c" % letter] * 9)) for letter in range(97, 117)
)

HUGE: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "one line": (".txt", lambda: b"x" * FULL, "is longer than"),
    "one line of foxes": (".jsonl", lambda: FOX * (FULL // 4), "is longer than"),
    "nothing but commas": (".csv", lambda: b"prompt\n" + (b"," * 900_000 + b"\n") * 35, "has no shots"),
    "a quote never closed": (".csv", lambda: b'prompt\n"' + b'aa","' * (FULL // 5), "is longer than"),
    "cells that never end": (
        ".csv",
        lambda: b"prompt\n" + (b'"aa",' * 190_000 + b'"\n",') * 60,
        "cannot be read as CSV",
    ),
    "a prompt of foxes": (".yaml", lambda: b'shots: ["' + FOX * (FULL // 4) + b'"]', "has "),
    "a list of nothing": (".yaml", lambda: b"shots: [{prompt: [" + b"a," * (FULL // 2) + b"]}]", "contains too much"),
    "one name after another": (
        ".yaml",
        lambda: b"shots: [{" + b",".join(b"k%d: 1" % number for number in range(4_000_000)) + b"}]",
        "is in a mapping of more than 64 keys",
    ),
    "a hundred thousand prompts of foxes": (".txt", lambda: (FOX * 160 + b"\n") * 100_000, "100000"),
}


@pytest.mark.parametrize("name", HUGE)
def test_a_huge_file_takes_no_gigabyte(name: str, tmp_path: Path) -> None:
    suffix, content, answer = HUGE[name]
    path = put(tmp_path, f"huge{suffix}", content())

    done = subprocess.run(
        [sys.executable, "-c", READER, str(path)], capture_output=True, text=True, timeout=60, check=False
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(answer)


BREAKERS: list[tuple[str, bytes, str]] = [
    (".yaml", BOMB + b"shots: [*t]\n", "has an anchor, '&a'"),
    (".yaml", b"[" * 1_000_000, "is a list"),
    (".yaml", b"shots: " + b"[" * 1_000_000, "contains too much that a shot does not have"),
    (".yaml", b"{a: " * 1_000_000, "unknown field"),
    (".yaml", b"- " * 1_000_000, "is a list"),
    (".yaml", b"shots:\n- prompt: " + b"{a: " * 1_000_000, "contains too much that a shot does not have"),
    (".yaml", b"? " * 1_000_000, "has a key that is not a name"),
    (
        ".yaml",
        b"".join(b"%%TAG !e%d! tag:e\n" % number for number in range(100_000)) + b"--- a",
        "declares a tag",
    ),
    (".yaml", b"---\n" * 500_000, "starts a second document"),
    (".yaml", b"!" * 1_000_000, "has a tag"),
    (".yaml", b"&" + b"a" * 1_000_000 + b" b", "has an anchor"),
    (".jsonl", b"[" * 900_000, "is nested too deeply"),
    (".jsonl", b'{"prompt":' * 90_000, "is nested too deeply"),
    (".jsonl", b'{"prompt": "x", "seed": ' + b"9" * 900_000 + b"}", "has a number with thousands of digits"),
    (".csv", b'prompt\n"' + b"a fox\n" * 100_000, "cannot be read as CSV"),
    (".csv", b"a," * 400_000, "names 400,000 columns"),
    (".txt", b"x" * 10_000_000, "is longer than 1,000,000 characters"),
]


@pytest.mark.parametrize(
    ("suffix", "content", "message"), BREAKERS, ids=[f"{suffix} {message}" for suffix, _, message in BREAKERS]
)
def test_what_is_made_to_break_a_parser_is_refused_in_a_sentence(
    tmp_path: Path, suffix: str, content: bytes, message: str
) -> None:
    first = problems(tmp_path, f"a{suffix}", content)[0]

    assert first.message.startswith(message)
    assert len(str(first)) < 1_000


def test_a_file_of_garbage_keeps_few_problems_and_counts_the_rest(tmp_path: Path) -> None:
    found = problems(tmp_path, "a.csv", "prompt,seed\n" + "x,y\n" * 20_000)

    assert len(found) == MAX_PROBLEMS + 1
    assert found[0].shot == "line 2"
    assert found[-1].message == "19,000 more problems are not listed"


@pytest.mark.parametrize(("suffix", "head", "line"), [(".csv", "prompt\n", "x\n"), (".yaml", "shots:\n", "- x\n")])
def test_one_shot_too_many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str, head: str, line: str) -> None:
    monkeypatch.setattr("ttv_dagster.shots.formats.rows.MAX_SHOTS", 3)

    (problem,) = problems(tmp_path, f"a{suffix}", head + line * 5)

    assert (problem.shot, problem.message) == ("line 5", "starts shot 4 of the set")
    assert problem.hint == "at most 3 shots per set"
