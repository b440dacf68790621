from collections.abc import Iterator

import pytest

from tests.docker.engine import Engine
from tests.launching.service import LaunchingService


@pytest.fixture(scope="package")
def service(tmp_path_factory: pytest.TempPathFactory, engine: Engine) -> Iterator[LaunchingService]:
    """One running service for all tests of this folder."""
    running = LaunchingService(tmp_path_factory.mktemp("launching"), engine)
    running.start()
    try:
        yield running
    finally:
        running.stop()
