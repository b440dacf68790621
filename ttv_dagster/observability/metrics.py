"""Metrics for Prometheus, read from Dagster and the store whenever they are scraped."""

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

import dagster as dg

from ttv_dagster.automation.budget import budget_of
from ttv_dagster.automation.usage import Usage
from ttv_dagster.installation import Installation
from ttv_dagster.settings import Settings

if TYPE_CHECKING:
    from prometheus_client.core import Metric

STORE_SECONDS = 300.0
"""The store is listed this often at most, since listing a large store takes long."""

_QUEUED = dg.RunsFilter(statuses=[dg.DagsterRunStatus.QUEUED])
_RUNNING = dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED])


class Metrics:
    """A collector of prometheus_client.

    Args:
        settings: The installation.
        instance: Its Dagster.
    """

    def __init__(self, settings: Settings, instance: dg.DagsterInstance) -> None:
        self._settings = settings
        self._installation = Installation(settings)
        self._instance = instance
        self._store: dict[str, int] = {}
        self._listed = 0.0

    def collect(self) -> "Iterator[Metric]":
        """Yield every metric as it is now."""
        from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

        with Usage.open(self._settings.automation_database) as usage:
            usage.count_runs(self._instance)
            usage.count_shots(self._instance, self._installation.tables)
            shots = CounterMetricFamily("ttv_shots", "Shots of manifests.", labels=["engine", "model", "status"])
            seconds = CounterMetricFamily("ttv_render_seconds", "Time spent rendering.", labels=["engine", "model"])
            for engine, model, status, number, took in usage.shots():
                shots.add_metric([engine, model, status], number)
                if status == "rendered":
                    seconds.add_metric([engine, model], took)
            busy = CounterMetricFamily(
                "ttv_gpu_busy_seconds", "Time that runs used the GPU, if there is one.", labels=["queue"]
            )
            for queue in usage.queues():
                busy.add_metric([queue], usage.busy_seconds(queue))
        yield from (shots, seconds, busy)
        depth = GaugeMetricFamily("ttv_queue_runs", "Runs by what they do now.", labels=["state"])
        depth.add_metric(["queued"], self._instance.get_runs_count(_QUEUED))
        depth.add_metric(["running"], self._instance.get_runs_count(_RUNNING))
        yield depth
        oldest = self._instance.get_run_records(_QUEUED, limit=1, ascending=True)
        age = time.time() - oldest[0].create_timestamp.timestamp() if oldest else 0.0
        yield GaugeMetricFamily("ttv_queue_age_seconds", "How long the oldest queued run has waited.", value=age)
        limits = GaugeMetricFamily("ttv_budget_limit_seconds", "Budget of a queue per day.", labels=["queue"])
        spent = GaugeMetricFamily("ttv_budget_spent_seconds", "What is spent of it today.", labels=["queue"])
        for queue in self._settings.budgets:
            budget = budget_of(queue, self._settings, self._instance)
            if budget is not None:
                limits.add_metric([queue], budget.limit)
                spent.add_metric([queue], budget.spent)
        yield from (limits, spent)
        stored = GaugeMetricFamily("ttv_store_bytes", "Size of the media store.", labels=["kind"])
        for kind, size in self._sizes().items():
            stored.add_metric([kind], size)
        yield stored

    def _sizes(self) -> dict[str, int]:
        if time.monotonic() - self._listed > STORE_SECONDS or not self._store:
            store = self._installation.store
            self._store = {
                kind: sum(size for _, size, _ in store.files(kind))
                for kind in ("clips", "keyframes", "images", "films")
            }
            self._listed = time.monotonic()
        return self._store
