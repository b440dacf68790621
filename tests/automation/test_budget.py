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
    studio = make(nightly_at="02:30", budgets={"nightly": 0.001}, **settings)
    studio.add("first")
    studio.run("nightly")
    assert studio.render_what_is_asked("nightly_runs") == ["first"]
    studio.add("second")
    studio.add("third")
    studio.run("nightly")
    return studio


def test_a_spent_budget_holds_its_queue_and_says_so(installation: Make) -> None:
    studio = held(installation)
    assert studio.tick("nightly_runs") == []
    allowed = allowance("nightly", studio.settings, studio.instance, maximum=20)
    assert allowed.runs == 0
    assert "held until midnight, or `ttv budget resume nightly`" in allowed.why


def test_a_held_queue_goes_on_by_hand(installation: Make, tmp_path: Path) -> None:
    studio = held(installation)
    env = {"TTV_BUDGETS": "nightly=0.001"}
    assert "spent" in ttv("budget", "show", cwd=tmp_path, env=env).stdout
    assert ttv("budget", "resume", "nightly", cwd=tmp_path, env=env).returncode == 0
    assert "resumed" in ttv("budget", "show", cwd=tmp_path, env=env).stdout
    assert studio.render_what_is_asked("nightly_runs") == ["second", "third"]
    assert ttv("budget", "resume", "inbox", cwd=tmp_path, env=env).returncode == 2


def test_a_held_queue_goes_on_at_midnight(installation: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    studio = held(installation)
    with Usage.open(studio.settings.automation_database) as usage:
        usage.count_runs(studio.instance)
        spent = usage.busy_seconds("nightly")
        tomorrow = time.time() + 86_400
        assert spent > 0
        monkeypatch.setattr("ttv_dagster.automation.usage.time.time", lambda: tomorrow)
        assert usage.busy_seconds("nightly", since=tomorrow) == 0


def test_what_a_person_starts_is_held_by_no_budget(installation: Make) -> None:
    studio = held(installation)
    assert studio.render("second").success
    with Usage.open(studio.settings.automation_database) as usage:
        usage.count_runs(studio.instance)
        assert set(usage.queues()) == {"nightly", "person"}


def test_a_queue_with_a_budget_has_few_runs_at_once(installation: Make) -> None:
    studio = installation(nightly_at="02:30", budgets={"nightly": 3600})
    for name in ("a", "b", "c"):
        studio.add(name)
    studio.run("nightly")
    assert len(studio.tick("nightly_runs")) == 2
    running = dg.DagsterRun(job_name="x", status=dg.DagsterRunStatus.STARTED, tags={"ttv/origin": "nightly"})
    studio.instance.add_run(running)
    assert len(studio.tick("nightly_runs")) == 1


def test_a_spent_budget_is_one_alert(installation: Make) -> None:
    mailbox = Mailbox()
    try:
        studio = held(installation, alerts_urls=mailbox.url)
        for _ in range(2):
            studio.tick("alerts")
        assert mailbox.titles() == ["ttv: the budget of nightly is spent"]
        with Usage.open(studio.settings.automation_database) as usage:
            usage.resume("nightly", today("UTC"))
        studio.tick("alerts")
        assert mailbox.titles()[1:] == ["ttv: recovered: standing: the budget of nightly"]
    finally:
        mailbox.close()


def test_budgets_are_read_from_one_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TTV_BUDGETS", "nightly=7200 inbox=3600")
    assert Settings().budgets == {"nightly": 7200, "inbox": 3600}
    monkeypatch.setenv("TTV_BUDGETS", "nigth=7200")
    with pytest.raises(ValidationError, match="no queue is called 'nigth'"):
        Settings()


def test_a_queue_without_a_budget_has_none(installation: Make) -> None:
    studio = installation()
    assert budget_of("nightly", studio.settings, studio.instance) is None
