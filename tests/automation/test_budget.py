import time
from collections.abc import Callable
from pathlib import Path

import dagster as dg
import pytest
from pydantic import ValidationError

from tests.automation.installation import Installation
from tests.observability.mailbox import Mailbox
from tests.support import ttv
from ttv_dagster.automation.budget import allowance, budget_of
from ttv_dagster.automation.clock import today
from ttv_dagster.automation.usage import Usage
from ttv_dagster.settings import Settings

Make = Callable[..., Installation]


def held(make: Make, **settings: object) -> Installation:
    """An installation whose night has spent its budget by its first set, with two more sets to render."""
    studio = make(nightly_at="02:30", budgets={"night": 0.001}, **settings)
    studio.add("first")
    studio.run("night")
    assert studio.render_what_is_asked("night_worklist") == ["first"]
    studio.add("second")
    studio.add("third")
    studio.run("night")
    return studio


def test_a_spent_budget_holds_its_queue_and_says_so(installation: Make) -> None:
    studio = held(installation)
    assert studio.tick("night_worklist") == []
    allowed = allowance("night", studio.settings, studio.instance, most=20)
    assert allowed.runs == 0
    assert "held until midnight, or `ttv budget resume night`" in allowed.why


def test_a_held_queue_goes_on_by_hand(installation: Make, tmp_path: Path) -> None:
    studio = held(installation)
    env = {"TTV_BUDGETS": "night=0.001"}
    assert "held" in ttv("budget", "show", cwd=tmp_path, env=env).stdout
    assert ttv("budget", "resume", "night", cwd=tmp_path, env=env).returncode == 0
    assert "resumed" in ttv("budget", "show", cwd=tmp_path, env=env).stdout
    assert studio.render_what_is_asked("night_worklist") == ["second", "third"]
    assert ttv("budget", "resume", "inbox", cwd=tmp_path, env=env).returncode == 2


def test_a_held_queue_goes_on_at_midnight(installation: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    studio = held(installation)
    with Usage.open(studio.settings.usage) as usage:
        usage.count_runs(studio.instance)
        spent = usage.busy_seconds("night")
        tomorrow = time.time() + 86_400
        assert spent > 0
        monkeypatch.setattr("ttv_dagster.automation.usage.time.time", lambda: tomorrow)
        assert usage.busy_seconds("night", since=tomorrow) == 0


def test_what_a_person_starts_is_held_by_no_budget(installation: Make) -> None:
    studio = held(installation)
    assert studio.render("second").success
    with Usage.open(studio.settings.usage) as usage:
        usage.count_runs(studio.instance)
        assert set(usage.queues()) == {"night", "person"}


def test_a_queue_with_a_budget_has_few_runs_at_once(installation: Make) -> None:
    studio = installation(nightly_at="02:30", budgets={"night": 3600})
    for name in ("a", "b", "c"):
        studio.add(name)
    studio.run("night")
    assert len(studio.tick("night_worklist")) == 2
    running = dg.DagsterRun(job_name="x", status=dg.DagsterRunStatus.STARTED, tags={"ttv/origin": "night"})
    studio.instance.add_run(running)
    assert len(studio.tick("night_worklist")) == 1


def test_a_spent_budget_is_one_alert(installation: Make) -> None:
    mailbox = Mailbox()
    try:
        studio = held(installation, alerts_urls=mailbox.url)
        for _ in range(2):
            studio.tick("alerts")
        assert mailbox.titles() == ["ttv: the budget of the night is spent"]
        with Usage.open(studio.settings.usage) as usage:
            usage.resume("night", today("UTC"))
        studio.tick("alerts")
        assert mailbox.titles()[1:] == ["ttv: recovered: standing: the budget of night"]
    finally:
        mailbox.close()


def test_budgets_are_read_from_one_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TTV_BUDGETS", "night=7200 inbox=3600")
    assert Settings().budgets == {"night": 7200, "inbox": 3600}
    monkeypatch.setenv("TTV_BUDGETS", "nigth=7200")
    with pytest.raises(ValidationError, match="no queue is called 'nigth'"):
        Settings()


def test_a_queue_without_a_budget_has_none(installation: Make) -> None:
    studio = installation()
    assert budget_of("night", studio.settings, studio.instance) is None
