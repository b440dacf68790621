"""The definitions through a real webserver, daemon and queue."""

import os
import signal
import socket
import subprocess
import time
from pathlib import Path

import pytest

from tests.cli.sets import write_set
from tests.support import TTV, ttv, ttv_json
from tests.ui.service import Service

SLOW = {"params": {"sleep": 0.2}, "num_frames": 20}


def test_a_set_is_materialized_over_graphql(service: Service) -> None:
    service.add("graphql", {"id": "a"}, {"id": "b", "continues": True})
    service.wait_for(service.launch("graphql"), "SUCCESS")
    assert service.clips("graphql") == {"a": "rendered", "b": "rendered"}
    service.wait_for(service.launch("graphql"), "SUCCESS")
    assert service.clips("graphql") == {"a": "cached", "b": "cached"}


def test_a_failing_shot_fails_the_run_and_a_retry_renders_only_it(service: Service) -> None:
    service.add("failing", {"id": "a"}, {"id": "broken", "params": {"fail_at": 1}})
    service.wait_for(service.launch("failing"), "FAILURE")
    assert service.clips("failing") == {"a": "rendered", "broken": "failed"}
    service.add("failing", {"id": "a"}, {"id": "broken"})
    service.wait_for(service.launch("failing"), "SUCCESS")
    assert service.clips("failing") == {"a": "cached", "broken": "rendered"}


def test_two_runs_of_one_set_never_overlap_and_those_of_two_sets_do(service: Service) -> None:
    service.add("same", {"id": "a", **SLOW})
    service.add("other", {"id": "b"})
    first, second = service.launch("same"), service.launch("same")
    service.wait_for(first, "STARTED")
    third = service.launch("other")
    service.wait_for(third, "SUCCESS")
    assert service.status(second) == "QUEUED"
    service.wait_for(first, "SUCCESS")
    service.wait_for(second, "SUCCESS")
    assert service.clips("same") == {"a": "cached"}


def test_a_terminated_run_ends_with_nothing_half_written(service: Service) -> None:
    service.add("stopped", {"id": "a"}, {"id": "b", **SLOW, "seed": 77})
    run = service.launch("stopped")
    service.wait_for(run, "STARTED")
    work = service.folder / "home" / "media" / ".work"
    deadline = time.monotonic() + 60
    while not list(work.glob("*.mp4")):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    service.terminate(run)
    service.wait_for(run, "CANCELED")
    assert list(work.iterdir()) == []
    assert ttv_json("plan", "stopped", cwd=service.folder)["totals"]["render"] in (1, 2)


def test_ttv_render_submits_to_the_queue_and_follows_the_run(service: Service) -> None:
    file = write_set(service.folder / "queued.yaml", {"id": "q1"}, {"id": "q2"})
    document = ttv_json("render", file, cwd=service.folder)
    assert [shot["status"] for shot in document["shots"]] == ["rendered", "rendered"]
    run = service.run_of("queued")
    assert run is not None
    assert run["status"] == "SUCCESS"
    assert "ttv/process_lock" not in {tag["key"] for tag in run["tags"]}, "it ran in the process of ttv"


def test_a_port_in_use_is_said_in_a_sentence(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = ttv("ui", "--port", taken.getsockname()[1], cwd=tmp_path)
    assert done.returncode == 2
    assert "--port" in done.stderr


def test_a_daemon_that_stopped_does_not_keep_a_render_waiting(tmp_path: Path) -> None:
    service = Service(tmp_path)
    try:
        service.wait()
    finally:
        service.stop()
    write_set(tmp_path / "story.yaml", {"id": "a"})
    done = ttv("render", "story.yaml", cwd=tmp_path, timeout=180)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_stopping_the_ui_leaves_no_process_behind(tmp_path: Path, number: signal.Signals) -> None:
    service = Service(tmp_path)
    try:
        service.wait()
    finally:
        service.stop(number)
    deadline = time.monotonic() + 60
    while subprocess.run(["pgrep", "-f", str(tmp_path / "home")], capture_output=True, check=False).stdout:
        assert time.monotonic() < deadline, "a process was left behind"
        time.sleep(0.5)


def test_ctrl_c_on_a_followed_render_terminates_its_run(service: Service) -> None:
    write_set(service.folder / "followed.yaml", {"id": "slow", "prompt": "followed", **SLOW, "seed": 78})
    render = subprocess.Popen(
        [*TTV, "render", "followed.yaml"],
        cwd=service.folder,
        env={**os.environ, "TTV_HOME": str(service.folder / "home")},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 60
    while (run := service.run_of("followed")) is None or run["status"] != "STARTED":
        assert time.monotonic() < deadline
        time.sleep(0.2)
    render.send_signal(signal.SIGINT)
    _, said = render.communicate(timeout=60)
    assert render.returncode == 130
    assert "Interrupted" in said
    service.wait_for(run["runId"], "CANCELED")
