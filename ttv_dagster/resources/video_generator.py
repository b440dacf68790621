"""The engines of this installation, as assets ask for them."""

from contextlib import AbstractContextManager

from ttv_dagster.engines.deployment import Deployment
from ttv_dagster.farm.protocol import Farm
from ttv_dagster.installation import Installation


class VideoGenerator:
    """Renders with the engines of an installation. It takes no configuration of a run.

    Args:
        installation: Its engines and models.
    """

    def __init__(self, installation: Installation) -> None:
        self._installation = installation

    @property
    def deployment(self) -> Deployment:
        """What engines and plans may know of the installation.

        Raises:
            CatalogError: The installation's file of own models is wrong.
        """
        return self._installation.deployment

    def farm(self) -> AbstractContextManager[Farm]:
        """Open the farm. Nothing is loaded before the first render; all of it is freed at the end."""
        return self._installation.farm()
