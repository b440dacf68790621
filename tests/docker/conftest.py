from collections.abc import Iterator

import pytest

from tests.docker.engine import Engine
from tests.docker.stack import Stack, build_images


@pytest.fixture(scope="package")
def builds(engine: Engine) -> dict[str, str]:
    """Every image, built; what each build printed."""
    return build_images(engine)


@pytest.fixture(scope="package")
def stack(engine: Engine, builds: dict[str, str]) -> Iterator[Stack]:
    """The whole service."""
    running = Stack(engine)
    try:
        running.up()
        yield running
    finally:
        running.down()
