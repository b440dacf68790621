"""The hub that the tests of this folder share."""

from collections.abc import Iterator

import pytest

from tests.weights.hub import HubServer, serve


@pytest.fixture(scope="session")
def shared_hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HubServer]:
    with serve(tmp_path_factory.mktemp("hub")) as hub:
        yield hub


@pytest.fixture
def hub(shared_hub: HubServer) -> HubServer:
    shared_hub.forget()
    return shared_hub
