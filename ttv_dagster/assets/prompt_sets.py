"""`prompt_sets`: every shot of a set, with every choice that the deployment makes for it written down."""

import dagster as dg

from ttv_dagster.assets.common import (
    TABLE_ROWS,
    data_version,
    set_asset,
    table,
)
from ttv_dagster.library.library import Library, LibraryError
from ttv_dagster.planning.resolve import plan_set
from ttv_dagster.renders.tables import PROMPT_SETS as SHOTS
from ttv_dagster.resources.tables import SetTables
from ttv_dagster.resources.video_generator import VideoGenerator
from ttv_dagster.shots.problems import PromptSetError


class PromptSetsConfig(dg.Config):
    """What one run may choose for the sets it reads."""

    engine: str | None = None
    """The engine of every shot in this run, whatever the deployment and the set say."""


@set_asset(
    stage="plan",
    kinds={"pandas", "parquet"},
    description=(
        "The shots of a prompt set as they will be rendered: engine, model, seed, size, length and rate of "
        "each, checked against what its engine can do. A set that asks for what cannot be done is refused here."
    ),
)
def prompt_sets(
    context: dg.AssetExecutionContext,
    config: PromptSetsConfig,
    library: dg.ResourceParam[Library],
    video_generator: dg.ResourceParam[VideoGenerator],
) -> dg.MaterializeResult[SetTables]:
    """Read each set of the run from the library, and resolve it."""
    import pandas as pd

    frames: dict[str, pd.DataFrame] = {}
    keys: dict[str, list[str]] = {}
    for name in sorted(context.partition_keys):
        try:
            planned = plan_set(
                library.read(name), file=name, deployment=video_generator.deployment, override=config.engine
            )
        except (LibraryError, PromptSetError) as error:
            raise dg.Failure(str(error), allow_retries=False) from error
        frames[name] = SHOTS.frame(each.shot for each in planned)
        keys[name] = [each.shot.id + each.key for each in planned]
        seconds = float(sum(each.shot.num_frames / each.shot.fps for each in planned))
        context.add_asset_metadata(
            {
                "dagster/row_count": len(planned),
                "film seconds": round(seconds, 2),
                "engines": ", ".join(sorted({each.shot.engine for each in planned})),
                "shots": table(
                    [
                        {
                            "shot": each.shot.id,
                            "prompt": each.shot.prompt,
                            "engine": each.shot.engine,
                            "model": each.shot.model,
                            "chosen": each.shot.chosen,
                            "size": f"{each.shot.width}x{each.shot.height}",
                            "frames": each.shot.num_frames,
                            "fps": float(each.shot.fps),
                            "seed": each.shot.seed,
                            "starts on": each.recipe.first_frame.source if each.recipe.first_frame else None,
                        }
                        for each in planned[:TABLE_ROWS]
                    ]
                ),
            },
            partition_key=name,
        )
    return dg.MaterializeResult(value=frames, data_version=data_version(keys))
