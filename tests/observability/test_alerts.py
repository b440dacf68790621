"""Alerts, received by a real HTTP server."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.remote_origin import GrpcServerCodeLocationOrigin, RemoteRepositoryOrigin

from tests.automation.installation import Installation
from tests.observability.mailbox import Mailbox
from tests.support import ttv
from ttv_dagster.automation.clock import DAY_TAG
from ttv_dagster.observability.alerts import OpenIncidents, Watch, standing_incident
from ttv_dagster.storage.tables import Tables

Make = Callable[..., Installation]


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    box = Mailbox()
    yield box
    box.close()


def studio_with(make: Make, mailbox: Mailbox) -> Installation:
    studio = make(alerts_urls=mailbox.url, ui_url="https://studio.example")
    studio.tick("alerts")
    return studio


def broken(studio: Installation, name: str) -> None:
    studio.add(name, {"id": "a", "params": {"fail_at": 0}}, {"id": "b", "params": {"fail_at": 0}}, {"id": "c"})


def test_a_failed_set_is_one_message_with_its_shots_their_reasons_and_the_run(
    installation: Make, mailbox: Mailbox
) -> None:
    studio = studio_with(installation, mailbox)
    broken(studio, "story")
    run = studio.render("story")
    studio.tick("alerts")
    (message,) = mailbox.messages
    assert message["title"] == "ttv: story failed"
    assert "2 of 3 shots failed:\na: " in message["message"]
    assert "the engine gave up" in message["message"]
    assert f"https://studio.example/runs/{run.run_id}" in message["message"]


def test_a_problem_is_told_of_once_and_once_when_it_is_over(installation: Make, mailbox: Mailbox) -> None:
    studio = studio_with(installation, mailbox)
    broken(studio, "story")
    for _ in range(2):
        studio.render("story")
        studio.tick("alerts")
    assert mailbox.titles() == ["ttv: story failed"]
    studio.add("story", {"id": "a"})
    studio.render("story")
    for _ in range(2):
        studio.tick("alerts")
    assert mailbox.titles() == ["ttv: story failed", "ttv: recovered: story"]


def test_a_set_that_succeeds_is_no_news(installation: Make, mailbox: Mailbox) -> None:
    studio = studio_with(installation, mailbox)
    studio.add("story")
    studio.render("story")
    studio.tick("alerts")
    assert mailbox.messages == []


def test_a_run_that_is_started_again_by_itself_is_no_problem_yet(installation: Make, mailbox: Mailbox) -> None:
    studio = studio_with(installation, mailbox)
    broken(studio, "story")
    run = studio.render("story")
    studio.instance.add_run_tags(run.run_id, {"dagster/will_retry": "true"})
    studio.tick("alerts")
    assert mailbox.messages == []


def test_what_no_channel_takes_is_told_at_the_next_look(installation: Make, mailbox: Mailbox) -> None:
    studio = studio_with(installation, mailbox)
    broken(studio, "story")
    studio.render("story")
    mailbox.status = 500
    with pytest.raises(RuntimeError, match="no channel"):
        studio.tick("alerts")
    mailbox.status = 200
    studio.tick("alerts")
    assert mailbox.titles() == ["ttv: story failed"]


def test_many_problems_at_once_are_one_message(installation: Make, mailbox: Mailbox) -> None:
    studio = studio_with(installation, mailbox)
    for number in range(7):
        run = dg.DagsterRun(job_name=f"job{number}", status=dg.DagsterRunStatus.STARTED)
        studio.instance.add_run(run)
        studio.instance.report_run_failed(run, "out of disk")
    studio.tick("alerts")
    (message,) = mailbox.messages
    assert message["title"] == "ttv: 7 problems"
    assert "out of disk" in message["message"]
    assert "and 2 more" in message["message"]


def test_damage_that_a_check_by_the_clock_found_is_told_of(installation: Make, mailbox: Mailbox) -> None:
    studio = studio_with(installation, mailbox)

    @dg.asset_check(asset="model_weights", name="verified")
    def verified() -> dg.AssetCheckResult:
        return dg.AssetCheckResult(passed=False, description="org/model: model.safetensors is damaged")

    job = dg.define_asset_job("verify_weights", selection=dg.AssetSelection.all_asset_checks())
    defs = dg.Definitions(asset_checks=[verified], jobs=[job])
    for day in ("2026-11-22", "2026-11-29"):
        run = defs.resolve_job_def("verify_weights").execute_in_process(instance=studio.instance, tags={DAY_TAG: day})
        assert run.success
        studio.tick("alerts")
    assert mailbox.titles() == ["ttv: the job verify_weights found damage"]
    assert "org/model: model.safetensors is damaged" in mailbox.messages[0]["message"]


def test_a_queue_that_stands_still_is_told_of_until_it_moves(installation: Make, tmp_path: Path) -> None:
    studio = installation()
    location = GrpcServerCodeLocationOrigin(host="localhost", port=4000)
    origin = RemoteRepositoryOrigin(location, "__repository__").get_job_origin("render_film")
    queued = dg.DagsterRun(job_name="render_film", status=dg.DagsterRunStatus.QUEUED, remote_job_origin=origin)
    studio.instance.add_run(queued)
    watch = Watch(studio.instance, tables=Tables(url=""), ui_url="http://ui", queue_minutes=0.001)
    time.sleep(1.1)
    began = watch.scan(set(), time.time())
    assert [message.title for message in began.messages] == ["ttv: the queue stands still"]
    known = {problem.key for problem in began.begun}
    assert watch.scan(known, time.time()).messages == []
    studio.instance.delete_run(studio.instance.get_runs()[0].run_id)
    assert len(watch.scan(known, time.time()).over) == 1


def test_a_lasting_problem_of_others_is_told_of_once_until_it_is_over(installation: Make, tmp_path: Path) -> None:
    studio = installation()
    watch = Watch(studio.instance, tables=Tables(url=""), ui_url="http://ui", queue_minutes=60)
    spent = standing_incident("the budget of nightly", "ttv: the night's budget is spent", "12 sets are held")
    with OpenIncidents.open(tmp_path / "alerts.sqlite") as problems:
        for standing, messages in (([spent], 1), ([spent], 0), ([], 1), ([], 0)):
            alert = watch.scan(problems.keys(), problems.seen_until(), standing)
            assert len(alert.messages) == messages
            problems.write(alert.begun, alert.over, alert.until)


def test_ttv_alerts_test_says_which_channel_took_the_message_and_no_secret(mailbox: Mailbox, tmp_path: Path) -> None:
    nobody = "json://127.0.0.1:9/"
    done = ttv("alerts", "test", cwd=tmp_path, env={"TTV_ALERTS_URLS": f"{mailbox.url} {nobody}"})
    assert done.returncode == 1
    assert done.stdout.count(": sent") == done.stdout.count("NOT sent") == 1
    assert "hunter2" not in done.stdout + done.stderr
    assert mailbox.titles() == ["ttv: a test"]
    done = ttv("alerts", "test", cwd=tmp_path, env={"TTV_ALERTS_URLS": mailbox.url})
    assert done.returncode == 0
    done = ttv("alerts", "test", cwd=tmp_path, env={"TTV_ALERTS_URLS": "no-such-thing://hunter2"})
    assert done.returncode == 2
    assert "hunter2" not in done.stdout + done.stderr
    assert ttv("alerts", "test", cwd=tmp_path).returncode == 2
