import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.automation.installation import Installation
from ttv_dagster.automation.retries import runs_to_retry
from ttv_dagster.tags import automatic_tags

Make = Callable[..., Installation]
NIGHT = automatic_tags("nightly", -10)
MINUTES = 60.0


def later(studio: Installation, minutes: float) -> list[str | None]:
    """The sets that are tried again so many minutes from now."""
    requests = runs_to_retry(studio.instance, now=time.time() + minutes * MINUTES)
    return [request.partition_key for request in requests]


def test_a_run_that_a_full_or_lost_disk_ended_is_tried_again_after_a_while(
    installation: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio = installation(nightly_at="02:30")
    studio.add("story")
    monkeypatch.setattr("ttv_dagster.storage.store.Store.check_writable", no_space)
    assert not studio.render("story", **NIGHT).success
    monkeypatch.undo()
    assert later(studio, 4) == []
    assert later(studio, 6) == ["story"]
    (request,) = runs_to_retry(studio.instance, now=time.time() + 6 * MINUTES)
    assert request.tags["ttv/origin"] == "nightly"
    assert request.tags["ttv/attempt"] == "1"
    assert studio.render("story", **request.tags).success
    assert later(studio, 60) == []


def no_space(_: object) -> None:
    raise OSError(28, "No space left on device")


def test_each_try_waits_longer_and_the_third_is_the_last(installation: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    studio = installation(nightly_at="02:30")
    studio.add("story")
    monkeypatch.setattr("ttv_dagster.storage.store.Store.check_writable", no_space)
    for attempt, wait in (("1", 15), ("2", 45)):
        studio.render("story", **NIGHT, **{"ttv/attempt": attempt})
        assert later(studio, wait - 1) == []
        assert later(studio, wait + 1) == ["story"]
    studio.render("story", **NIGHT, **{"ttv/attempt": "3"})
    assert later(studio, 600) == []


def test_a_failed_shot_and_a_wrong_set_are_not_tried_again(installation: Make) -> None:
    studio = installation(nightly_at="02:30")
    studio.add("broken", {"id": "a", "params": {"fail_at": 0}})
    studio.render("broken", **NIGHT)
    studio.add("wrong")
    Path(studio.settings.library, "wrong", "set.json").write_text("{")
    studio.render("wrong", **NIGHT)
    assert later(studio, 60) == []


def test_what_a_person_started_is_left_to_that_person(installation: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    studio = installation(nightly_at="02:30")
    studio.add("story")
    monkeypatch.setattr("ttv_dagster.storage.store.Store.check_writable", no_space)
    studio.render("story")
    assert later(studio, 60) == []
