"""One installation, wired from its settings: where stores, catalog, engines and farm are put together."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property

from ttv_dagster.engines.deployment import Deployment
from ttv_dagster.farm.local import LocalFarm
from ttv_dagster.farm.protocol import Farm
from ttv_dagster.library.library import Library
from ttv_dagster.planning.actions import Action, plan_actions
from ttv_dagster.planning.freshness import FilmInspector
from ttv_dagster.planning.models import models_to_render
from ttv_dagster.planning.resolve import plan_set
from ttv_dagster.renders.manifest import ManifestRow
from ttv_dagster.renders.tables import CLIPS
from ttv_dagster.settings import Settings
from ttv_dagster.shots.plan import PlannedShot
from ttv_dagster.shots.shot import PromptSet
from ttv_dagster.storage.locks import Locks
from ttv_dagster.storage.store import Store
from ttv_dagster.storage.tables import Tables
from ttv_dagster.weights.catalog import Catalog
from ttv_dagster.weights.lock import WeightsLock
from ttv_dagster.weights.model import Model
from ttv_dagster.weights.state import missing


class Installation:
    """What commands, assets, sensors and tests ask for the parts of an installation; each is made once, when asked for.

    Args:
        settings: What the installation is.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    @cached_property
    def library(self) -> Library:
        """The prompt sets and their images."""
        return Library(url=self.settings.library)

    @cached_property
    def store(self) -> Store:
        """The media store."""
        return Store(self.settings.media)

    @cached_property
    def tables(self) -> Tables:
        """The tables of the assets."""
        return Tables(url=self.settings.tables)

    @cached_property
    def locks(self) -> Locks:
        """The locks of this machine."""
        return Locks(self.settings.locks)

    @cached_property
    def deployment(self) -> Deployment:
        """What engines and plans may know of the installation.

        Raises:
            CatalogError: The file of own models is wrong.
        """
        return Deployment.of(self.settings)

    @property
    def catalog(self) -> Catalog:
        """The models that are known here.

        Raises:
            CatalogError: The file of own models is wrong.
        """
        return self.deployment.catalog

    @property
    def lock(self) -> WeightsLock:
        """The pinned commits."""
        return self.deployment.lock

    def plan(self, prompt_set: PromptSet, *, file: str, override: str | None = None) -> list[PlannedShot]:
        """Make every choice of a prompt set.

        Args:
            prompt_set: The set.
            file: What its problems are reported under.
            override: The engine of every shot, whatever the set says.

        Raises:
            PromptSetError: It asks for what cannot be done.
        """
        return plan_set(prompt_set, file=file, deployment=self.deployment, override=override)

    def actions(self, prompt_set: str, planned: Sequence[PlannedShot]) -> list[Action]:
        """Say what a render would do with each shot of a set."""
        return plan_actions(planned, store=self.store, before=self.manifest(prompt_set), catalog=self.catalog)

    def manifest(self, prompt_set: str) -> list[ManifestRow]:
        """Return what became of each shot of a set at its last render; nothing if it was never rendered."""
        return CLIPS.read(self.tables, prompt_set)

    def missing_weights(self, planned: Iterable[PlannedShot]) -> list[Model]:
        """Return the models that a render of these shots would load and that this machine lacks."""
        return missing(models_to_render(planned, self.deployment, self.store), self.lock.read())

    @cached_property
    def films(self) -> FilmInspector:
        """What knows which films are fresh."""
        return FilmInspector(self.library, self.tables, self.store, self.deployment)

    @contextmanager
    def farm(self) -> Iterator[Farm]:
        """Open the farm of this machine. Nothing is loaded before the first render; all of it is freed at the end."""
        farm = LocalFarm(self.deployment, self.store, self.locks)
        try:
            yield farm
        finally:
            farm.close()
