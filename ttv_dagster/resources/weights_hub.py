"""Where weights come from and where they are pinned, as Dagster configures it."""

from collections.abc import Callable
from pathlib import Path
from typing import Self

import dagster as dg

from ttv_dagster.settings import Settings
from ttv_dagster.weights.catalog import Catalog, read_catalog
from ttv_dagster.weights.hub import Hub
from ttv_dagster.weights.lock import WeightsLock
from ttv_dagster.weights.pulling import OnProgress, Pulled, pull
from ttv_dagster.weights.state import is_pulled, verify


class WeightsHub(dg.ConfigurableResource["WeightsHub"]):
    """Pulls the weights of this installation's models.

    Address, cache and token of the Hub are the environment's: `HF_ENDPOINT`, `HF_HOME`, `HF_TOKEN`, `HF_HUB_OFFLINE`.
    """

    weights_lock: str
    models_file: str | None

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """The weights hub that the settings of an installation describe."""
        return cls(
            weights_lock=settings.weights_lock,
            models_file=str(settings.models_file) if settings.models_file else None,
        )

    @property
    def catalog(self) -> Catalog:
        """The models that are known here.

        Raises:
            CatalogError: The installation's file of own models is wrong.
        """
        return read_catalog(Path(self.models_file) if self.models_file else None)

    @property
    def lock(self) -> WeightsLock:
        """The pinned commits."""
        return WeightsLock(self.weights_lock)

    def pull(self, model: str, *, on_progress: OnProgress, say: Callable[[str], None]) -> Pulled:
        """Bring a model's weights onto this machine, at the commits that are pinned.

        Raises:
            ValueError: There is no such model.
            PullError: It could not be done.
        """
        return pull(self.catalog[model], lock=self.lock, hub=Hub(), on_progress=on_progress, say=say)

    def pulled(self) -> list[str]:
        """The models that are pinned, and whole on this machine."""
        pins = self.lock.read()
        return [model.id for model in self.catalog if is_pulled(model, pins)]

    def verify(self, model: str) -> list[str]:
        """What is wrong with a pulled model, file by file, after every byte was read.

        Raises:
            ValueError: There is no such model.
        """
        return verify(self.catalog[model], self.lock.read())
