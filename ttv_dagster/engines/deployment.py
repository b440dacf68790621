"""What an installation decided for its engines: written down, and never probed."""

from dataclasses import dataclass, field
from typing import Self

from ttv_dagster.settings import DiffusersOptions, FastVideoOptions, Settings
from ttv_dagster.weights.catalog import MODELS, Catalog, read_catalog
from ttv_dagster.weights.lock import WeightsLock


@dataclass(frozen=True, slots=True)
class Deployment:
    """What engines and plans may know of the installation.

    Attributes:
        lock_url: Folder or fsspec URL of `weights.lock`.
        engine: The engine of shots that name none.
        text_model: The model of shots without an image that name none; empty for the engine's own choice.
        image_model: The model of shots with an image that name none; empty for the engine's own choice.
        accelerator: `cuda` where renders have a GPU, `none` where they have none.
        vram_gb: Memory of each GPU in GB (10^9 bytes); None if it is not known.
        retry_low_memory: A render that ran out of memory is tried once more in the engine's low-memory mode.
        fastvideo: How FastVideo runs here.
        diffusers: How the pipelines of diffusers run here.
        catalog: The models that are known here.
    """

    lock_url: str
    engine: str = "animatic"
    text_model: str = ""
    image_model: str = ""
    accelerator: str = "none"
    vram_gb: float | None = None
    retry_low_memory: bool = True
    fastvideo: FastVideoOptions = field(default_factory=FastVideoOptions)
    diffusers: DiffusersOptions = field(default_factory=DiffusersOptions)
    catalog: Catalog = field(default_factory=lambda: Catalog(MODELS))

    @property
    def lock(self) -> WeightsLock:
        """The pinned commits."""
        return WeightsLock(self.lock_url)

    def require_gpu(self, there: bool) -> None:
        """Refuse to render on the CPU, for hours, what was meant for a GPU.

        Args:
            there: Whether this process has found a GPU.

        Raises:
            RuntimeError: It has not, and the installation says that renders have one.
        """
        if self.accelerator == "cuda" and not there:
            raise RuntimeError(
                "TTV_ACCELERATOR is cuda, and torch finds no GPU here: `ttv selftest` says why; a container needs "
                "--gpus all; TTV_ACCELERATOR=none renders on the CPU"
            )

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """The deployment that the settings of an installation describe.

        Raises:
            CatalogError: Its file of own models is wrong.
        """
        return cls(
            lock_url=settings.weights_lock,
            engine=settings.engine,
            text_model=settings.text_model,
            image_model=settings.image_model,
            accelerator=settings.accelerator,
            vram_gb=settings.vram_gb,
            retry_low_memory=settings.retry_low_memory,
            fastvideo=settings.fastvideo,
            diffusers=settings.diffusers,
            catalog=read_catalog(settings.models_file),
        )
