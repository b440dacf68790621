"""JSONL: an object a line."""

from pathlib import Path

import pytest

from tests.shots.writing import printed_problems, problems, read

REFUSED = [
    ('{"prompt": "a", }', "is not JSON: "),
    ("{'prompt': 'a'}", "is not JSON: expecting property name enclosed in double quotes"),
    ('{"prompt": "a"} {"prompt": "b"}', "is not JSON: extra data"),
    ("a fox", "is not JSON: expecting value"),
    ('["a"]', "is a list; an object such as"),
    ('"a fox"', "is 'a fox'; an object such as"),
    ("7", "is 7; an object such as"),
    ("null", "is None; an object such as"),
    ('{"prompt": "a", "prompt": "b"}', "prompt: is given twice; one value"),
    ('{"prompt": "a", "params": {"x": 1, "x": 2}}', "x: is given twice; one value"),
    ('{"prompt": "a", "seed": NaN}', "seed: is nan; a whole number"),
    ('{"prompt": "a", "fps": Infinity}', "fps: is inf; frames per second"),
    ('{"prompt": "a", "params": {"x": 1e999}}', "params.x: is inf; text, a number"),
    ('{"prompt": "a", "seed": ' + "9" * 4000 + "}", "seed: is a huge number; a whole number"),
    ('{"prompt": "a", "seed": ' + "9" * 5000 + "}", "has a number with thousands of digits"),
    ('{"prompt": ' + "[" * 100_000 + "]" * 100_000 + "}", "is nested too deeply"),
    ('{"prompt": ' + '{"a":' * 100_000, "is nested too deeply"),
    ('{"prompt": "\\ud800"}', "prompt: contains half of a character"),
    ('{"prompt": "a\\u0000b"}', "prompt: contains a NUL character"),
    ('{"prompt": "a", "\\u001b[2J\\ud800": 1}', "'\\x1b[2J\\ud800': unknown field"),
    ('{"prompt": true}', "prompt: is True; text"),
    ('{"prompt": "a", "widht": null}', "widht: unknown field; did you mean width?"),
    ('{"prompt": "a", "seed": true}', "seed: is True; a whole number"),
    ("{" + ",".join(f'"k{number}": 1' for number in range(1000)) + "}", "has too many fields"),
]


def test_an_object_a_line(tmp_path: Path) -> None:
    content = (
        '{"id": "fox", "prompt": "a fox", "fps": "24000/1001", "params": {"steps": 8}, "seed": null}\r\n'
        "\r\n"
        '{"prompt": "a \\ud83e\\udd8a", "num_frames": 49.0, "continues": true}'
    )

    fox, second = read(tmp_path, "a.jsonl", content).shots

    assert (fox.id, fox.seed, fox.params, str(fox.fps)) == ("fox", None, {"steps": 8}, "24000/1001")
    assert (second.id, second.prompt, second.num_frames, second.continues) == ("shot-0002", "a 🦊", 49, True)


@pytest.mark.parametrize(("line", "found"), REFUSED, ids=[found for _, found in REFUSED])
def test_what_is_refused(tmp_path: Path, line: str, found: str) -> None:
    first = printed_problems(tmp_path, "a.jsonl", f'{{"prompt": "good"}}\n{line}\n')[0]

    assert first.removeprefix("line 2: ").startswith(found)


def test_a_bad_line_does_not_hide_the_next(tmp_path: Path) -> None:
    found = problems(tmp_path, "a.jsonl", '{]\n{"prompt": "a", "seed": -1}\n[]\n{"prompt": ""}\n')

    assert [problem.shot for problem in found] == ["line 1", "line 2", "line 3", "line 4"]
