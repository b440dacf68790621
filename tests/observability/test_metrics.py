"""Metrics, scraped by a real Prometheus (Debian's package)."""

import json
import os
import re
import shutil
import socket
import subprocess
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.automation.installation import Installation
from tests.support import TTV
from ttv_dagster.automation.usage import Usage
from ttv_dagster.storage.tables import Tables

Make = Callable[..., Installation]
MONITORING = Path(__file__).parents[2] / "deploy" / "monitoring"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


class Prometheus:
    """`ttv metrics`, and a Prometheus that scrapes it."""

    def __init__(self, folder: Path) -> None:
        exporter, self.port = free_port(), free_port()
        config = yaml.safe_load((MONITORING / "prometheus.yml").read_text())
        (job,) = config["scrape_configs"]
        job.update(scrape_interval="1s", scrape_timeout="1s", static_configs=[{"targets": [f"127.0.0.1:{exporter}"]}])
        (folder / "prometheus.yml").write_text(yaml.safe_dump(config))
        found = shutil.which("prometheus")
        assert found, "this test drives Debian's Prometheus: apt-get install prometheus"
        env = {**os.environ, "TTV_HOME": str(folder / "home"), "TTV_BUDGETS": "nightly=3600"}
        quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self.processes = [
            subprocess.Popen([*TTV, "metrics", "--port", str(exporter)], cwd=folder, env=env, **quiet),
            subprocess.Popen(
                [
                    found,
                    f"--config.file={folder / 'prometheus.yml'}",
                    f"--storage.tsdb.path={folder / 'tsdb'}",
                    f"--web.listen-address=127.0.0.1:{self.port}",
                ],
                cwd=folder,
                **quiet,
            ),
        ]

    def query(self, expression: str) -> dict[str, float]:
        """The values of an expression, by their labels."""
        query = urllib.parse.urlencode({"query": expression})
        url = f"http://127.0.0.1:{self.port}/api/v1/query?{query}"
        with urllib.request.urlopen(url, timeout=10) as response:
            answer = json.load(response)
        assert answer["status"] == "success", answer
        hidden = ("__name__", "instance", "job")
        return {
            " ".join(value for name, value in sorted(each["metric"].items()) if name not in hidden): float(
                each["value"][1]
            )
            for each in answer["data"]["result"]
        }

    def names(self) -> list[str]:
        """The names of all metrics that were scraped."""
        url = f"http://127.0.0.1:{self.port}/api/v1/label/__name__/values"
        with urllib.request.urlopen(url, timeout=10) as response:
            found: list[str] = json.load(response)["data"]
        return found

    def until(self, expression: str, wanted: dict[str, float]) -> None:
        deadline = time.monotonic() + 60
        found: object = None
        while time.monotonic() < deadline:
            try:
                found = self.query(expression)
            except OSError as error:
                found = error
            if found == wanted:
                return
            time.sleep(0.5)
        raise AssertionError(f"{expression} is {found}, not {wanted}")

    def stop(self) -> None:
        for process in self.processes:
            process.terminate()
            process.wait(30)


@pytest.fixture
def prometheus(tmp_path: Path) -> Iterator[Prometheus]:
    running = Prometheus(tmp_path)
    yield running
    running.stop()


@pytest.mark.prometheus
def test_prometheus_scrapes_what_was_rendered_and_every_panel_of_the_dashboard_can_be_drawn(
    installation: Make, prometheus: Prometheus
) -> None:
    studio = installation()
    studio.add("story", {"id": "a"}, {"id": "b"}, {"id": "c", "params": {"fail_at": 0}})
    studio.render("story")
    prometheus.until("ttv_shots_total", {"noise failed": 1, "noise rendered": 2})
    studio.render("story")
    prometheus.until("ttv_shots_total", {"noise cached": 2, "noise failed": 2, "noise rendered": 2})
    assert prometheus.query("ttv_render_seconds_total > 0").keys() == {"noise"}
    assert prometheus.query("ttv_gpu_busy_seconds_total > 0").keys() == {"person"}
    prometheus.until("ttv_queue_runs", {"queued": 0, "running": 0})
    assert prometheus.query("ttv_queue_age_seconds") == {"": 0}
    assert prometheus.query("ttv_store_bytes > 0").keys() == {"clips"}
    drawn = set()
    for panel in json.loads((MONITORING / "dashboard.json").read_text())["panels"]:
        for target in panel["targets"]:
            prometheus.query(target["expr"])
            drawn |= set(re.findall(r"ttv_[a-z_]+", target["expr"]))
    assert drawn == {name for name in prometheus.names() if name.startswith("ttv_")}


def test_what_was_counted_once_is_never_counted_again(installation: Make) -> None:
    studio = installation()
    tables = Tables(url=studio.settings.tables)
    studio.add("story")
    studio.render("story")
    with Usage.open(studio.settings.automation_database) as usage:
        for _ in range(2):
            usage.count_runs(studio.instance)
            usage.count_shots(studio.instance, tables)
        before = usage.shots(), usage.busy_seconds("person")
    studio.instance.delete_run(studio.instance.get_runs()[0].run_id)
    with Usage.open(studio.settings.automation_database) as usage:
        usage.count_runs(studio.instance)
        usage.count_shots(studio.instance, tables)
        assert (usage.shots(), usage.busy_seconds("person")) == before
    assert [row[:4] for row in before[0]] == [("noise", "", "rendered", 1)]
