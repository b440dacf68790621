from collections.abc import Iterator

import pytest

from tests.docker.engine import Engine
from tests.docker.stack import Stack, build_images


@pytest.fixture(scope="package")
def builds(engine: Engine) -> dict[str, str]:
    """Every image, built; what each build printed."""
    return build_images(engine)


@pytest.fixture(scope="package")
def stack(engine: Engine, builds: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The whole service."""
    running = Stack(engine, tmp_path_factory.mktemp("inbox"))
    try:
        running.up()
        yield running
    finally:
        running.down()
