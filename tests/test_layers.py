"""Imports run one way through the package, and the architecture page says the same order."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_every_import_keeps_to_the_contracts() -> None:
    lint = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run([lint, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_architecture_page_draws_the_layers_that_are_enforced() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    (rooms,) = [each for each in project["tool"]["importlinter"]["contracts"] if each["id"] == "rooms"]
    assert rooms["exhaustive"]  # a module in no layer breaks the contract
    page = (ROOT / "docs" / "architecture.md").read_text()
    (drawn,) = re.findall(r"Imports run one way.*?```text\n(.*?)```", page, re.DOTALL)
    assert [re.findall(r"\w+", layer) for layer in drawn.split("→")] == [
        re.findall(r"\w+", layer) for layer in rooms["layers"]
    ]


def test_the_architecture_page_names_every_room_and_only_files_that_exist() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text()
    package = ROOT / "ttv_dagster"
    (tree,) = re.findall(r"```text\nttv_dagster/\n(.*?)```", page, re.DOTALL)
    drawn = {
        name for line in tree.splitlines() for name in re.findall(r"^  ([\w./ ]+?)  ", line) for name in name.split()
    }
    rooms = {f"{path.name}/" for path in package.iterdir() if (path / "__init__.py").exists()}
    assert drawn == rooms | {path.name for path in package.glob("[a-z]*.py")}
    assert [name for name in re.findall(r"`([\w/]+\.py)`", page) if not (package / name).is_file()] == []
