"""The farm on this machine: engines loaded once, one at a time."""

from collections.abc import Generator, Iterator, Sequence
from typing import Any

from ttv_dagster.engines.deployment import Deployment
from ttv_dagster.engines.protocol import Engine, Frame, Frames, KeyframeGenerator, OnProgress
from ttv_dagster.engines.registry import open_engine, open_keyframe_generator
from ttv_dagster.farm.engine_process import EngineProcess
from ttv_dagster.shots.recipe import KeyframeRecipe, Recipe


class LocalFarm:
    """Keeps the engine that was asked for last, loaded; frees it before another one loads.

    Two models seldom fit on one GPU, and the shots of a set are rendered engine by engine.

    Args:
        deployment: What the engines may know of the installation.
    """

    def __init__(self, deployment: Deployment) -> None:
        self._deployment = deployment
        self._engine: Engine | EngineProcess | None = None
        self._engine_of: tuple[str, str | None] | None = None
        self._generator: KeyframeGenerator | EngineProcess | None = None
        self._generator_of: tuple[str, str | None] | None = None

    def render(
        self,
        recipe: Recipe,
        *,
        first_frame: Frame | None,
        last_frame: Frame | None,
        on_progress: OnProgress,
    ) -> Generator[Frames, None, None]:
        """Render a recipe, as `Engine.render` says.

        Raises:
            RuntimeError: The engine here is not of the version that the recipe was made for.
        """
        engine = open_engine(recipe.engine, self._deployment)
        if engine.version != recipe.engine_version:
            raise RuntimeError(
                f"this process has {recipe.engine} version {engine.version}, and the shot was planned for "
                f"version {recipe.engine_version}: materialize prompt_sets again"
            )
        wanted = (recipe.engine, recipe.model)
        if self._engine is None or self._engine_of != wanted:
            self.close()
            self._engine_of = wanted
            self._engine = EngineProcess("engine", recipe.engine, self._deployment) if engine.needs_process else engine
        yield from self._engine.render(recipe, first_frame=first_frame, last_frame=last_frame, on_progress=on_progress)

    def report(self) -> dict[str, Any]:
        """What the machine did for the last render, as `Engine.report` says."""
        return self._engine.report() if self._engine is not None else {}

    def generate_keyframes(self, recipes: Sequence[KeyframeRecipe]) -> Iterator[Frame]:
        """Make keyframes of one generator and model, as `KeyframeGenerator.make` says.

        Raises:
            RuntimeError: The generator here is not of the version that a recipe was made for.
        """
        if not recipes:
            return
        first = recipes[0]
        generator = open_keyframe_generator(first.generator, self._deployment)
        if generator.version != first.generator_version:
            raise RuntimeError(
                f"this process has {first.generator} version {generator.version}, and the keyframe was planned "
                f"for version {first.generator_version}: materialize prompt_sets again"
            )
        wanted = (first.generator, first.model)
        if self._generator is None or self._generator_of != wanted:
            self.close()
            self._generator_of = wanted
            self._generator = (
                EngineProcess("keyframe_generator", first.generator, self._deployment)
                if generator.needs_process
                else generator
            )
        yield from self._generator.generate(recipes)

    def close(self) -> None:
        """Free whatever is loaded."""
        for loaded in (self._engine, self._generator):
            if loaded is not None:
                loaded.close()
        self._engine = self._engine_of = self._generator = self._generator_of = None
