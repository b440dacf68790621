"""The commands of `ttv` that render nothing."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.sets import write_set
from tests.support import ttv, ttv_json
from ttv_dagster import __version__


def test_check_says_every_problem_of_a_file(tmp_path: Path) -> None:
    file = write_set(
        tmp_path / "story.yaml",
        {"id": "a", "widht": 64},
        {"id": "b", "seed": "many"},
        {"id": "c", "image": "../../etc/passwd"},
    )
    done = ttv("check", file, cwd=tmp_path)
    assert done.returncode == 2
    for said in ("widht", "did you mean width", "seed", "image"):
        assert said in done.stderr
    assert not (tmp_path / "home").exists()


def test_check_says_what_the_engine_would_refuse(tmp_path: Path) -> None:
    file = write_set(tmp_path / "story.yaml", {"id": "a", "width": 65}, {"id": "b", "params": {"slepe": 1}})
    done = ttv("check", file, cwd=tmp_path)
    assert done.returncode == 2
    assert "64 or 80" in done.stderr
    assert "params.slepe" in done.stderr


def test_check_looks_at_the_images(tmp_path: Path) -> None:
    (tmp_path / "fake.png").write_text("not an image")
    done = ttv("check", write_set(tmp_path / "story.yaml", {"id": "a", "image": "fake.png"}), cwd=tmp_path)
    assert done.returncode == 2
    assert "fake.png" in done.stderr


def test_check_says_when_there_is_no_problem(tmp_path: Path) -> None:
    done = ttv("check", write_set(tmp_path / "story.yaml", {"id": "a"}), cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "no problems, 1 shot" in done.stdout


def test_problems_are_data_with_json(tmp_path: Path) -> None:
    file = write_set(tmp_path / "story.yaml", {"id": "a", "widht": 64})
    document = ttv_json("plan", file, cwd=tmp_path, code=2)
    (problem,) = document["problems"]
    assert problem["file"] == str(file)
    assert problem["shot"] == "a"
    assert problem["field"] == "widht"


def test_a_prompt_reaches_no_interpreter_of_markup(tmp_path: Path) -> None:
    prompt = "[red]not red[/red] $(touch pwned) %s {0} <b> | `id` \\N -vf null"
    file = write_set(tmp_path / "story.yaml", {"id": "a", "prompt": prompt, "widht": 1})
    assert ttv("check", file, cwd=tmp_path).returncode == 2
    write_set(tmp_path / "story.yaml", {"id": "a", "prompt": prompt})
    document = ttv_json("render", file, cwd=tmp_path)
    assert document["shots"][0]["status"] == "rendered"
    assert not (tmp_path / "pwned").exists()


def test_check_does_not_load_dagster(tmp_path: Path) -> None:
    code = (
        "import sys, ttv_dagster.cli.app as cli\n"
        "try: cli.app(['check', sys.argv[1]], standalone_mode=False)\n"
        "finally: assert 'dagster' not in sys.modules"
    )
    file = write_set(tmp_path / "story.yaml", {"id": "a"})
    subprocess.run([sys.executable, "-c", code, str(file)], check=True, capture_output=True)


def test_doctor_says_what_is_wrong_and_how_to_cure_it(tmp_path: Path) -> None:
    well = ttv_json("doctor", cwd=tmp_path)
    assert {finding["state"] for finding in well["findings"]} <= {"ok", "warning"}
    ill = ttv_json("doctor", cwd=tmp_path, env={"TTV_ENGINE": "warp", "TTV_ACCELERATOR": "cuda"}, code=1)
    problems = {finding["name"]: finding["fix"] for finding in ill["findings"] if finding["state"] == "problem"}
    assert set(problems) == {"engine", "gpu", "torch"}
    assert "TTV_ENGINE" in problems["engine"]
    assert ttv("doctor", cwd=tmp_path).returncode == 0


def test_a_setting_that_makes_no_sense_is_named(tmp_path: Path) -> None:
    done = ttv("doctor", cwd=tmp_path, env={"TTV_ACCELERATOR": "warp"})
    assert done.returncode == 2
    assert "TTV_ACCELERATOR" in done.stderr
    assert "cuda" in done.stderr


@pytest.mark.parametrize("option", ["--version", "--help", "--show-completion"])
def test_the_usual_options_are_there(tmp_path: Path, option: str) -> None:
    done = ttv(option, cwd=tmp_path, env={"SHELL": "/bin/bash", "_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"})
    assert done.returncode == 0 or option == "--show-completion"
    if option == "--version":
        assert done.stdout.strip() == f"ttv {__version__}"
    assert "Traceback" not in done.stderr


def test_json_is_the_only_thing_on_stdout(tmp_path: Path) -> None:
    done = ttv("render", write_set(tmp_path / "story.yaml", {"id": "a"}), "--json", cwd=tmp_path)
    assert len(done.stdout.splitlines()) == 1
    assert json.loads(done.stdout)["set"] == "story"
    assert "rendered in" in done.stderr
