"""The farm in this process: engines loaded once, one at a time."""

from collections.abc import Generator

from ttv_dagster.engines.protocol import Engine, Frames, KeyframeMaker, OnProgress, Picture
from ttv_dagster.engines.registry import open_engine, open_keyframe_maker
from ttv_dagster.shots.recipe import KeyframeRecipe, Recipe


class LocalFarm:
    """Keeps the engine that was asked for last, loaded; frees it before another one loads.

    Two models seldom fit on one card, and the shots of a set are rendered engine by engine.
    """

    def __init__(self) -> None:
        self._engine: Engine | None = None
        self._engine_of: tuple[str, str | None] | None = None
        self._maker: KeyframeMaker | None = None

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
            self._engine, self._engine_of = open_engine(recipe.engine), wanted
        if self._engine.version != recipe.engine_version:
            raise RuntimeError(
                f"this process has {recipe.engine} version {self._engine.version}, and the shot was planned for "
                f"version {recipe.engine_version}: materialize prompt_sets again"
            )
        yield from self._engine.render(recipe, first_frame=first_frame, last_frame=last_frame, on_progress=on_progress)

    def make_keyframe(self, recipe: KeyframeRecipe) -> Picture:
        """Make a keyframe, as `KeyframeMaker.make` says."""
        if self._maker is None or self._maker.name != recipe.maker:
            self.close()
            self._maker = open_keyframe_maker(recipe.maker)
        if self._maker.version != recipe.maker_version:
            raise RuntimeError(
                f"this process has {recipe.maker} version {self._maker.version}, and the keyframe was planned "
                f"for version {recipe.maker_version}: materialize prompt_sets again"
            )
        return self._maker.make(recipe)

    def close(self) -> None:
        """Free whatever is loaded."""
        for loaded in (self._engine, self._maker):
            if loaded is not None:
                loaded.close()
        self._engine = self._engine_of = self._maker = None
