"""The short form of each benchmark gives a document that makes sense. How long anything takes is not asserted."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from benchmarks.report import PACKAGES
from benchmarks.scale import JOBS, growth
from ttv_dagster import __version__

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
SHORT = {
    "overhead": ["--shots", "2", "--rounds", "1", "--width", "64", "--height", "48", "--frames", "4"],
    "scale": ["--sizes", "20"],
    "warm": ["--clips", "2", "--rounds", "1", "--alone", "1", "--width", "64", "--height", "64", "--frames", "5"],
}

Documents = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Documents]:
    """What the benchmarks print, side by side to save time."""
    running = {
        name: subprocess.Popen(
            [sys.executable, str(BENCHMARKS / f"{name}.py"), *arguments, "--json"],
            cwd=tmp_path_factory.mktemp(name),
            stdout=subprocess.PIPE,
            text=True,
        )
        for name, arguments in SHORT.items()
    }
    try:
        printed = {name: process.communicate(timeout=900)[0] for name, process in running.items()}
        assert {name: process.returncode for name, process in running.items()} == dict.fromkeys(SHORT, 0)
        yield {name: json.loads(text) for name, text in printed.items()}
    finally:
        for process in running.values():
            process.kill()
            process.wait()


@pytest.mark.parametrize("name", list(SHORT))
def test_a_document_says_where_it_was_measured_and_names_no_host(documents: Documents, name: str) -> None:
    document = documents[name]
    assert document["benchmark"] == name
    assert set(document["versions"]) == {"python", *PACKAGES}
    assert document["versions"]["ttv-dagster"] == __version__
    assert set(document["machine"]) == {"cpus", "cpu", "memory_gib", "system", "load_before"}
    assert document["machine"]["cpus"] >= 1
    assert not [value for value in _texts(document) if value.startswith("/")]


def _texts(value: object) -> list[str]:
    if isinstance(value, dict):
        return [text for each in value.values() for text in _texts(each)]
    if isinstance(value, list):
        return [text for each in value for text in _texts(each)]
    return [value] if isinstance(value, str) else []


def test_overhead_compares_the_same_shots(documents: Documents) -> None:
    document = documents["overhead"]
    size = {"width": 64, "height": 48, "num_frames": 4}
    assert document["shots"] == {"number": 2, "engine": "animatic", **size}
    bare, cold, cached = (document[name] for name in ("bare", "cold", "cached"))
    assert [each["cold_ratio"] for each in document["rounds"]] == [document["cold_ratio"]]
    assert document["rounds"][0]["other_cores"] >= 0
    assert document["cold_ratio"] == pytest.approx(cold["seconds"] / bare["seconds"], rel=0.05)
    assert document["cached_seconds"] == cached["seconds"]
    assert document["start_up_seconds"] > 0
    assert set(bare["stages"]) == {"keyframes", "render", "encode"}
    assert {"prompt_sets", "keyframes", "clips", "films"} < set(cold["stages"])
    for timed in (bare, cold, cached):
        assert timed["seconds"] > 0
        assert timed["cpu_seconds"] > 0
        assert timed["others_cpu_seconds"] >= 0
        assert timed["seconds_per_shot"] == pytest.approx(timed["seconds"] / 2, abs=0.001)
        assert sum(timed["stages"].values()) == pytest.approx(timed["seconds"], rel=0.1, abs=0.02)
    for stage in ("encode", "inspect"):
        assert document["cold_encoder"][stage] > 0


def test_scale_measures_every_job(documents: Documents) -> None:
    document = documents["scale"]
    assert document["goals"] == {"shots": 100_000, "plan_seconds": 10.0, "plan_mib": 1024}
    assert [(row["job"], row["shots"]) for row in document["rows"]] == [(job, 20) for job in JOBS]
    for row in document["rows"]:
        assert row["seconds"] == pytest.approx(sum(row["stages"].values()), abs=0.01)
        assert row["cpu_seconds"] > 0
        assert 10 < row["peak_mib"] < 4096
    assert document["growth"] == []


def test_growth_is_time_per_shot_over_that_at_the_size_before() -> None:
    job = JOBS[0]
    taken = [(10, 1.0), (100, 10.0), (1000, 200.0)]
    rows = [{"job": job, "shots": shots, "seconds": seconds} for shots, seconds in taken]
    assert growth(rows) == [
        {"job": job, "from": 10, "to": 100, "ratio": 1.0},
        {"job": job, "from": 100, "to": 1000, "ratio": 2.0},
    ]


def test_warm_compares_every_way_to_run_the_same_clips(documents: Documents) -> None:
    document = documents["warm"]
    assert document["shots"]["weights"] == "random"
    assert (document["shots"]["number"], document["shots"]["num_frames"]) == (2, 5)
    (found,) = document["rounds"]
    for name in ("pipeline_over_bare", "pipeline_over_serve", "pipeline_over_process_per_clip"):
        assert document[name] == found[name] > 0
    seconds = {way: found[way]["seconds"] for way in ("pipeline", "bare", "serve")}
    assert found["pipeline_over_bare"] == pytest.approx(seconds["pipeline"] / seconds["bare"], rel=0.01)
    assert found["pipeline_over_serve"] == pytest.approx(seconds["pipeline"] / seconds["serve"], rel=0.01)
    alone = found["process_per_clip"]["seconds_per_clip"] * 2
    assert found["pipeline_over_process_per_clip"] == pytest.approx(seconds["pipeline"] / alone, rel=0.01)
    assert (document["goal"], document["minimum"]) == (1.0, 1.05)
