"""The engine or keyframe generator that is loaded now."""

from ttv_dagster.engines.deployment import Deployment
from ttv_dagster.engines.protocol import Engine, KeyframeGenerator
from ttv_dagster.engines.registry import open_engine, open_keyframe_generator
from ttv_dagster.farm.engine_process import EngineProcess
from ttv_dagster.shots.recipe import KeyframeRecipe, Recipe


class LoadedEngine:
    """Keeps what was asked for last, and frees it before something else loads: two models seldom fit on one GPU.

    What needs a process gets a child process of its own.

    Args:
        deployment: What the engines may know of the installation.
    """

    def __init__(self, deployment: Deployment) -> None:
        self._deployment = deployment
        self._engine: Engine | EngineProcess | None = None
        self._generator: KeyframeGenerator | EngineProcess | None = None
        self._loaded: tuple[str, str | None] | None = None

    def engine(self, recipe: Recipe) -> Engine | EngineProcess:
        """Return the engine of the recipe.

        Raises:
            RuntimeError: It does not have the version that the recipe was planned for.
        """
        name, wanted = recipe.engine, (recipe.engine, recipe.model)
        opened = open_engine(name, self._deployment)
        _require_version(name, opened.version, recipe.engine_version, "shot")
        if self._engine is None or self._loaded != wanted:
            self.close()
            self._loaded = wanted
            self._engine = EngineProcess("engine", name, self._deployment) if opened.needs_process else opened
        return self._engine

    def loaded_process(self, recipe: Recipe) -> EngineProcess | None:
        """Return the child process that is loaded for the recipe; None if there is none."""
        if isinstance(self._engine, EngineProcess) and self._loaded == (recipe.engine, recipe.model):
            return self._engine
        return None

    def generator(self, recipe: KeyframeRecipe) -> KeyframeGenerator | EngineProcess:
        """Return the keyframe generator of the recipe.

        Raises:
            RuntimeError: It does not have the version that the recipe was planned for.
        """
        name, wanted = recipe.generator, (recipe.generator, recipe.model)
        opened = open_keyframe_generator(name, self._deployment)
        _require_version(name, opened.version, recipe.generator_version, "keyframe")
        if self._generator is None or self._loaded != wanted:
            self.close()
            self._loaded = wanted
            process = opened.needs_process
            self._generator = EngineProcess("keyframe_generator", name, self._deployment) if process else opened
        return self._generator

    def close(self) -> None:
        """Free it."""
        for loaded in (self._engine, self._generator):
            if loaded is not None:
                loaded.close()
        self._engine = self._generator = self._loaded = None


def _require_version(name: str, here: str, planned: str, what: str) -> None:
    if here != planned:
        raise RuntimeError(
            f"this process has {name} version {here}, and the {what} was planned for version {planned}: "
            "materialize prompt_sets again"
        )
