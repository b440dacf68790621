"""Records: what the machine did to make a clip, and what the checks found in it."""

import hashlib
import os
import platform
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ttv_dagster import __version__
from ttv_dagster.media.inspection import Report, inspect
from ttv_dagster.shots.plan import PlannedShot
from ttv_dagster.shots.recipe import Recipe
from ttv_dagster.storage.layout import clip_name, read_record, write_record
from ttv_dagster.storage.store import Store


def inspect_clip(path: Path, recipe: Recipe) -> Report:
    """Decode a clip to its end and compare it with its recipe."""
    return inspect(path, width=recipe.width, height=recipe.height, num_frames=recipe.num_frames, fps=recipe.fps)


def make_record(
    recipe: Recipe,
    path: Path,
    report: Report,
    seconds: dict[str, float],
    *,
    engine: dict[str, Any] | None = None,
    note: str = "",
) -> dict[str, Any]:
    """The record of a clip.

    Args:
        recipe: What it was made from.
        path: The clip.
        report: What the checks found in it.
        seconds: How long each stage of its making took; empty if unknown.
        engine: What its engine reports of the render.
        note: What the clip says of itself beside its recipe.
    """
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    return {
        "recipe": recipe.as_dict(),
        "made_by": f"ttv_dagster {__version__}",
        "recorded_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {
            "host": platform.node(),
            "cpus": os.cpu_count(),
            "python": platform.python_version(),
        },
        **({"engine": engine} if engine else {}),
        **({"note": note} if note else {}),
        "seconds": {stage: round(value, 3) for stage, value in seconds.items()},
        "bytes": path.stat().st_size,
        "sha256": sha256,
        "report": report.to_dict(),
    }


def cached_report(planned: PlannedShot, size: int, store: Store, *, repair: bool = True) -> Report | None:
    """What the checks found in a clip of the store; None where it is not the whole clip that was published.

    A clip whose size is not the one on record was damaged afterwards. One whose record is lost is inspected again.

    Args:
        planned: The shot.
        size: The size in bytes of its clip.
        store: The media store.
        repair: Write a lost record again.
    """
    record = read_record(store, planned.key)
    if record is not None:
        try:
            return Report.from_dict(record["report"]) if record["bytes"] == size else None
        except (KeyError, TypeError, ValueError):
            pass  # Not a record of ours: the clip itself says what it is.
    with store.local_copy(clip_name(planned.key)) as path:
        report = inspect_clip(path, planned.recipe)
        if not (report.decodable and report.matches_request):
            return None
        if repair:
            write_record(store, planned.key, make_record(planned.recipe, path, report, {}))
    return report
