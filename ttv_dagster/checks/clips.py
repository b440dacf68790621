"""The checks on `clips`: they read what inspection found when each clip was published."""

from collections.abc import Callable, Collection, Sequence

import dagster as dg

from ttv_dagster.checks.finding import Finding, check_spec
from ttv_dagster.renders.manifest import ManifestRow

SHOWN = 50
"""Shots that a check's result names; it counts them all."""

CLIP_CHECKS = [
    check_spec("complete", "clips", "Every shot that the run was asked for has its clip."),
    check_spec("decodes", "clips", "Every clip decodes from its start to its end."),
    check_spec(
        "matches_request", "clips", "Every clip has the size, number of frames and frame rate that were asked for."
    ),
    check_spec("not_blank", "clips", "No clip is black, flat or frozen: a warning, since a shot may be meant so."),
]


def _finding(
    check: str,
    rows: Sequence[ManifestRow],
    problem_of: Callable[[ManifestRow], str | None],
    severity: dg.AssetCheckSeverity = dg.AssetCheckSeverity.ERROR,
) -> Finding:
    """Check every row; `problem_of` returns what is wrong with a row, or None."""
    found = [f"{row.shot}: {problem}" for row in rows if (problem := problem_of(row)) is not None]
    shown = "\n".join(found[:SHOWN]) + (f"\nand {len(found) - SHOWN} more" if len(found) > SHOWN else "")
    return Finding(check, not found, shown, {"shots": len(rows), "problems": len(found)}, severity)


def check_manifest(rows: Sequence[ManifestRow], wanted: Collection[str]) -> list[Finding]:
    """Run all checks on the manifest of one prompt set.

    Args:
        rows: Its rows.
        wanted: The ids of the requested shots.
    """

    def missing(row: ManifestRow) -> str | None:
        return (row.error or row.status) if row.bytes is None and row.shot in wanted else None

    return [
        _finding("complete", rows, missing),
        _finding("decodes", rows, lambda row: "breaks off" if row.decodable is False else None),
        _finding("matches_request", rows, lambda row: "differs" if row.matches_request is False else None),
        _finding("not_blank", rows, lambda row: row.blank, dg.AssetCheckSeverity.WARN),
    ]
