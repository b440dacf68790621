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
