"""The checks on `clips`: they read what was found when each clip was published."""

from collections.abc import Callable, Mapping, Sequence

import dagster as dg

from ttv_dagster.renders.manifest import ManifestRow

SHOWN = 50
"""Shots that a check's result names; it counts them all."""

CLIP_CHECKS = [
    dg.AssetCheckSpec(
        "complete",
        asset="clips",
        blocking=True,
        description="Every shot that the run was asked for has its clip.",
    ),
    dg.AssetCheckSpec(
        "decodes", asset="clips", blocking=True, description="Every clip decodes from its start to its end."
    ),
    dg.AssetCheckSpec(
        "matches_request",
        asset="clips",
        blocking=True,
        description="Every clip has the size, number of frames and frame rate that were asked for.",
    ),
    dg.AssetCheckSpec(
        "not_blank",
        asset="clips",
        description="No clip is black, flat or frozen: a warning, since a shot may be meant so.",
    ),
]


def _result(
    name: str,
    manifests: Mapping[str, Sequence[ManifestRow]],
    wrong: Callable[[str, ManifestRow], str | None],
    severity: dg.AssetCheckSeverity = dg.AssetCheckSeverity.ERROR,
) -> dg.AssetCheckResult:
    """A check's result from what is wrong with each row (None: nothing)."""
    found = [
        f"{prompt_set}/{row.shot}: {problem}"
        for prompt_set, rows in manifests.items()
        for row in rows
        if (problem := wrong(prompt_set, row)) is not None
    ]
    shown = "\n".join(found[:SHOWN]) + (f"\nand {len(found) - SHOWN} more" if len(found) > SHOWN else "")
    return dg.AssetCheckResult(
        check_name=name,
        passed=not found,
        severity=severity,
        description=shown or None,
        metadata={"shots": sum(len(rows) for rows in manifests.values()), "wrong": len(found)},
    )


def check_manifests(
    manifests: Mapping[str, Sequence[ManifestRow]], wanted: Mapping[str, set[str]]
) -> list[dg.AssetCheckResult]:
    """The results of all checks on the manifests of a run.

    Args:
        manifests: The rows of each prompt set.
        wanted: The ids of the shots that the run was asked for, by set.
    """

    def not_there(prompt_set: str, row: ManifestRow) -> str | None:
        if row.bytes is None and row.shot in wanted[prompt_set]:
            return row.error or row.status
        return None

    return [
        _result("complete", manifests, not_there),
        _result("decodes", manifests, lambda _, row: "breaks off" if row.decodable is False else None),
        _result("matches_request", manifests, lambda _, row: "differs" if row.matches_request is False else None),
        _result("not_blank", manifests, lambda _, row: row.blank, dg.AssetCheckSeverity.WARN),
    ]
