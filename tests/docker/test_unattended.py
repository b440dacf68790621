"""docker-compose.yml as `.env.example` has it, with the profile `cpu`: what it does when nobody clicks."""

import json
import shlex
import time
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest

from tests.docker.engine import Engine
from tests.docker.stack import Stack

pytestmark = pytest.mark.docker

LOG = "/var/lib/ttv/runs.jsonl"
SMALL = {"width": 96, "height": 64, "num_frames": 9}


@pytest.fixture(scope="module")
def cpu(engine: Engine, builds: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    # A folder of root's, as Docker makes one that is not there.
    settings = {
        "COMPOSE_PROFILES": "cpu",
        "COMPOSE_FILE": "docker-compose.yml",
        "TTV_ENGINE": "",
        "TTV_JSON_LOG_FILE": LOG,
    }
    running = Stack(engine, tmp_path_factory.mktemp("inbox"), project="ttvtestcpu", **settings)
    try:
        running.up()
        yield running
    finally:
        running.down()


def test_a_file_dropped_into_the_inbox_becomes_a_film_without_a_click(cpu: Stack) -> None:
    run = cpu.drop("dropped", {"id": "a"}, {"id": "b"}, **SMALL)
    cpu.wait_for(run["runId"], "SUCCESS")
    assert cpu.tags(run["runId"])["ttv/launcher"] == "default"
    assert cpu.clips("dropped") == {"a": "rendered", "b": "rendered"}
    films = cpu.shell("find /var/lib/ttv/media/films -name '*.mp4'").split()
    assert len(films) == 1
    lines = [json.loads(line) for line in cpu.shell(f"cat {LOG}").splitlines()]
    assert {line["set"] for line in lines if line["run"] == run["runId"]} == {"dropped"}
    assert {"a", "b"} <= {line["shot"] for line in lines}


def test_what_is_wrong_with_a_dropped_file_is_said_beside_it(cpu: Stack) -> None:
    (cpu.inbox / "bad.yaml").write_text("shots: [{prompt: a lighthouse, widht: 96}]")
    said = cpu.inbox / "errors" / "bad.yaml.txt"
    deadline = time.monotonic() + 60
    while not said.exists():
        assert time.monotonic() < deadline, cpu.compose("logs", "--tail", "40", "daemon")
        time.sleep(0.5)
    assert "widht" in said.read_text()


def test_the_metrics_are_behind_the_web_proxy(cpu: Stack) -> None:
    request = urllib.request.Request(f"{cpu.url}/metrics", headers=cpu.headers)  # noqa: S310
    with urllib.request.urlopen(request, timeout=60) as response:  # noqa: S310
        assert "ttv_queue_runs{state=" in response.read().decode()
    with pytest.raises(urllib.error.HTTPError, match="401"):
        urllib.request.urlopen(f"{cpu.url}/metrics", timeout=20)  # noqa: S310


def test_prometheus_scrapes_the_stack(cpu: Stack) -> None:
    cpu.compose("up", "--detach", "--no-build", "prometheus")
    code = (
        "import json, urllib.request as u; "
        "print(json.load(u.urlopen('http://prometheus:9090/api/v1/query?query=ttv_queue_runs'))['data']['result'])"
    )
    deadline = time.monotonic() + 120
    while "queued" not in (said := cpu.shell(f"python -c {shlex.quote(code)} 2>&1 || true")):
        assert time.monotonic() < deadline, said + cpu.compose("logs", "prometheus")
        time.sleep(1)
