"""The GPU kit measures tiny models on a CPU, so that what fails on a GPU is not the kit."""

import importlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks.gpu.measure import PARTS

ROOT = Path(__file__).parents[2]


def measure(folder: Path, *arguments: str) -> list[dict[str, Any]]:
    """Run the kit, and return its findings."""
    command = [sys.executable, "-m", "benchmarks.gpu.measure", "--small", "--clips", "1", "--seconds", "560"]
    folders = ["--out", str(folder / "out"), "--state", str(folder / "state")]
    env = {**os.environ, "OMP_NUM_THREADS": "1"}
    subprocess.run([*command, *folders, *arguments], cwd=ROOT, env=env, check=True, capture_output=True, timeout=600)
    return [json.loads(line) for line in (folder / "out" / "results.jsonl").read_text().splitlines()]


@pytest.fixture(scope="module")
def findings(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[dict[str, Any]]]:
    """What the kit finds out about the pipeline."""
    folder = tmp_path_factory.mktemp("gpu")
    return folder, measure(folder, "--parts", "weights,pipeline")


def test_the_kit_times_clips_by_stage_on_random_weights(findings: tuple[Path, list[dict[str, Any]]]) -> None:
    folder, lines = findings
    assert [(line["part"], line["how"]) for line in lines if line["item"] == "part"] == [
        ("weights", "ended"),
        ("pipeline", "ended"),
    ]
    clips = {line["item"]: line for line in lines if line["part"] == "pipeline" and "seconds" in line}
    for size in ("64x64x9", "96x64x9"):
        assert set(clips[size]["stages"]) == {"text", "denoise", "decode"}
        assert clips[size]["inspect"] > 0
    assert "ttv render" in (folder / "out" / "table.txt").read_text()


def test_what_a_call_found_is_not_measured_again(findings: tuple[Path, list[dict[str, Any]]]) -> None:
    folder, lines = findings
    repeated = measure(folder, "--parts", "weights")
    assert len([line for line in repeated if line["item"] == "made"]) == 1
    assert repeated[: len(lines)] == lines


@pytest.mark.parametrize("part", [part.name for part in PARTS])
def test_every_part_is_a_module_that_can_be_run(part: str) -> None:
    assert callable(importlib.import_module(f"benchmarks.gpu.{part}").main)
