"""The installed wheel works without its source tree."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.cli.sets import write_set

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    build = "import sys; from hatchling.build import build_wheel; print(build_wheel(sys.argv[1]))"
    subprocess.run([sys.executable, "-c", build, str(folder)], cwd=ROOT, check=True, capture_output=True)
    return next(folder.glob("*.whl"))


def test_the_wheel_carries_the_settings_of_dagster_and_nothing_of_the_tests(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert {"ttv_dagster/dagster.yaml", "ttv_dagster/workspace.yaml", "ttv_dagster/py.typed"} <= set(names)
    assert {name.split("/")[0].split("-")[0] for name in names} == {"ttv_dagster"}


def test_a_set_renders_from_the_wheel_with_its_dagster_yaml(wheel: Path, tmp_path: Path) -> None:
    installed = tmp_path / "installed"
    zipfile.ZipFile(wheel).extractall(installed)
    write_set(tmp_path / "story.yaml", {"id": "a"})
    paths = [str(installed), os.environ["PYTHONPATH"]]
    code = (
        "import sys, ttv_dagster, ttv_dagster.cli as cli\n"
        "assert 'installed' in ttv_dagster.__file__\n"
        "sys.argv = ['ttv', 'render', 'story.yaml', '--json']; cli.main()"
    )
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "TTV_HOME": str(tmp_path / "home")}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "home" / "dagster" / "dagster.yaml").read_text() == (ROOT / "dagster.yaml").read_text()
