import json
from pathlib import Path

from tests.cli.sets import write_set
from tests.support import ttv


def test_every_line_of_a_run_names_its_run_and_set_and_those_of_a_shot_the_shot(tmp_path: Path) -> None:
    file = write_set(tmp_path / "story.yaml", {"id": "a"}, {"id": "b", "params": {"fail_at": 0}})
    log = tmp_path / "runs.jsonl"
    done = ttv("render", file, cwd=tmp_path, env={"TTV_JSON_LOG_FILE": str(log)})
    assert done.returncode == 1, done.stderr
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert len({line["run"] for line in lines}) == 1
    assert {line["set"] for line in lines} == {"story"}
    assert {line["shot"] for line in lines} == {None, "a", "b"}
    (failed,) = (line for line in lines if line["level"] == "ERROR" and line["shot"])
    assert failed["shot"] == "b"
    assert "the engine gave up" in failed["message"]
    assert set(failed) == {"time", "level", "run", "job", "step", "set", "shot", "message"}


def test_no_file_is_written_unless_it_is_named(tmp_path: Path) -> None:
    ttv("render", write_set(tmp_path / "story.yaml", {"id": "a"}), cwd=tmp_path)
    assert list(tmp_path.glob("*.jsonl")) == []
