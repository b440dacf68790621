"""docker-compose.yml as it is, on a real engine: what a studio sees of it."""

import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from tests.docker.stack import PASSWORD, PROJECT, SHM_BYTES, STOP_SECONDS, USER, Stack
from tests.ui.test_pages import ARGUMENTS

pytestmark = pytest.mark.docker

WAIT = 90_000
SLOW = {"params": {"sleep": 0.25}, "num_frames": 20}


@pytest.fixture(scope="module")
def page(stack: Stack) -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
        context = browser.new_context(http_credentials={"username": USER, "password": PASSWORD})
        context.set_default_timeout(WAIT)
        yield context.new_page()
        browser.close()


def test_planning_runs_in_the_light_place(stack: Stack) -> None:
    stack.add("planned", {"id": "a"})
    run = stack.launch("planned", job="plan_set")
    stack.wait_for(run, "SUCCESS")
    assert stack.tags(run)["ttv/launcher"] == "default"
    assert stack.container(run) is None


def test_a_render_runs_in_the_render_container_with_the_options_of_its_deployment(stack: Stack) -> None:
    stack.add("film", {"id": "a", **SLOW}, {"id": "b", "continues": True})
    before = stack.whole_clips()
    run = stack.launch("film")
    container = stack.wait_for_render(run)
    host, config = container["HostConfig"], container["Config"]
    assert config["Image"] == "ttv-test-render"
    assert (host["ShmSize"], host["IpcMode"], host["Memory"]) == (SHM_BYTES, "private", 1 << 30)
    assert (host["AutoRemove"], host["Privileged"]) == (False, False)
    assert host["SecurityOpt"] == ["no-new-privileges:true"]
    assert [request["DeviceIDs"] for request in host["DeviceRequests"]] == [["0"]]
    assert [request["Capabilities"] for request in host["DeviceRequests"]] == [[["gpu"]]]
    mounts = {mount["Destination"]: mount["Name"] for mount in container["Mounts"] if mount["Type"] == "volume"}
    assert mounts == {
        "/var/lib/ttv": f"{PROJECT}_home",
        "/var/lib/ttv/media": f"{PROJECT}_media",
        "/var/lib/ttv/weights": f"{PROJECT}_weights",
    }
    assert config["User"] == "1000"
    assert "/var/run/docker.sock" not in str(container["Mounts"])
    stack.wait_for(run, "SUCCESS")
    assert stack.clips("film") == {"a": "rendered", "b": "rendered"}
    assert len(stack.whole_clips() - before) == 2
    stack.wait_until_reaped(run)


def test_ttv_render_beside_the_code_server_goes_through_the_queue_into_the_container(stack: Stack) -> None:
    said = stack.shell("ttv render examples/lighthouse.yaml --engine animatic --shots coast --json")
    assert [shot["status"] for shot in json.loads(said)["shots"]] == ["rendered"]
    run = stack.run_of("lighthouse")
    assert run is not None
    assert stack.tags(run["runId"])["ttv/launcher"] == "cuda"


def test_a_set_is_rendered_at_a_click_and_its_clip_is_seen(stack: Stack, page: Page) -> None:
    stack.add("clicked", {"id": "a"})
    page.goto(f"{stack.url}/locations/__repository__@ttv_dagster/asset-groups/video/lineage")
    page.get_by_text("Materialize all").click()
    dialog = page.locator("[role=dialog]")
    dialog.get_by_text("Select a partition").click()
    page.get_by_text("clicked", exact=True).filter(visible=True).first.click()
    dialog.get_by_text("Partition selection").click()
    dialog.get_by_role("button", name="Launch 1 run").click()
    deadline = time.monotonic() + 60
    while (run := stack.run_of("clicked")) is None:
        assert time.monotonic() < deadline
        page.wait_for_timeout(300)
    stack.wait_for(run["runId"], "SUCCESS")
    assert stack.tags(run["runId"])["ttv/launcher"] == "cuda"
    page.goto(f"{stack.url}/assets/clips?view=partitions&partition=clicked")
    line = page.locator("tr", has=page.get_by_text("preview", exact=True))
    line.get_by_text("[Show Markdown]").click()
    image = page.locator("img[src^='data:image/webp']")
    expect(image).to_be_visible(timeout=WAIT)
    assert "a: rendered in" in stack.said(run["runId"])
    stack.wait_until_reaped(run["runId"])


def test_a_terminated_render_is_gone_within_its_stop_timeout_and_leaves_nothing_half_written(stack: Stack) -> None:
    stack.add("ended", {"id": "a"}, {"id": "b", **SLOW, "num_frames": 400})
    before = stack.whole_clips()
    run = stack.launch("ended")
    stack.wait_for_render(run, published=1)
    asked = time.monotonic()
    stack.terminate(run)
    stack.wait_for(run, "CANCELED")
    while (container := stack.container(run)) is not None and container["State"]["Running"]:
        time.sleep(0.2)
    assert time.monotonic() - asked < STOP_SECONDS
    assert stack.shell("ls -A /var/lib/ttv/media/.work").split() == []
    assert len(stack.whole_clips() - before) == 1
    stack.wait_until_reaped(run)


def test_a_killed_container_fails_its_run_with_the_reason_and_a_retry_renders_what_is_missing(stack: Stack) -> None:
    stack.add("killed", {"id": "a"}, {"id": "b", "params": {"sleep": 0.25}, "num_frames": 40})
    run = stack.launch("killed")
    container = stack.wait_for_render(run, published=1)
    stack.engine.docker("kill", container["Id"])
    stack.wait_for(run, "FAILURE")
    said = stack.said(run)
    assert "ended: killed from outside: by `docker kill`" in said
    assert "Its last lines:" in said
    again = stack.launch("killed")
    stack.wait_for(again, "SUCCESS")
    assert stack.clips("killed") == {"a": "cached", "b": "rendered"}
    stack.wait_until_reaped(run)
    stack.wait_until_reaped(again)


def test_a_killed_render_of_a_dropped_file_is_started_again_by_itself(stack: Stack) -> None:
    run = stack.drop("lost", {"id": "a"}, {"id": "b", **SLOW, "num_frames": 40}, engine="noise")["runId"]
    container = stack.wait_for_render(run, published=1)
    stack.engine.docker("kill", container["Id"])
    stack.wait_for(run, "FAILURE")
    again = stack.wait_for_run("lost", other_than=run)["runId"]
    stack.wait_for(again, "SUCCESS")
    assert stack.clips("lost") == {"a": "cached", "b": "rendered"}
    for each in (run, again):
        stack.wait_until_reaped(each)


def test_a_render_goes_on_while_daemon_and_webserver_restart(stack: Stack) -> None:
    stack.add("restarted", {"id": "a", "params": {"sleep": 0.25}, "num_frames": 120})
    run = stack.launch("restarted")
    stack.wait_for_render(run)
    stack.compose("restart", "--timeout", "10", "daemon", "webserver")
    stack.wait()
    assert stack.status(run) == "STARTED"
    stack.wait_for(run, "SUCCESS")
    assert stack.clips("restarted") == {"a": "rendered"}
    stack.wait_until_reaped(run)


def test_of_two_renders_and_one_gpu_the_second_waits_for_the_first(stack: Stack) -> None:
    for name in ("first", "second"):
        stack.add(name, {"id": "a", **SLOW})
    first = stack.launch("first")
    stack.wait_for_render(first)
    second = stack.launch("second")
    while stack.status(first) == "STARTED":
        assert stack.container(second) is None
        time.sleep(0.3)
    stack.wait_for(second, "SUCCESS")
    containers = stack.engine.docker("ps", "-aq", "--filter", f"label=ttv/installation={PROJECT}")
    assert len(containers.split()) <= 2
    for run in (first, second):
        assert stack.status(run) == "SUCCESS"
        stack.wait_until_reaped(run)


def test_the_web_proxy_asks_for_a_password_and_bears_with_ten_wrong_ones_a_minute(stack: Stack) -> None:
    def answer(headers: dict[str, str]) -> int:
        try:
            request = urllib.request.Request(f"{stack.url}/server_info", headers=headers)  # noqa: S310
            with urllib.request.urlopen(request, timeout=20) as response:  # noqa: S310
                return int(response.status)
        except urllib.error.HTTPError as error:
            return error.code

    assert answer({}) == 401
    wrong = [answer({"Authorization": "Basic d3Jvbmc6d3Jvbmc="}) for _ in range(13)]
    assert wrong[:10] == [401] * 10
    assert wrong[-1] == 429
    stack.compose("restart", "web-proxy")
    stack.wait()


def test_only_the_web_proxy_publishes_a_port_and_only_the_docker_proxy_has_dockers_socket(stack: Stack) -> None:
    containers = [
        stack.engine.container(f"com.docker.compose.service={service}")
        for service in stack.compose("ps", "--services").split()
    ]
    published = {
        container["Config"]["Labels"]["com.docker.compose.service"]: binding
        for container in containers
        if container
        for bindings in (container["HostConfig"]["PortBindings"] or {}).values()
        for binding in bindings
    }
    assert {name: binding["HostIp"] for name, binding in published.items()} == {"web-proxy": "127.0.0.1"}
    with_socket = [
        container["Config"]["Labels"]["com.docker.compose.service"]
        for container in containers
        if container and "docker.sock" in str(container["Mounts"])
    ]
    assert with_socket == ["docker-proxy"]


@pytest.mark.parametrize(
    "request_", ["c.images.pull('busybox')", "c.volumes.list()", "c.containers.list()[0].exec_run('id')", "c.info()"]
)
def test_the_socket_proxy_refuses_what_a_launcher_does_not_need(stack: Stack, request_: str) -> None:
    code = f"import docker\nc = docker.from_env()\ntry: {request_}\nexcept docker.errors.APIError as e: print(e)"
    said = stack.compose("exec", "-T", "daemon", "python", "-c", code)
    assert "403" in said
    assert "deploy/docker-proxy.cfg does not allow this request" in said
