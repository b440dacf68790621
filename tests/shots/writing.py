"""Prompt files for the tests: written in every format, and read or refused."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import yaml

from ttv_dagster.shots.files import read_prompt_set
from ttv_dagster.shots.problems import Problem, PromptSetError
from ttv_dagster.shots.shot import PromptSet, Shot


def put(folder: Path, name: str, content: str | bytes) -> Path:
    """Write a file byte for byte."""
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def read(folder: Path, name: str, content: str | bytes) -> PromptSet:
    return read_prompt_set(put(folder, name, content))


def problems(folder: Path, name: str, content: str | bytes) -> list[Problem]:
    """Every problem of a file that must be refused."""
    try:
        read(folder, name, content)
    except PromptSetError as error:
        return error.problems
    raise AssertionError(f"{name} was not refused")


def printed_problems(folder: Path, name: str, content: str | bytes) -> list[str]:
    """The same as a person reads it, less the name of the file."""
    prefix = f"{folder / name}: "
    return [str(problem).removeprefix(prefix) for problem in problems(folder, name, content)]


def _row(shot: Shot) -> dict[str, Any]:
    """What a shot says, as its set's JSON has it."""
    return shot.model_dump(mode="json", exclude_defaults=True)


def as_yaml(prompt_set: PromptSet) -> str:
    document = {"name": prompt_set.name, "shots": [_row(shot) for shot in prompt_set.shots]}
    return yaml.safe_dump(document, allow_unicode=True, sort_keys=False)


def as_jsonl(prompt_set: PromptSet) -> str:
    return "".join(json.dumps(_row(shot)) + "\n" for shot in prompt_set.shots)


def as_csv(prompt_set: PromptSet) -> str:
    rows = []
    for shot in prompt_set.shots:
        row = _row(shot)
        row |= {f"params.{name}": value for name, value in row.pop("params", {}).items()}
        rows.append(row)
    text = io.StringIO()
    writer = csv.DictWriter(text, list(dict.fromkeys(name for row in rows for name in row)))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def as_txt(prompt_set: PromptSet) -> str:
    return "".join(f"{shot.prompt}\n" for shot in prompt_set.shots)
