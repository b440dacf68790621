"""The lock files are what `make lock` writes, and can be installed where they are for."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
UV = Path(sys.executable).parent / "uv"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The project's requirements, to be locked again."""
    for name in ("pyproject.toml", "README.md", "LICENSE", "Makefile"):
        shutil.copy(ROOT / name, tmp_path / name)
    shutil.copytree(ROOT / "requirements", tmp_path / "requirements")
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv" / ".created").touch()
    return tmp_path


def test_the_locks_are_in_step_with_the_project(copy: Path) -> None:
    subprocess.run(["make", "lock", f"BIN={UV.parent}"], cwd=copy, check=True, capture_output=True, timeout=300)
    for name in ("base", "dev", "docker", "gpu"):
        now, locked = ((folder / "requirements" / f"{name}.txt").read_text() for folder in (copy, ROOT))
        assert now == locked, f"requirements/{name}.txt is out of step with pyproject.toml: make lock"


def test_the_gpu_lock_installs_on_linux_with_python_3_12(tmp_path: Path) -> None:
    where = ["--python-version", "3.12", "--python-platform", "x86_64-manylinux_2_28", "--target", str(tmp_path)]
    lock = ["--require-hashes", "--requirements", str(ROOT / "requirements" / "gpu.txt")]
    done = subprocess.run(
        [str(UV), "pip", "install", "--dry-run", *where, *lock],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    would = set(re.findall(r"^ \+ (\S+==\S+)", done.stderr + done.stdout, re.MULTILINE))
    assert {"fastvideo==0.2.1", "torch==2.12.0", "numpy==1.26.4"} <= would
    assert any(each.startswith("fastvideo-kernel==") for each in would)
    # The render image has what it takes to be one of the service's.
    assert any(each.startswith("dagster-postgres==") for each in would)


def test_no_lock_takes_numpy_2() -> None:
    for lock in (ROOT / "requirements").glob("*.txt"):
        found = re.findall(r"^numpy==(\d+)", lock.read_text(), re.MULTILINE)
        assert found == ["1"], lock.name
