"""How much work `ttv render FILE` does around its run."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import ttv_dagster.definitions
import ttv_dagster.installation
import ttv_dagster.runs.render_set
from tests.cli.sets import write_set
from ttv_dagster.cli.app import app
from ttv_dagster.library.library import Library


def test_a_render_plans_once_prepares_the_home_once_and_builds_the_definitions_once(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: Counter[str] = Counter()

    def count(owner: Any, name: str) -> None:
        called: Callable[..., Any] = getattr(owner, name)

        def counted(*arguments: Any, **options: Any) -> Any:
            calls[name] += 1
            return called(*arguments, **options)

        monkeypatch.setattr(owner, name, counted)

    count(ttv_dagster.installation, "plan_set")
    count(ttv_dagster.runs.render_set, "prepare_home")
    count(ttv_dagster.definitions, "make_definitions")
    count(Library, "read")
    file = write_set(tmp_path / "story.yaml", {"id": "a"}, {"id": "b"})
    for shots in ([], ["--shots", "a"]):
        calls.clear()
        done = CliRunner().invoke(app, ["render", str(file), "--json", *shots])
        assert done.exit_code == 0, done.output
        assert calls == {"plan_set": 1, "prepare_home": 1, "make_definitions": 1, "read": 1}
