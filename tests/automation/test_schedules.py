import importlib
import itertools
import logging
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import dagster as dg
import pytest
from dagster._core.workspace.context import WorkspaceProcessContext
from dagster._core.workspace.load_target import ModuleTarget
from dagster._utils.schedules import schedule_execution_time_iterator
from pydantic import ValidationError

from tests.automation.installation import Installation
from ttv_dagster.automation.clock import DAY_TAG, daily, weekly
from ttv_dagster.definitions import make_definitions
from ttv_dagster.runs.home import open_instance, prepare_home
from ttv_dagster.settings import Settings

ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "America/Santiago"]


def test_nothing_is_started_by_itself_until_it_is_turned_on() -> None:
    defs = make_definitions(Settings())
    assert list(defs.sensors or []) == []
    assert list(defs.schedules or []) == []


def test_what_is_turned_on_runs_without_a_click() -> None:
    settings = Settings(nightly_at="02:30", prune_at="04:00", inbox_url="/inbox")
    repository = make_definitions(settings).get_repository_def()
    assert {each.name: each.default_status.value for each in repository.schedule_defs} == {
        "nightly_schedule": "RUNNING",
        "prune_schedule": "RUNNING",
    }
    assert {each.name: each.default_status.value for each in repository.sensor_defs} == {
        "retry": "RUNNING",
        "inbox": "RUNNING",
        "nightly_runs": "RUNNING",
    }


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("at", ["00:00", "00:30", "02:30", "03:00", "23:45"])
def test_every_day_of_two_years_of_clock_changes_has_one_nightly(zone: str, at: str) -> None:
    start = datetime(2026, 1, 1, tzinfo=ZoneInfo(zone)) - timedelta(seconds=1)
    end = datetime(2028, 1, 1, tzinfo=ZoneInfo(zone))
    # What the scheduler's daemon asks.
    times = schedule_execution_time_iterator(start.timestamp(), daily(at), zone)
    local = [time.astimezone(ZoneInfo(zone)) for time in itertools.takewhile(lambda time: time < end, times)]
    days = Counter(time.date() for time in local)
    assert len(days) == 730
    assert set(days.values()) == {1}
    # It is another time only where the clock jumps over the one that was asked for.
    assert len([time for time in local if f"{time:%H:%M}" != at]) <= 2


def test_a_schedule_keeps_the_clock_of_its_installation() -> None:
    settings = Settings(nightly_at="02:30", time_zone="Europe/Berlin")
    schedule = make_definitions(settings).get_repository_def().get_schedule_def("nightly_schedule")
    assert (schedule.cron_schedule, schedule.execution_timezone) == ("30 2 * * *", "Europe/Berlin")


def test_all_weights_are_verified_once_a_week(installation: Callable[..., Installation]) -> None:
    studio = installation(verify_weights_at="03:15")
    schedule = studio.definitions.get_repository_def().get_schedule_def("verify_weights_schedule")
    assert schedule.cron_schedule == "15 3 * * 0"
    found = studio.run("verify_weights")
    assert found.success
    assert [check.passed for check in found.get_asset_check_evaluations()] == [True]


def test_times_of_the_day_are_written_as_cron_lines() -> None:
    assert weekly("03:15") == "15 3 * * 0"
    assert daily("03:15") == "15 3 * * *"


@pytest.mark.parametrize("at", ["2:30", "24:00", "noon"])
def test_a_wrong_time_is_refused(at: str) -> None:
    with pytest.raises(ValidationError):
        Settings(nightly_at=at)


def test_an_unknown_time_zone_is_refused() -> None:
    with pytest.raises(ValidationError, match="no time zone is called"):
        Settings(time_zone="Europe/Belrin")


def test_a_machine_that_was_off_for_a_month_has_one_nightly_to_catch_up_with(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TTV_NIGHTLY_AT", "02:30")
    prepare_home(Settings())
    importlib.import_module("dagster._daemon")  # The scheduler's module imports this one, and cannot do it first.
    scheduler = importlib.import_module("dagster._scheduler.scheduler")
    target = ModuleTarget("ttv_dagster.definitions", None, None, "ttv_dagster")

    def nights(instance: dg.DagsterInstance) -> list[str]:
        return sorted(run.tags[DAY_TAG] for run in instance.get_runs())

    with open_instance(Settings()) as instance, WorkspaceProcessContext(instance, target) as workspace:

        def at(now: datetime) -> list[str]:
            list(scheduler.launch_scheduled_runs(workspace, logging.getLogger("scheduler"), now, {}))
            return nights(instance)

        assert at(datetime(2026, 1, 1, 12, tzinfo=UTC)) == []
        assert at(datetime(2026, 1, 2, 12, tzinfo=UTC)) == ["2026-01-02"]
        assert at(datetime(2026, 2, 1, 12, tzinfo=UTC)) == ["2026-01-02", "2026-02-01"]
        assert at(datetime(2026, 2, 1, 13, tzinfo=UTC)) == ["2026-01-02", "2026-02-01"]
