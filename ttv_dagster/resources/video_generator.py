"""The engines of this deployment as Dagster configures them."""

from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg

from ttv_dagster.farm.local import LocalFarm


class VideoGenerator(dg.ConfigurableResource["VideoGenerator"]):
    """Which engine renders the shots that name none, and where engines live."""

    engine: str

    @contextmanager
    def farm(self) -> Iterator[LocalFarm]:
        """A farm in this process. Nothing is loaded before the first render; all of it is freed at the end."""
        farm = LocalFarm()
        try:
            yield farm
        finally:
            farm.close()
