"""Where weights come from and where they are pinned, as assets ask for it."""

from collections.abc import Callable

from ttv_dagster.installation import Installation
from ttv_dagster.weights.catalog import Catalog
from ttv_dagster.weights.hub import Hub
from ttv_dagster.weights.pulling import OnProgress, Pulled, pull
from ttv_dagster.weights.state import is_pulled, verify


class WeightsHub:
    """Pulls the weights of an installation's models. It takes no configuration of a run.

    Address, cache and token of the Hub are the environment's: `HF_ENDPOINT`, `HF_HOME`, `HF_TOKEN`, `HF_HUB_OFFLINE`.

    Args:
        installation: Its catalog and its lock.
    """

    def __init__(self, installation: Installation) -> None:
        self._installation = installation

    @property
    def catalog(self) -> Catalog:
        """The models that are known here.

        Raises:
            CatalogError: The installation's file of own models is wrong.
        """
        return self._installation.catalog

    def pull(self, model: str, *, on_progress: OnProgress, say: Callable[[str], None]) -> Pulled:
        """Bring a model's weights onto this machine, at the commits that are pinned.

        Raises:
            ValueError: There is no such model.
            PullError: It could not be done.
        """
        return pull(self.catalog[model], lock=self._installation.lock, hub=Hub(), on_progress=on_progress, say=say)

    def pulled(self) -> list[str]:
        """The models that are pinned, and whole on this machine."""
        pins = self._installation.lock.read()
        return [model.id for model in self.catalog if is_pulled(model, pins)]

    def verify(self, model: str) -> list[str]:
        """What is wrong with a pulled model, file by file, after every byte was read.

        Raises:
            ValueError: There is no such model.
        """
        return verify(self.catalog[model], self._installation.lock.read())
