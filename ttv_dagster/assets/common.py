"""What the assets have in common: their partitions, and how they show images and tables."""

import base64
import hashlib
import json
import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import dagster as dg

from ttv_dagster.resources.tables import SetTables
from ttv_dagster.tags import PARTITIONS

# This project is built on `backfill_policy`, string asset selections and checks with partitions: their warnings help
# nobody.
warnings.filterwarnings("ignore", category=dg.BetaWarning)
warnings.filterwarnings("ignore", category=dg.PreviewWarning)

PROMPT_SETS = dg.DynamicPartitionsDefinition(name=PARTITIONS)
"""One partition is one prompt set of the library."""

SETS_PER_RUN = 20
"""Prompt sets that a backfill renders in one run, so that small ones share a loaded model."""

FAILURE_SHOTS = 50
"""Shots that the failure of a run names; it counts them all."""

TABLE_ROWS = 200
"""Rows of a table in the metadata: the event log keeps them for ever."""

Events = Iterator[dg.MaterializeResult[SetTables] | dg.AssetMaterialization | dg.AssetCheckEvaluation | dg.Output[None]]
"""What an asset with checks yields."""

GROUP = "video"
OWNERS = ["team:studio"]


def set_asset(
    *,
    stage: str,
    kinds: set[str],
    description: str,
    accelerator: str = "none",
    check_specs: Sequence[dg.AssetCheckSpec] | None = None,
) -> Callable[[Callable[..., Any]], dg.AssetsDefinition]:
    """Declare an asset that has a partition a prompt set and keeps a table of each.

    Args:
        stage: The stage of production, a tag.
        kinds: What the UI shows it as.
        description: What it is.
        accelerator: What its runs need; with one, they take their turns in the pool `gpu` and go to its launcher.
        check_specs: Its checks.
    """
    gpu = accelerator != "none"
    return dg.asset(
        partitions_def=PROMPT_SETS,
        backfill_policy=dg.BackfillPolicy.multi_run(max_partitions_per_run=SETS_PER_RUN),
        io_manager_key="tables",
        group_name=GROUP,
        owners=OWNERS,
        kinds=kinds,
        tags={"ttv/stage": stage},
        check_specs=check_specs,
        pool="gpu" if gpu else None,
        op_tags={"ttv/accelerator": accelerator} if gpu else None,
        description=description,
    )


def inline_image(webp: bytes, alt: str) -> dg.MarkdownMetadataValue:
    """A WebP image, still or animated, that the Dagster UI shows in place."""
    data = base64.b64encode(webp).decode("ascii")
    return dg.MetadataValue.md(f"![{alt}](data:image/webp;base64,{data})")


def named_shots(shots: Sequence[str]) -> str:
    """Name the shots of a failure, `FAILURE_SHOTS` at most, and count the others."""
    more = len(shots) - FAILURE_SHOTS
    return ", ".join(shots[:FAILURE_SHOTS]) + (f" and {more} more" if more > 0 else "")


def table(records: Sequence[dict[str, Any]]) -> dg.TableMetadataValue:
    """A table of at most `TABLE_ROWS` of the records."""
    shown = [
        dg.TableRecord({name: "" if value is None else value for name, value in record.items()})
        for record in records[:TABLE_ROWS]
    ]
    names = list(records[0]) if records else ["shot"]
    columns = [dg.TableColumn(name, _column_type(records, name)) for name in names]
    return dg.MetadataValue.table(shown, dg.TableSchema(columns=columns))


def _column_type(records: Sequence[dict[str, Any]], name: str) -> str:
    kinds = {type(record[name]) for record in records[:TABLE_ROWS] if record[name] is not None}
    if kinds <= {int} and kinds:
        return "int"
    return "float" if kinds <= {int, float} and kinds else "string"


def data_version(content: object) -> dg.DataVersion:
    """The data version of JSON content: the first 16 hex digits of its SHA-256."""
    document = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return dg.DataVersion(hashlib.sha256(document.encode()).hexdigest()[:16])


def is_canceled(context: dg.AssetExecutionContext) -> bool:
    """Whether somebody asked for the end of the run."""
    run = context.instance.get_run_by_id(context.run.run_id)
    return run is not None and run.status == dg.DagsterRunStatus.CANCELING
