"""What the tests share: the plugin engine, a home of their own, and no skipping."""

import os
import signal
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
from hypothesis import settings

from tests.docker.engine import Engine

# A shell that starts the tests in the background has them ignore the interrupt, and so would all that they start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

PLUGINS = Path(__file__).parent / "plugins"
# Before anything asks for entry points: the engine is found as an installed one is.
sys.path.insert(0, str(PLUGINS))
# Other processes do this at their start (tests/plugins/sitecustomize.py).
import_module("ttv_test_platform").install()

for _name in [name for name in os.environ if name.startswith(("TTV_", "DAGSTER_"))]:
    del os.environ[_name]
os.environ["PYTHONPATH"] = os.pathsep.join([str(PLUGINS), *filter(None, [os.environ.get("PYTHONPATH")])])

# A deadline would assert how long an example takes.
settings.register_profile("ttv", deadline=None)
settings.load_profile("ttv")

# What takes more than a few seconds, because it starts processes or loads models. `make test-fast` leaves it out.
SLOW = (
    "assets",
    "automation",
    "benchmarks",
    "cli",
    "diagnostics/test_selftest.py",
    "docs/test_snippets.py",
    "engines/diffusers",
    "engines/fastvideo",
    "launching",
    "observability",
    "test_requirements.py",
    "test_wheel.py",
    "ui",
    "weights/test_asset.py",
    "weights/test_commands.py",
    "weights/test_pull.py",
    "weights/test_random_wan.py",
    "weights/test_rendering.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of the slow folders and files."""
    slow = [Path(__file__).parent / each for each in SLOW]
    for item in items:
        if any(item.path.is_relative_to(each) for each in slow):
            item.add_marker(pytest.mark.slow)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of the test's own, with the working folder beside it."""
    folder = tmp_path / "home"
    monkeypatch.setenv("TTV_HOME", str(folder))
    monkeypatch.setenv("DAGSTER_HOME", str(folder / "dagster"))
    monkeypatch.chdir(tmp_path)
    return folder


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    """One Docker engine for all tests that want one."""
    running = Engine()
    try:
        yield running
    finally:
        running.stop()


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """A skipped test proves nothing, so a run that skips fails."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if exitstatus == 0 and reporter is not None and reporter.stats.get("skipped"):
        session.exitstatus = 1
