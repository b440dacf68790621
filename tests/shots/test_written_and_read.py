"""What is written in a format reads back as it was, and no file makes anything but a set or a refusal."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.shots.strategies import CELL_PARAMS, QUICK, lists_of_prompts, prompt_sets
from tests.shots.writing import as_csv, as_jsonl, as_txt, as_yaml, put, read
from ttv_dagster.shots.files import SUFFIXES, read_prompt_set
from ttv_dagster.shots.problems import PromptSetError
from ttv_dagster.shots.shot import PromptSet


def written(prompt_set: PromptSet) -> dict[str, str]:
    return {".yaml": as_yaml(prompt_set), ".jsonl": as_jsonl(prompt_set), ".csv": as_csv(prompt_set)}


def back(suffix: str, content: str | bytes) -> PromptSet:
    with TemporaryDirectory() as folder:
        return read(Path(folder), f"written{suffix}", content)


@QUICK
@given(prompt_sets())
def test_yaml(prompt_set: PromptSet) -> None:
    assert back(".yaml", as_yaml(prompt_set)) == prompt_set


@QUICK
@given(prompt_sets())
def test_jsonl(prompt_set: PromptSet) -> None:
    assert back(".jsonl", as_jsonl(prompt_set)) == prompt_set


@QUICK
@given(lists_of_prompts())
def test_txt(prompt_set: PromptSet) -> None:
    assert back(".txt", as_txt(prompt_set)) == prompt_set


@QUICK
@given(prompt_sets(CELL_PARAMS))
def test_one_set_is_the_same_from_every_format(prompt_set: PromptSet) -> None:
    assert (
        back(".yaml", as_yaml(prompt_set)) == back(".jsonl", as_jsonl(prompt_set)) == back(".csv", as_csv(prompt_set))
    )


@settings(QUICK, max_examples=15)
@given(prompt_sets(CELL_PARAMS))
def test_how_an_editor_saves_it_changes_nothing(prompt_set: PromptSet) -> None:
    for suffix, text in (
        (".yaml", as_yaml(prompt_set)),
        (".jsonl", as_jsonl(prompt_set)),
        (".csv", as_csv(prompt_set)),
    ):
        lines = text.replace("\r\n", "\n")
        for ends in (lines, lines.replace("\n", "\r\n"), lines.rstrip("\n")):
            for encoding in ("utf-8", "utf-8-sig", "utf-16"):
                assert back(suffix, ends.encode(encoding)) == prompt_set


def read_or_refuse(suffix: str, content: bytes) -> None:
    with TemporaryDirectory() as folder:
        path = put(Path(folder), f"any{suffix}", content)
        try:
            found = read_prompt_set(path)
        except PromptSetError as error:
            refused = error
        else:
            assert PromptSet.model_validate_json(found.model_dump_json()) == found
            return
    assert refused.problems
    assert all(line.isprintable() for line in str(refused).splitlines())
    assert all(problem.file == str(path) and problem.message and problem.hint for problem in refused.problems)


SIGNS = {
    ".yaml": [
        "shots:", "defaults:", "name:", "prompt:", "seed:", "params:", "\n", "  ", "- ", "a", "1", "~", "{", "}",
        "[", "]", ", ", ": ", "'", '"', "|", ">", "#", "&a ", "*a", "!!x ", "<<: ", "---\n", "...\n", "? ", "%TAG ",
        "\t", "\\", "\x85", "\ufeff", "🦊",
    ],
    ".jsonl": [
        '{"prompt":', '"id":', '"params":', "{", "}", "[", "]", ",", ":", '"', "a", "1", "-", "1e999", "NaN",
        "null", "true", "\n", "\\ud800", "\\u0000", "\\", "9" * 5000, "🦊",
    ],
    ".csv": [
        "prompt", "id", "seed", "params.a", "continues", ",", ";", "\t", '"', "\n", "\r\n", "\r", " ", "a", "1",
        "TRUE", "🦊", "\x1b", "\ufeff",
    ],
    ".txt": ["a fox", "\n", "\r", " ", "\x0c", "\u2028", "\ufeff", "\x1b", "\x00", "🦊"],
}  # fmt: skip


@pytest.mark.parametrize("suffix", SIGNS)
@QUICK
@given(data=st.data())
def test_any_text_in_the_signs_of_a_format(suffix: str, data: st.DataObject) -> None:
    words = data.draw(st.lists(st.sampled_from(SIGNS[suffix]), max_size=30))
    read_or_refuse(suffix, "".join(words).encode())


@pytest.mark.parametrize("suffix", SUFFIXES)
@QUICK
@given(content=st.binary(max_size=200))
def test_any_bytes(suffix: str, content: bytes) -> None:
    read_or_refuse(suffix, content)


@QUICK
@given(prompt_sets(CELL_PARAMS), st.data())
def test_a_file_with_some_bytes_changed(prompt_set: PromptSet, data: st.DataObject) -> None:
    for suffix, text in (
        (".yaml", as_yaml(prompt_set)),
        (".jsonl", as_jsonl(prompt_set)),
        (".csv", as_csv(prompt_set)),
    ):
        content = bytearray(text.encode())
        for _ in range(data.draw(st.integers(1, 4))):
            content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
        read_or_refuse(suffix, bytes(content))
