"""What a check found in one prompt set, and how Dagster gets to know it: one evaluation a partition."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import dagster as dg
from dagster._core.definitions.asset_checks.asset_check_evaluation import (
    AssetCheckEvaluationTargetMaterializationData,
)

from ttv_dagster.assets.common import PROMPT_SETS


def check_spec(name: str, asset: str, description: str) -> dg.AssetCheckSpec:
    """Declare a check with one partition per prompt set.

    It does not block: what is downstream decides for each prompt set separately.
    """
    return dg.AssetCheckSpec(name, asset=asset, partitions_def=PROMPT_SETS, description=description)


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one check on one prompt set.

    Attributes:
        check: The check's name.
        passed: Whether all is well.
        description: What is wrong; empty if nothing is.
        metadata: Figures.
        severity: How bad it is if it did not pass.
    """

    check: str
    passed: bool
    description: str = ""
    metadata: Mapping[str, int] = field(default_factory=dict)
    severity: dg.AssetCheckSeverity = dg.AssetCheckSeverity.ERROR


def evaluations(
    instance: dg.DagsterInstance, asset: str, findings: Mapping[str, Sequence[Finding]]
) -> Iterator[dg.AssetCheckEvaluation]:
    """Turn findings into events of the partitions that they are about.

    An `AssetCheckResult` of a run of several partitions belongs to none of them (Dagster 1.13); these do.

    Args:
        instance: The instance, which knows the materialization that was checked.
        asset: The asset.
        findings: By prompt set.
    """
    key = dg.AssetKey(asset)
    for prompt_set, found in findings.items():
        filters = dg.AssetRecordsFilter(asset_key=key, asset_partitions=[prompt_set])
        records = instance.fetch_materializations(filters, limit=1).records
        target = (
            AssetCheckEvaluationTargetMaterializationData(
                storage_id=records[0].storage_id, run_id=records[0].run_id, timestamp=records[0].timestamp
            )
            if records
            else None
        )
        for each in found:
            yield dg.AssetCheckEvaluation(
                asset_key=key,
                check_name=each.check,
                passed=each.passed,
                metadata=dict(each.metadata),
                target_materialization_data=target,
                severity=each.severity,
                description=each.description or None,
                blocking=False,
                partition=prompt_set,
            )


def outputs(specs: Sequence[dg.AssetCheckSpec]) -> Iterator[dg.Output[None]]:
    """Complete the outputs that Dagster expects of an asset with checks."""
    for spec in specs:
        yield dg.Output(None, output_name=spec.get_python_identifier())
