"""The engines of this deployment as Dagster configures them."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

import dagster as dg

from ttv_dagster.engines.deployment import Deployment
from ttv_dagster.farm.local import LocalFarm
from ttv_dagster.farm.protocol import Farm
from ttv_dagster.settings import DiffusersOptions, FastVideoOptions, Settings
from ttv_dagster.storage.locks import Locks
from ttv_dagster.storage.store import Store
from ttv_dagster.weights.catalog import read_catalog


class FastVideo(FastVideoOptions, dg.ConfigurableResource["FastVideo"]):
    """How FastVideo's generator runs."""


class Diffusers(DiffusersOptions, dg.ConfigurableResource["Diffusers"]):
    """How the pipelines of diffusers run."""


class VideoGenerator(dg.ConfigurableResource["VideoGenerator"]):
    """Which engine and models render the shots that name none, how they run, and where engines live."""

    engine: str
    text_model: str
    image_model: str
    models_file: str | None
    weights_lock: str
    accelerator: str
    vram_gb: float | None
    retry_low_memory: bool
    fastvideo: FastVideo
    diffusers: Diffusers

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """The video generator that the settings of an installation describe."""
        return cls(
            engine=settings.engine,
            text_model=settings.text_model,
            image_model=settings.image_model,
            models_file=str(settings.models_file) if settings.models_file else None,
            weights_lock=settings.weights_lock,
            accelerator=settings.accelerator,
            vram_gb=settings.vram_gb,
            retry_low_memory=settings.retry_low_memory,
            fastvideo=FastVideo(**settings.fastvideo.model_dump()),
            diffusers=Diffusers(**settings.diffusers.model_dump()),
        )

    @property
    def deployment(self) -> Deployment:
        """What engines and plans may know of the installation.

        Raises:
            CatalogError: The installation's file of own models is wrong.
        """
        return Deployment(
            lock_url=self.weights_lock,
            engine=self.engine,
            text_model=self.text_model,
            image_model=self.image_model,
            accelerator=self.accelerator,
            vram_gb=self.vram_gb,
            retry_low_memory=self.retry_low_memory,
            fastvideo=self.fastvideo,
            diffusers=self.diffusers,
            catalog=read_catalog(Path(self.models_file) if self.models_file else None),
        )

    @contextmanager
    def farm(self, store: Store, locks: Locks) -> Iterator[Farm]:
        """Open the farm. Nothing is loaded before the first render; all of it is freed at the end."""
        farm = LocalFarm(self.deployment, store, locks)
        try:
            yield farm
        finally:
            farm.close()
