import json
import subprocess
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from tests.cli.sets import renders, write_set
from tests.support import TTV, on_small_disk, ttv, ttv_json
from ttv_dagster.media.decode import iter_frames, probe, read_comment


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file in which the noise engine notes each render it begins."""
    path = tmp_path / "renders.jsonl"
    monkeypatch.setenv("TTV_TEST_RENDERS", str(path))
    return path


def statuses(document: dict[str, Any]) -> dict[str, str]:
    return {shot["id"]: shot["status"] for shot in document["shots"]}


def test_a_prompt_file_becomes_a_film_and_nothing_is_rendered_twice(tmp_path: Path, log: Path) -> None:
    file = write_set(tmp_path / "story.yaml", {"id": "a"}, {"id": "b", "continues": True}, {"id": "c"})
    first = ttv_json("render", file, cwd=tmp_path)
    assert first["set"] == "story"
    assert statuses(first) == {"a": "rendered", "b": "rendered", "c": "rendered"}
    assert set(first["shots"][0]) == {"id", "status", "clip", "key", "seconds", "error"}

    film = Path(first["film"])
    assert probe(film).num_frames == 8 + 7 + 8, "the frame that b doubles is shown once"
    assert len(list(iter_frames(film))) == 23
    for shot in first["shots"]:
        assert json.loads(read_comment(Path(shot["clip"])))["prompt"] == f"prompt of {shot['id']}"

    again = ttv_json("render", "story", cwd=tmp_path)
    assert statuses(again) == {"a": "cached", "b": "cached", "c": "cached"}
    assert again["film"] == first["film"]
    assert len(renders(log)) == 3

    file.write_text(file.read_text().replace("prompt of a", "another prompt"))
    edited = ttv_json("render", file, cwd=tmp_path)
    assert statuses(edited) == {"a": "rendered", "b": "rendered", "c": "cached"}
    assert edited["film"] != first["film"]
    assert film.exists(), "a published film is never changed or deleted"


def test_the_run_is_seen_by_dagster(tmp_path: Path) -> None:
    ttv_json("render", write_set(tmp_path / "story.yaml", {"id": "a"}), cwd=tmp_path)
    with dg.DagsterInstance.from_config(str(tmp_path / "home" / "dagster")) as instance:
        (run,) = instance.get_runs()
        assert run.status == dg.DagsterRunStatus.SUCCESS
        assert run.tags["dagster/partition"] == "story"
        assert instance.get_dynamic_partitions("prompt_sets") == ["story"]
        for asset in ("prompt_sets", "keyframes", "clips", "films"):
            found = instance.fetch_materializations(dg.AssetKey(asset), limit=5).records
            assert [record.partition_key for record in found] == ["story"]


def test_a_failing_shot_is_named_the_others_are_rendered_and_a_retry_renders_the_rest(
    tmp_path: Path, log: Path
) -> None:
    shots = [{"id": f"s{number}"} for number in range(1, 10)]
    broken = {**shots[6], "params": {"fail_at": 3}}
    file = write_set(tmp_path / "story.yaml", *shots[:6], broken, *shots[7:])
    document = ttv_json("render", file, cwd=tmp_path, code=1)
    assert [shot["id"] for shot in document["shots"] if shot["status"] == "failed"] == ["s7"]
    assert document["shots"][6]["error"] == "RuntimeError: the engine gave up"
    assert document["film"] is None
    assert statuses(document)["s9"] == "rendered"

    write_set(tmp_path / "story.yaml", *shots)
    document = ttv_json("render", file, cwd=tmp_path)
    assert [shot["id"] for shot in document["shots"] if shot["status"] == "rendered"] == ["s7"]
    assert document["film"] is not None
    assert len(renders(log)) == 10


def test_some_shots_are_rendered_with_what_they_continue_and_merged_into_the_manifest(tmp_path: Path) -> None:
    file = write_set(tmp_path / "story.yaml", {"id": "a"}, {"id": "b", "continues": True}, {"id": "c"}, {"id": "d"})
    document = ttv_json("render", file, "--shots", "b", cwd=tmp_path)
    assert statuses(document) == {"a": "rendered", "b": "rendered"}
    assert document["film"] is None

    document = ttv_json("render", file, "--shots", "c", cwd=tmp_path)
    assert statuses(document) == {"c": "rendered"}
    document = ttv_json("render", file, "--shots", "d", cwd=tmp_path)
    assert document["film"] is not None, "no other shot was missing"
    document = ttv_json("render", "story", cwd=tmp_path)
    assert set(statuses(document).values()) == {"cached"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere.yaml"], "nowhere.yaml"),
        (["nobody"], "no prompt set 'nobody'"),
        (["story.yaml", "--shots", "a,zz"], "no such shot: zz"),
        (["story.yaml", "--engine", "warp"], "no engine is called 'warp'"),
        (["bad.yaml"], "widht"),
    ],
)
def test_what_cannot_be_rendered_is_refused_in_a_sentence(
    tmp_path: Path, log: Path, arguments: list[str], said: str
) -> None:
    write_set(tmp_path / "story.yaml", {"id": "a"})
    write_set(tmp_path / "bad.yaml", {"id": "a", "widht": 64})
    done = ttv("render", *arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    assert renders(log) == []


def test_a_set_from_another_file_takes_a_name_only_with_replace(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    one = write_set(tmp_path / "story.yaml", {"id": "a"})
    other = write_set(tmp_path / "other" / "story.yaml", {"id": "b"})
    assert ttv("add", one, cwd=tmp_path).returncode == 0
    refused = ttv("add", other, cwd=tmp_path)
    assert refused.returncode == 2
    assert "--replace" in refused.stderr
    assert ttv("add", other, "--replace", cwd=tmp_path).returncode == 0
    assert [shot["id"] for shot in ttv_json("plan", "story", cwd=tmp_path)["shots"]] == ["b"]


def test_what_an_engine_prints_is_no_part_of_the_result(tmp_path: Path) -> None:
    file = write_set(tmp_path / "story.yaml", {"id": "a", "params": {"shout": "loading, please wait"}})
    done = ttv("render", file, "--json", cwd=tmp_path)
    assert [shot["status"] for shot in json.loads(done.stdout)["shots"]] == ["rendered"]
    assert done.stderr.count("loading, please wait") == 2


def test_the_engine_of_one_run_is_chosen_on_the_command_line(tmp_path: Path) -> None:
    file = write_set(tmp_path / "story.yaml", {"id": "a"}, width=64, height=48, num_frames=5, fps=8)
    ttv_json("render", file, "--engine", "animatic", cwd=tmp_path)
    plans = {
        engine: ttv_json("plan", file, *option, cwd=tmp_path)["shots"][0]
        for engine, option in (("animatic", ["--engine", "animatic"]), ("noise", []))
    }
    assert (plans["animatic"]["engine"], plans["animatic"]["action"]) == ("animatic", "cached")
    assert (plans["noise"]["engine"], plans["noise"]["action"]) == ("noise", "render")


def test_on_a_full_disk_what_fits_is_rendered_and_the_rest_is_named(tmp_path: Path) -> None:
    large = {"width": 256, "height": 256, "num_frames": 400, "fps": 24}
    file = write_set(tmp_path / "story.yaml", {"id": "a"}, {"id": "huge", **large}, {"id": "b"})
    media = tmp_path / "media"
    media.mkdir()
    command = " ".join([f"TTV_HOME={tmp_path / 'home'}", f"TTV_MEDIA_URL={media}", *TTV, "render", str(file), "--json"])
    done = subprocess.run(
        on_small_disk(media, 160, ["sh", "-c", command]), capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert done.returncode == 1, done.stderr
    document = json.loads(done.stdout)
    assert statuses(document) == {"a": "rendered", "huge": "failed", "b": "rendered"}
    error = document["shots"][1]["error"]
    assert "No space left" in error or "File too large" in error


def test_a_store_that_cannot_be_written_is_said_before_anything_is_rendered(tmp_path: Path, log: Path) -> None:
    file = write_set(tmp_path / "story.yaml", {"id": "a"})
    (tmp_path / "media").write_text("a file where the folder should be")
    done = ttv("render", file, cwd=tmp_path, env={"TTV_MEDIA_URL": str(tmp_path / "media")})
    assert done.returncode == 1
    assert "cannot be written" in done.stderr
    assert renders(log) == []
