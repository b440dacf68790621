"""Runs on a real webserver, daemon, code server and Docker engine."""

import time

import pytest

from tests.launching.service import INSTALLATION, MONITORING_SECONDS, STOP_SECONDS, LaunchingService

pytestmark = pytest.mark.docker


def test_a_run_without_a_tag_runs_beside_the_code_server(service: LaunchingService) -> None:
    run = service.start_op("light_job")
    service.wait_for(run, "SUCCESS")
    assert "here: local" in service.said(run)
    assert service.tags(run)["ttv/launcher"] == "default"
    assert service.container(run) is None


def test_a_run_whose_step_asks_for_cuda_runs_in_a_container_with_the_options_of_its_route(
    service: LaunchingService,
) -> None:
    run = service.start_op("heavy_job", seconds=1)
    service.wait_for(run, "SUCCESS")
    assert "here: cuda, GPUs 0" in service.said(run)
    container = service.container(run)
    assert container is not None
    host = container["HostConfig"]
    assert host["DeviceRequests"][0]["DeviceIDs"] == ["0"]
    assert host["DeviceRequests"][0]["Capabilities"] == [["gpu"]]
    assert (host["ShmSize"], host["IpcMode"], host["AutoRemove"], host["Init"]) == (64 << 20, "private", False, True)
    labels = container["Config"]["Labels"]
    assert labels["ttv/installation"] == INSTALLATION
    assert (labels["ttv/launcher"], labels["ttv/gpus"], labels["studio"]) == ("cuda", "0", "yes")
    assert service.tags(run)["ttv/launcher"] == "cuda"
    assert service.tags(run)["ttv/gpus"] == "0"


def test_a_run_with_light_and_heavy_steps_goes_to_the_container_once(service: LaunchingService) -> None:
    run = service.launch(job="mixed_job")
    service.wait_for(run, "SUCCESS")
    assert service.said(run).count("here: cuda") == 2


def test_an_accelerator_without_a_route_fails_the_run_with_what_to_do(service: LaunchingService) -> None:
    run = service.launch(job="elsewhere_job")
    service.wait_for(run, "FAILURE")
    assert "dagster.yaml has no route of that name (it has: cuda)" in service.said(run)


def test_two_runs_at_once_get_gpus_of_their_own_and_a_third_waits_for_one(service: LaunchingService) -> None:
    runs = [service.start_op("heavy_job", seconds=4) for _ in range(3)]
    while sum(service.status(run) == "STARTED" for run in runs) < 2:
        time.sleep(0.2)
    assert sorted(service.status(run) for run in runs) == ["QUEUED", "STARTED", "STARTED"]
    for run in runs:
        service.wait_for(run, "SUCCESS")
    given = {run: service.tags(run)["ttv/gpus"] for run in runs}
    first_two = sorted(given.values())
    assert first_two in (["0", "0", "1,2"], ["0", "1,2", "1,2"])
    assert "GPUs 0" in service.said(next(run for run in runs if given[run] == "0"))
    assert "GPUs 1,2" in service.said(next(run for run in runs if given[run] == "1,2"))


def test_a_terminated_run_is_asked_to_end_and_does(service: LaunchingService) -> None:
    run = service.start_op("heavy_job", seconds=60)
    service.wait_for(run, "STARTED")
    asked = time.monotonic()
    service.terminate(run)
    service.wait_for(run, "CANCELED")
    assert time.monotonic() - asked < STOP_SECONDS


def test_a_run_that_ignores_being_asked_is_gone_after_its_stop_timeout(service: LaunchingService) -> None:
    run = service.start_op("heavy_job", seconds=60, deaf=True)
    while "here: cuda" not in service.said(run):
        time.sleep(0.2)
    asked = time.monotonic()
    service.terminate(run)
    assert STOP_SECONDS - 1 < time.monotonic() - asked < STOP_SECONDS + 15
    container = service.container(run)
    assert container is not None
    assert not container["State"]["Running"]
    service.sweep()
    assert service.status(run) == "CANCELED"
    assert service.container(run) is None


def test_a_killed_container_fails_its_run_with_the_reason_and_its_last_lines(service: LaunchingService) -> None:
    run = service.start_op("heavy_job", seconds=60)
    while "here: cuda" not in service.said(run):
        time.sleep(0.2)
    container = service.container(run)
    assert container is not None
    service.engine.docker("kill", container["Id"])
    service.wait_for(run, "FAILURE")
    said = service.said(run)
    assert "ended: killed from outside: by `docker kill`" in said
    assert "exit code 137" in said
    assert "Its last lines:\n" in said
    assert "working" in said


def test_a_container_that_runs_out_of_memory_says_so(service: LaunchingService) -> None:
    run = service.start_op("heavy_job", megabytes=1000)
    service.wait_for(run, "FAILURE")
    assert "out of memory: the kernel killed a process in it when it reached its limit of 0.391 GiB" in service.said(
        run
    )


def test_the_signal_that_ended_a_container_is_named(service: LaunchingService) -> None:
    run = service.start_op("heavy_job", kill=True)
    service.wait_for(run, "FAILURE")
    assert "SIGQUIT: FastVideo's `mp` executor sends it to its caller" in service.said(run)


def test_what_ended_leaves_no_container_behind(service: LaunchingService) -> None:
    run = service.start_op("heavy_job")
    service.wait_for(run, "SUCCESS")
    while (container := service.container(run)) is not None and container["State"]["Running"]:
        time.sleep(0.2)
    assert run in service.sweep()
    assert service.container(run) is None
    assert service.engine.docker("ps", "-aq", "--filter", f"label=ttv/installation={INSTALLATION}") == ""


def test_the_reaper_leaves_the_containers_of_living_runs_and_of_others_alone(service: LaunchingService) -> None:
    other = service.engine.docker("create", "--label", "ttv/installation=other", service.engine.base_image(), "true")
    run = service.start_op("heavy_job", seconds=3)
    service.wait_for(run, "STARTED")
    assert run not in service.sweep()
    service.wait_for(run, "SUCCESS")
    service.engine.docker("rm", other.strip())


def test_a_container_without_a_run_is_stopped_and_removed(service: LaunchingService) -> None:
    labels = ["--label", f"ttv/installation={INSTALLATION}", "--label", "dagster/run_id=gone"]
    service.engine.docker("run", "-d", "--init", *labels, service.engine.base_image(), "sleep", "600")
    assert "stopped" in service.sweep()
    assert "removed" in service.sweep()
    assert service.container("gone") is None


def test_a_gpu_is_freed_from_a_container_whose_run_has_ended(service: LaunchingService) -> None:
    for gpus in ("0", "1,2"):
        labels = [f"ttv/installation={INSTALLATION}", "ttv/launcher=cuda", f"ttv/gpus={gpus}", "dagster/run_id=gone"]
        flags = [word for label in labels for word in ("--label", label)]
        service.engine.docker("run", "-d", "--init", *flags, service.engine.base_image(), "sleep", "600")
    run = service.start_op("heavy_job")
    service.wait_for(run, "SUCCESS")
    assert service.tags(run)["ttv/gpus"] == "0"
    service.sweep()


def test_a_run_in_a_container_outlives_the_daemon_and_the_webserver(service: LaunchingService) -> None:
    run = service.start_op("heavy_job", seconds=40)
    service.wait_for(run, "STARTED")
    service.stop()
    service.start()
    assert service.status(run) == "STARTED"
    service.wait_for(run, "SUCCESS")


def test_a_run_in_a_process_of_its_own_is_left_alone(service: LaunchingService) -> None:
    from tests.launching.jobs import light_job

    config = {"ops": {"light": {"config": {"seconds": 3 * MONITORING_SECONDS}}}}
    with service.instance() as instance:
        result = light_job.execute_in_process(run_config=config, instance=instance)
    assert service.status(result.run_id) == "SUCCESS"
    assert "ttv/launcher" not in service.tags(result.run_id)


def test_a_local_run_whose_code_server_died_is_found_dead(service: LaunchingService) -> None:
    run = service.start_op("light_job", seconds=300)
    service.wait_for(run, "STARTED")
    service.kill("dagster api grpc")
    service.kill("multiprocessing")
    service.wait_for(run, "FAILURE")
    assert "The code server" in service.said(run)
    service.stop()
    service.start()
