"""What an installation decided for its engines: written down, and never probed."""

from dataclasses import dataclass, field
from typing import Self

from ttv_dagster.settings import DiffusersOptions, FastVideoOptions, Settings
from ttv_dagster.weights.catalog import MODELS, Catalogue, read_catalogue
from ttv_dagster.weights.lock import WeightsLock


@dataclass(frozen=True, slots=True)
class Deployment:
    """What engines and plans may know of the installation.

    Attributes:
        lock_url: Folder or fsspec URL of `weights.lock`.
        engine: The engine of shots that name none.
        model: The model of shots without a picture that name none; empty for the engine's own choice.
        picture_model: The model of shots with a picture that name none; empty for the engine's own choice.
        accelerator: `cuda` where renders have a card, `none` where they have none.
        vram_gb: Memory of each card in GB (10^9 bytes); None where nobody wrote it down.
        retry_thrifty: A render that ran out of memory is tried once more in the engine's thrifty mode.
        fastvideo: How FastVideo runs here.
        diffusers: How the pipelines of diffusers run here.
        catalogue: The models that are known here.
    """

    lock_url: str
    engine: str = "animatic"
    model: str = ""
    picture_model: str = ""
    accelerator: str = "none"
    vram_gb: float | None = None
    retry_thrifty: bool = True
    fastvideo: FastVideoOptions = field(default_factory=FastVideoOptions)
    diffusers: DiffusersOptions = field(default_factory=DiffusersOptions)
    catalogue: Catalogue = field(default_factory=lambda: Catalogue(MODELS))

    @property
    def lock(self) -> WeightsLock:
        """The pinned commits."""
        return WeightsLock(self.lock_url)

    def require_card(self, there: bool) -> None:
        """Refuse to render on the CPU, for hours, what was meant for a card.

        Args:
            there: Whether this process has found a card.

        Raises:
            RuntimeError: It has not, and the installation says that renders have one.
        """
        if self.accelerator == "cuda" and not there:
            raise RuntimeError(
                "TTV_ACCELERATOR is cuda, and torch finds no card here: `ttv selftest` says why; a container needs "
                "--gpus all; TTV_ACCELERATOR=none renders on the CPU"
            )

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """The deployment that the settings of an installation describe.

        Raises:
            CatalogueError: Its file of own models is wrong.
        """
        return cls(
            lock_url=settings.weights_lock,
            engine=settings.engine,
            model=settings.model,
            picture_model=settings.picture_model,
            accelerator=settings.accelerator,
            vram_gb=settings.vram_gb,
            retry_thrifty=settings.retry_thrifty,
            fastvideo=settings.fastvideo,
            diffusers=settings.diffusers,
            catalogue=read_catalogue(settings.models_file),
        )
