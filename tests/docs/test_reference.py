"""The reference pages are what `make reference` writes."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_reference_of_the_command_line_is_current(tmp_path: Path) -> None:
    page = tmp_path / "cli.md"
    command = ["ttv_dagster.cli.app", "utils", "docs", "--name", "ttv", "--title", "ttv", "--output", str(page)]
    typer = Path(sys.executable).parent / "typer"
    subprocess.run([typer, *command], cwd=ROOT, env=os.environ, check=True, capture_output=True)
    assert page.read_text() == (ROOT / "docs" / "reference" / "cli.md").read_text(), "make reference"
