"""`model_weights`: the weights of a model, pinned and whole on this machine."""

import time
from collections.abc import Callable, Mapping

import dagster as dg

from ttv_dagster.assets.common import OWNERS, is_canceled
from ttv_dagster.assets.progress import ProgressLine
from ttv_dagster.resources.weights_hub import WeightsHub
from ttv_dagster.weights.catalog import Catalog
from ttv_dagster.weights.errors import PullError
from ttv_dagster.weights.hub import Hub
from ttv_dagster.weights.pulling import Progress, Pulled

EVERY_SECONDS = 5.0
"""Least time between two lines on the progress of a pull: the event log keeps every line."""

_MEGABYTE = 10**6


class WeightsLog:
    """Writes the progress of a pull into the run's log.

    Args:
        log: Called with each line.
        repositories: The model's repositories, in the order of the pull.
        is_canceled: Whether somebody asked for the run's end.
    """

    def __init__(
        self, log: Callable[[str], None], repositories: tuple[str, ...], is_canceled: Callable[[], bool]
    ) -> None:
        self._log = log
        self._repositories = repositories
        self._is_canceled = is_canceled
        self._next = time.monotonic() + EVERY_SECONDS / 5

    def progressed(self, progress: Progress) -> None:
        """Log how far it is, if the last line is long enough ago.

        Raises:
            dg.Failure: The run was canceled.
        """
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + EVERY_SECONDS
        if self._is_canceled():
            raise dg.Failure("the run was canceled; what arrived stays", allow_retries=False)
        line = ProgressLine(
            done=self._repositories.index(progress.repository),
            total=len(self._repositories),
            label=progress.repository,
            stage=f"{progress.stage}/MB",
            step=progress.done // _MEGABYTE,
            steps=progress.total // _MEGABYTE,
        )
        self._log(str(line))


def metadata_of(pulled: Pulled) -> Mapping[str, dg.MetadataValue]:
    """What a person sees of a pull."""
    model = pulled.model
    metadata: dict[str, dg.MetadataValue] = {
        "commit": dg.MetadataValue.text(pulled.commit),
        "files": dg.MetadataValue.int(pulled.files),
        "bytes": dg.MetadataValue.int(pulled.bytes),
        "fetched bytes": dg.MetadataValue.int(pulled.fetched),
        "seconds": dg.MetadataValue.float(round(pulled.seconds, 2)),
        "license": dg.MetadataValue.text(model.license or "not known"),
    }
    hub = Hub()
    for repository in model.repositories:
        metadata[repository] = dg.MetadataValue.url(f"{hub.page(repository)}/tree/{pulled.commits[repository]}")
    return metadata


def make_model_weights(catalog: Catalog) -> tuple[dg.AssetsDefinition, dg.AssetChecksDefinition]:
    """The asset `model_weights` and its check.

    Args:
        catalog: The models of the installation: one partition each.
    """
    models = dg.StaticPartitionsDefinition([model.id for model in catalog])

    @dg.asset(
        partitions_def=models,
        group_name="weights",
        owners=OWNERS,
        kinds={"huggingface"},
        tags={"ttv/stage": "weights"},
        description=(
            "The weights of a model: fetched from the Hub where this machine lacks them, at the commit that "
            "weights.lock pins, every fetched file checked against the Hub's digest. A render never downloads."
        ),
    )
    def model_weights(
        context: dg.AssetExecutionContext, weights_hub: dg.ResourceParam[WeightsHub]
    ) -> dg.MaterializeResult[None]:
        """Pull the model of this partition."""
        repositories = weights_hub.catalog[context.partition_key].repositories
        log = WeightsLog(context.log.info, repositories, lambda: is_canceled(context))
        try:
            pulled = weights_hub.pull(context.partition_key, on_progress=log.progressed, say=context.log.info)
        except PullError as error:
            raise dg.Failure(str(error), allow_retries=error.retriable) from error
        context.log.info(
            f"{context.partition_key} is whole: {pulled.files} files, {pulled.bytes} bytes, "
            f"{pulled.fetched} of them fetched in {pulled.seconds:.1f} s"
        )
        return dg.MaterializeResult(metadata=metadata_of(pulled), data_version=dg.DataVersion(pulled.commit))

    @dg.asset_check(
        asset=model_weights,
        description=(
            "Every file holds what the Hub says: all of it is read. In a run of one model, that one; otherwise every "
            "model that is pulled on this machine."
        ),
    )
    def verified(
        context: dg.AssetCheckExecutionContext, weights_hub: dg.ResourceParam[WeightsHub]
    ) -> dg.AssetCheckResult:
        named = context.run.tags.get("dagster/partition")
        names = [named] if named else weights_hub.pulled()
        wrong = {name: damaged for name in names if (damaged := weights_hub.verify(name))}
        lines = [line for damaged in wrong.values() for line in damaged]
        if wrong:
            lines.append(f"To download damaged files again: ttv weights pull --verify {' '.join(wrong)}")
        return dg.AssetCheckResult(
            passed=not wrong,
            description="\n".join(lines) or None,
            metadata={"models": ", ".join(names), "damaged": len(wrong)},
        )

    return model_weights, verified
