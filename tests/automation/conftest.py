"""Installations whose sensors and schedules tests tick, and a hub for those that wait for weights."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.automation.installation import Installation
from tests.weights.conftest import hub, shared_hub, studio
from ttv_dagster.runs.home import open_instance, prepare_home
from ttv_dagster.settings import Settings

__all__ = ["hub", "installation", "shared_hub", "studio"]


@pytest.fixture
def installation(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Installation]]:
    """Makes an installation of the noise engine with the given settings, on one Dagster instance of the test's own."""
    monkeypatch.setenv("TTV_TEST_RENDERS", str(tmp_path / "renders.jsonl"))
    prepare_home(Settings())
    with open_instance(Settings()) as instance:
        yield lambda **settings: Installation(tmp_path, instance, Settings(engine="noise", **settings))
