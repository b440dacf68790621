"""The hub that the tests of this folder share, and installations that pull from it."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.weights.hub import HubServer, serve
from tests.weights.studio import PullStudio


@pytest.fixture(scope="session")
def shared_hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HubServer]:
    with serve(tmp_path_factory.mktemp("hub")) as hub:
        yield hub


@pytest.fixture
def hub(shared_hub: HubServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> HubServer:
    """The hub with nothing wrong, and nobody with a token."""
    shared_hub.forget()
    for name in [name for name in os.environ if name.startswith("HF_")]:
        monkeypatch.delenv(name)
    monkeypatch.setattr("huggingface_hub.constants.HF_TOKEN_PATH", str(tmp_path / "no token"))
    return shared_hub


@pytest.fixture
def studio(hub: HubServer, tmp_path: Path) -> PullStudio:
    """An installation that has pulled nothing."""
    return PullStudio(tmp_path, hub)
