"""A setting is defined in one place; the files that name it are generated."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
FILES = (".env.example", "docker-compose.yml", "deploy/dagster.yaml", "docs/reference/settings.md")


def generate(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "tools/generate.py", *arguments],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_generated_files_are_current() -> None:
    done = generate(ROOT, "--check")
    assert done.returncode == 0, done.stderr


def test_adding_a_setting_touches_its_definition_and_nothing_else(tmp_path: Path) -> None:
    skipped = shutil.ignore_patterns("__pycache__")
    for folder in ("ttv_dagster", "tools"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=skipped)
    for name in FILES:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, tmp_path / name)
    settings = tmp_path / "ttv_dagster" / "settings.py"
    first = "    library_url: "
    text = settings.read_text()
    assert first in text
    settings.write_text(
        text.replace(first, f'    color_mood: str = Field("warm", description="The mood.")\n{first}', 1)
    )

    stale = generate(tmp_path, "--check")
    assert stale.returncode == 1
    assert [line.split()[0] for line in stale.stderr.splitlines()] == [FILES[3], *FILES[:3]]
    assert generate(tmp_path).returncode == 0
    assert generate(tmp_path, "--check").returncode == 0
    for name in FILES:
        assert "TTV_COLOR_MOOD" in (tmp_path / name).read_text(), name
    assert "| `TTV_COLOR_MOOD` | `color_mood` | `warm` | The mood. |" in (tmp_path / FILES[3]).read_text()
