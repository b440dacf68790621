"""Renders that are killed, interrupted and started twice: nothing is lost, and nothing is rendered twice."""

import json
import os
import random
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from tests.cli.sets import renders, write_set
from tests.support import TTV, ttv_json
from ttv_dagster.media.decode import iter_frames

KILLS = 8


class Render:
    """`ttv render story.yaml --json` in a process of its own."""

    def __init__(self, folder: Path) -> None:
        self.log = folder / "renders.jsonl"
        env = {**os.environ, "TTV_HOME": str(folder / "home"), "TTV_TEST_RENDERS": str(self.log)}
        self.process = subprocess.Popen(
            [*TTV, "render", "story.yaml", "--json"],
            cwd=folder,
            env=env,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def wait_for_renders(self, count: int) -> None:
        """Until so many renders were begun, or the process ended."""
        deadline = time.monotonic() + 60
        while len(renders(self.log)) < count and self.process.poll() is None:
            assert time.monotonic() < deadline, "the render never began"
            time.sleep(0.01)

    def end(self) -> tuple[int, str]:
        out, _ = self.process.communicate(timeout=120)
        return self.process.returncode, out


def clips(folder: Path) -> set[str]:
    return {path.stem for path in (folder / "home" / "media" / "clips").glob("*/*.mp4")}


def runs(folder: Path) -> list[dg.DagsterRunStatus]:
    with dg.DagsterInstance.from_config(str(folder / "home" / "dagster")) as instance:
        return [run.status for run in instance.get_runs()]


def test_a_render_killed_again_and_again_loses_nothing_and_repeats_nothing(tmp_path: Path) -> None:
    write_set(
        tmp_path / "story.yaml",
        *({"id": f"s{number}", "continues": number % 3 == 2} for number in range(9)),
        params={"sleep": 0.02},
    )
    chance = random.Random(20261123)
    kept: set[str] = set()
    for _ in range(KILLS):
        begun = len(renders(tmp_path / "renders.jsonl"))
        render = Render(tmp_path)
        render.wait_for_renders(begun + 1)
        time.sleep(chance.uniform(0, 0.35))
        render.process.send_signal(signal.SIGKILL)
        render.end()
        assert not kept & set(renders(render.log)[begun:]), "a published clip was rendered again"
        assert kept <= clips(tmp_path), "a published clip was lost"
        kept = clips(tmp_path)
        for path in (tmp_path / "home" / "media" / "clips").glob("*/*.mp4"):
            assert len(list(iter_frames(path))) == 8, "half a clip was published"

    begun = len(renders(tmp_path / "renders.jsonl"))
    code, out = Render(tmp_path).end()
    document = json.loads(out)
    assert code == 0
    assert document["film"] is not None
    assert not kept & set(renders(tmp_path / "renders.jsonl")[begun:])
    assert {shot["key"] for shot in document["shots"] if shot["status"] == "cached"} == kept
    assert dg.DagsterRunStatus.STARTED not in runs(tmp_path), "a killed run is still taken for a living one"


def test_an_engine_that_kills_its_process_costs_one_run_and_no_clip(tmp_path: Path) -> None:
    shots: list[dict[str, Any]] = [{"id": "a"}, {"id": "b"}, {"id": "deadly", "params": {"kill_at": 4}}]
    write_set(tmp_path / "story.yaml", *shots)
    code, _ = Render(tmp_path).end()
    assert code == -signal.SIGKILL
    assert len(clips(tmp_path)) >= 1
    kept = clips(tmp_path)
    write_set(tmp_path / "story.yaml", *shots[:2], {"id": "deadly"})
    document = ttv_json("render", "story.yaml", cwd=tmp_path)
    assert {shot["key"] for shot in document["shots"] if shot["status"] == "cached"} == kept


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_render_ends_cleanly_and_goes_on_from_there(tmp_path: Path, number: signal.Signals) -> None:
    write_set(tmp_path / "story.yaml", *({"id": f"s{n}"} for n in range(4)), params={"sleep": 0.05})
    render = Render(tmp_path)
    render.wait_for_renders(3)
    render.process.send_signal(number)
    code, out = render.end()
    assert code == 130
    assert json.loads(out)["error"] == "interrupted"
    assert runs(tmp_path) == [dg.DagsterRunStatus.CANCELED]
    kept = clips(tmp_path)
    assert len(kept) >= 1
    assert list((tmp_path / "home" / "media" / ".work").iterdir()) == []
    document = ttv_json("render", "story.yaml", cwd=tmp_path)
    assert {shot["key"] for shot in document["shots"] if shot["status"] == "cached"} == kept


def test_two_renders_of_one_set_follow_one_another_and_pay_once(tmp_path: Path) -> None:
    write_set(tmp_path / "story.yaml", *({"id": f"s{n}"} for n in range(4)), params={"sleep": 0.05})
    first = Render(tmp_path)
    first.wait_for_renders(1)
    second = Render(tmp_path)
    ends = [first.end(), second.end()]
    assert [code for code, _ in ends] == [0, 0]
    found = [[shot["status"] for shot in json.loads(out)["shots"]] for _, out in ends]
    assert found == [["rendered"] * 4, ["cached"] * 4]
    assert len(renders(tmp_path / "renders.jsonl")) == 4
