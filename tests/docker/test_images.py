"""What the Dockerfile builds."""

import json
import subprocess
import time
from pathlib import Path

import pytest
from PIL import Image

from tests.docker.engine import DOCKER, Engine
from tests.docker.stack import ROOT, build_cpu_image, build_images, image
from ttv_dagster.media.decode import probe

pytestmark = pytest.mark.docker


def test_a_second_build_comes_from_the_cache(engine: Engine, builds: dict[str, str]) -> None:
    begun = time.monotonic()
    again = build_images(engine)
    assert time.monotonic() - begun < 30
    for target in ("app", "render"):
        steps = [line for line in again[target].splitlines() if "RUN" in line or "COPY" in line]
        cached = again[target].count("CACHED")
        assert cached >= len(steps) - 1


@pytest.mark.parametrize("target", ["app", "render"])
def test_an_image_is_run_by_a_user_of_its_own_and_says_what_it_is(
    engine: Engine, builds: dict[str, str], target: str
) -> None:
    config = json.loads(engine.docker("image", "inspect", image(target)))[0]["Config"]
    assert config["User"] == "1000"
    assert config["Entrypoint"] == ["tini", "--"]
    assert config["Labels"]["org.opencontainers.image.title"] == f"ttv_dagster {target}"
    assert config["Labels"]["org.opencontainers.image.licenses"] == "Apache-2.0"
    assert "DAGSTER_CURRENT_IMAGE" not in str(config["Env"])


def test_the_app_image_has_no_torch(engine: Engine, builds: dict[str, str]) -> None:
    code = "import importlib.util as u; print([m for m in ('torch', 'diffusers', 'fastvideo') if u.find_spec(m)])"
    assert engine.docker("run", "--rm", image("app"), "python", "-c", code).strip() == "[]"


def test_both_images_have_the_package_and_their_home_at_the_same_paths(engine: Engine, builds: dict[str, str]) -> None:
    code = "import ttv_dagster, os; print(ttv_dagster.__file__, os.environ['DAGSTER_HOME'], os.environ['TTV_HOME'])"
    found = {target: engine.docker("run", "--rm", image(target), "python", "-c", code) for target in ("app", "render")}
    assert found["app"] == found["render"]


@pytest.mark.parametrize("tool", ["curl", "git", "gcc", "htop", "nvtop", "tree"])
def test_the_render_image_has_the_tools_of_its_trade(engine: Engine, builds: dict[str, str], tool: str) -> None:
    assert engine.docker("run", "--rm", image("render"), "which", tool).strip().endswith(tool)


def test_one_shot_is_rendered_from_a_mounted_image_to_a_mounted_folder(
    engine: Engine, builds: dict[str, str], tmp_path: Path
) -> None:
    for name in ("inputs", "outputs"):
        (tmp_path / name).mkdir()
        (tmp_path / name).chmod(0o777)
    tmp_path.chmod(0o755)
    Image.new("RGB", (96, 64), (30, 90, 200)).save(tmp_path / "inputs" / "avatar.png")
    mounts = [f"--volume={tmp_path}/inputs:/workspace/inputs:ro", f"--volume={tmp_path}/outputs:/workspace/outputs"]
    shot = ["--image", "inputs/avatar.png", "--prompt", "gentle nods", "--output", "outputs/video.mp4"]
    size = ["--width", "96", "--height", "64", "--num-frames", "9", "--engine", "animatic"]
    engine.docker("run", "--rm", *mounts, image("render"), "ttv", "shot", *shot, *size)
    found = probe(tmp_path / "outputs" / "video.mp4")
    assert (found.width, found.height) == (96, 64)


def test_without_a_command_the_render_image_tests_itself(engine: Engine, builds: dict[str, str]) -> None:
    run = [DOCKER, "-H", engine.host, "run", "--rm", image("render")]
    done = subprocess.run(run, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "FastVideo is not installed" in done.stdout


def test_fastvideo_and_its_workers_run_in_the_render_image(engine: Engine, builds: dict[str, str]) -> None:
    cpu = build_cpu_image(engine)
    plugins = ROOT / "tests" / "plugins"
    options = ["--volume", f"{plugins}:/opt/ttv/source:ro", "--shm-size", "1g", "--env", "OMP_NUM_THREADS=1"]
    said = engine.docker("run", "--rm", *options, cpu, "ttv", "selftest", "--json")
    assert json.loads(said)["failure"] is None
    assert "render a tiny clip" in [step["name"] for step in json.loads(said)["steps"]]


def test_a_file_is_rendered_without_any_service(engine: Engine, builds: dict[str, str], tmp_path: Path) -> None:
    tmp_path.chmod(0o777)
    mount = ["--volume", f"{tmp_path}:/var/lib/ttv/media"]
    engine.docker("run", "--rm", *mount, image("render"), "ttv", "render", "examples/lighthouse.yaml")
    assert len(list(tmp_path.glob("films/*.mp4"))) == 1
