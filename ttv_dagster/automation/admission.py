"""Weights first: a set that needs models which this machine lacks waits, and their pulls are asked for in its place.

Every sensor that starts renders asks here, so that no download begins in the middle of a set. Nothing is asked of the
Hub: what is here, what is pinned and what hinders a pull is known on this machine.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple, Protocol
from zoneinfo import ZoneInfo

import dagster as dg
from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition

from ttv_dagster.assets.failures import why_it_failed
from ttv_dagster.installation import Installation
from ttv_dagster.library.library import LibraryError
from ttv_dagster.planning.models import models_named, models_to_render
from ttv_dagster.settings import Settings
from ttv_dagster.shots.problems import PromptSetError
from ttv_dagster.tags import INBOX_PRIORITY, WEIGHTS, automatic_tags
from ttv_dagster.weights.model import Model
from ttv_dagster.weights.state import is_pulled, why_not_to_pull

PAUSE_SECONDS = 3600.0
"""After a pull of a model has ended, no other one of it is asked for so long."""

SECONDS_PER_ADMISSION = 0.3
"""An admission plans as many sets as fit into this time, and at least one; the next admission continues from there."""

_BEGUN = [status for status in dg.DagsterRunStatus if status is not dg.DagsterRunStatus.NOT_STARTED]
_ENDED = {dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED}


Job = dg.JobDefinition | UnresolvedAssetJobDefinition


class Jobs(NamedTuple):
    """What the sensors start.

    Attributes:
        render: Renders a set to its film.
        pull: Pulls a model.
    """

    render: Job
    pull: Job


class Log(Protocol):
    """Where sensors write."""

    def warning(self, msg: str, /) -> object:
        """Write a warning."""


@dataclass(slots=True)
class Admission:
    """Which runs may start.

    Attributes:
        runs: The runs whose weights are here.
        pulls: The pulls to ask for.
        pulling: Why a run waits for a pull that is asked for or under way, by its key.
        blocked: Why the weights of a run cannot be pulled now, by its key.
        later: Runs that later admissions consider.
    """

    runs: list[dg.RunRequest] = field(default_factory=list)
    pulls: list[dg.RunRequest] = field(default_factory=list)
    pulling: dict[str, str] = field(default_factory=dict)
    blocked: dict[str, str] = field(default_factory=dict)
    later: int = 0

    @property
    def waiting(self) -> dict[str, str]:
        """Why runs are not started, by their key."""
        return {**self.pulling, **self.blocked}

    def __str__(self) -> str:
        waiting = self.waiting
        return f"{len(waiting)} sets wait: {'; '.join(dict.fromkeys(waiting.values()))}" if waiting else ""


class _Report(NamedTuple):
    """Why a model is awaited, whether that needs a person, and the pull to ask for."""

    why: str
    blocked: bool = False
    pull: dg.RunRequest | None = None


class AdmissionControl:
    """Lets through the runs whose weights are here. One for each sensor: it remembers what its runs wait for.

    What it remembers only saves time: the runs themselves are kept by who asks for them.

    Args:
        settings: The installation.
        pull_job: Name of the job that pulls a model.

    Attributes:
        last: The turn before.
    """

    def __init__(self, settings: Settings, pull_job: str) -> None:
        self._settings = settings
        self._pull_job = pull_job
        # Dagster learns of new models when it loads the definitions, as this does.
        self._known = {model.id for model in Installation(settings).catalog}
        self._awaited: dict[str, list[str]] = {}
        self._said: dict[str, str] = {}
        self.last = Admission()

    def admit(
        self, requests: Sequence[dg.RunRequest], *, maximum: int, instance: dg.DagsterInstance, log: Log
    ) -> Admission:
        """Sort runs by whether their weights are here.

        Args:
            requests: Runs that render a set, in the order in which they were asked for, each with its key.
            maximum: How many may start.
            instance: The instance.
            log: Called once for each model that cannot be pulled, with the reason.
        """
        self.last = admission = Admission()
        if not requests or maximum < 1:
            return admission
        tick = _Tick(self._settings, self._pull_job, self._known, instance)
        until = time.monotonic() + SECONDS_PER_ADMISSION
        keys = [str(request.run_key) for request in requests]
        self._awaited = {key: self._awaited[key] for key in keys if key in self._awaited}
        planned = 0
        for key, request in zip(keys, requests, strict=True):
            if len(admission.runs) >= maximum:
                break
            name = str(request.partition_key)
            lacking = [model for model in self._awaited.get(key, []) if tick.lacks(model)]
            if not lacking:
                if planned and time.monotonic() > until:
                    admission.later += 1
                    continue
                planned += 1
                lacking = tick.lacking(name)
            if not lacking:
                self._awaited.pop(key, None)
                admission.runs.append(request)
                continue
            self._awaited[key] = lacking
            reports = [tick.report(model, name) for model in lacking]
            waiting = admission.blocked if any(report.blocked for report in reports) else admission.pulling
            waiting[key] = "; ".join(report.why for report in reports)
        admission.pulls = [report.pull for report in tick.reports.values() if report.pull]
        said = {model: report.why for model, report in tick.reports.items() if report.blocked}
        for model, why in said.items():
            if self._said.get(model) != why:
                log.warning(why)
        self._said = said
        return admission


class _Tick:
    """What is known in one admission, each looked up once and only if needed."""

    def __init__(self, settings: Settings, pull_job: str, known: set[str], instance: dg.DagsterInstance) -> None:
        self._settings = settings
        self._pull_job = pull_job
        self._known = known
        self._instance = instance
        self._installation = Installation(settings)
        self._pins = self._installation.lock.read()
        self._lacks: dict[str, bool] = {}
        self.reports: dict[str, _Report] = {}

    def lacks(self, model: str) -> bool:
        """Return whether a model of the catalog is not here."""
        if model not in self._lacks:
            entry = self._installation.catalog.get(model)
            self._lacks[model] = entry is not None and not is_pulled(entry, self._pins)
        return self._lacks[model]

    def lacking(self, name: str) -> list[str]:
        """Return the missing models that a render of a set needs; a set that cannot be planned needs none."""
        try:
            planned = self._installation.plan(self._installation.library.read(name), file=name)
        except (LibraryError, PromptSetError):
            return []  # Its run says why.
        # The store is asked for clips only if a model is missing.
        if not self._lack(models_named(planned, self._installation.deployment)):
            return []
        return self._lack(models_to_render(planned, self._installation.deployment, self._installation.store))

    def _lack(self, models: Sequence[Model]) -> list[str]:
        return [model.id for model in models if self.lacks(model.id)]

    def report(self, model: str, name: str) -> _Report:
        """Return what to do about a missing model that this set needs."""
        if model not in self.reports:
            self.reports[model] = self._inspect(self._installation.catalog[model], name)
        return self.reports[model]

    def _inspect(self, model: Model, name: str) -> _Report:
        asked = dg.RunsFilter(job_name=self._pull_job, tags={"dagster/partition": model.id}, statuses=_BEGUN)
        last = next(iter(self._instance.get_run_records(asked, limit=1)), None)
        waits = f"waiting for the weights of {model.id}"
        if last is not None and last.dagster_run.status not in _ENDED:
            return _Report(waits)
        if last is not None and is_pulled(model, self._installation.lock.read()):
            return _Report(waits)  # It ended since this admission began.
        if model.id not in self._known:
            return _Report(f"{model.id} is new in TTV_MODELS_FILE: reload the definitions", blocked=True)
        if why := why_not_to_pull([model], self._pins):
            return _Report(why, blocked=True)
        if last is not None and (due := (last.end_time or time.time()) + PAUSE_SECONDS) > time.time():
            return self._paused(model, last.dagster_run, due)
        return _Report(
            waits,
            pull=dg.RunRequest(
                # Of each pull that ended follows one other.
                run_key=f"{WEIGHTS}:{model.id}:{last.dagster_run.run_id if last else 'first'}",
                job_name=self._pull_job,
                partition_key=model.id,
                tags={**automatic_tags(WEIGHTS, INBOX_PRIORITY), "ttv/reason": f"{name} needs it"},
            ),
        )

    def _paused(self, model: Model, last: dg.DagsterRun, due: float) -> _Report:
        again = f"pulled again at {datetime.fromtimestamp(due, ZoneInfo(self._settings.time_zone)):%H:%M}"
        if last.status is dg.DagsterRunStatus.FAILURE:
            why = why_it_failed(self._instance, last.run_id)
            return _Report(f"the weights of {model.id} were not pulled: {why}; {again}", blocked=True)
        ended = (
            "their pull was canceled"
            if last.status is dg.DagsterRunStatus.CANCELED
            else "they were pulled and are gone"
        )
        why = f"the weights of {model.id} are not here: {ended}; {again}, or at once by `ttv weights pull {model.id}`"
        return _Report(why, blocked=True)
