"""The farm in this process: engines loaded once, one at a time."""

from collections.abc import Generator, Iterator, Sequence
from typing import Any

from ttv_dagster.engines.deployment import Deployment
from ttv_dagster.engines.protocol import Engine, Frames, KeyframeMaker, OnProgress, Picture
from ttv_dagster.engines.registry import open_engine, open_keyframe_maker
from ttv_dagster.shots.recipe import KeyframeRecipe, Recipe


class LocalFarm:
    """Keeps the engine that was asked for last, loaded; frees it before another one loads.

    Two models seldom fit on one card, and the shots of a set are rendered engine by engine.

    Args:
        deployment: What the engines may know of the installation.
    """

    def __init__(self, deployment: Deployment) -> None:
        self._deployment = deployment
        self._engine: Engine | None = None
        self._engine_of: tuple[str, str | None] | None = None
        self._maker: KeyframeMaker | None = None
        self._maker_of: tuple[str, str | None] | None = None

    def render(
        self,
        recipe: Recipe,
        *,
        first_frame: Picture | None,
        last_frame: Picture | None,
        on_progress: OnProgress,
    ) -> Generator[Frames, None, None]:
        """Render a recipe, as `Engine.render` says.

        Raises:
            RuntimeError: The engine here is not of the version that the recipe was made for.
        """
        wanted = (recipe.engine, recipe.model)
        if self._engine is None or self._engine_of != wanted:
            self.close()
            self._engine, self._engine_of = open_engine(recipe.engine, self._deployment), wanted
        if self._engine.version != recipe.engine_version:
            raise RuntimeError(
                f"this process has {recipe.engine} version {self._engine.version}, and the shot was planned for "
                f"version {recipe.engine_version}: materialize prompt_sets again"
            )
        yield from self._engine.render(recipe, first_frame=first_frame, last_frame=last_frame, on_progress=on_progress)

    def report(self) -> dict[str, Any]:
        """What the machine did for the last render, as `Engine.report` says."""
        return self._engine.report() if self._engine is not None else {}

    def make_keyframes(self, recipes: Sequence[KeyframeRecipe]) -> Iterator[Picture]:
        """Make keyframes of one maker and model, as `KeyframeMaker.make` says.

        Raises:
            RuntimeError: The maker here is not of the version that a recipe was made for.
        """
        if not recipes:
            return
        first = recipes[0]
        wanted = (first.maker, first.model)
        if self._maker is None or self._maker_of != wanted:
            self.close()
            self._maker, self._maker_of = open_keyframe_maker(first.maker, self._deployment), wanted
        if self._maker.version != first.maker_version:
            raise RuntimeError(
                f"this process has {first.maker} version {self._maker.version}, and the keyframe was planned "
                f"for version {first.maker_version}: materialize prompt_sets again"
            )
        yield from self._maker.make(recipes)

    def close(self) -> None:
        """Free whatever is loaded."""
        for loaded in (self._engine, self._maker):
            if loaded is not None:
                loaded.close()
        self._engine = self._engine_of = self._maker = self._maker_of = None
