from collections.abc import Iterator

import pytest

from tests.ui.service import Service


@pytest.fixture(scope="package")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """One `ttv ui` for all tests of this folder."""
    running = Service(tmp_path_factory.mktemp("studio"))
    try:
        running.wait()
        yield running
    finally:
        running.stop()
