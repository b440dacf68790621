"""`model_weights`, materialized in this process, and through a real webserver."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from tests.ui.service import Service
from tests.weights.hub import GATED, noise
from tests.weights.studio import BIG, PullStudio
from ttv_dagster.assets.progress import ProgressLine
from ttv_dagster.definitions import make_definitions
from ttv_dagster.runs.home import open_instance, prepare_home
from ttv_dagster.settings import Settings
from ttv_dagster.weights.model import Model


@pytest.fixture
def instance(studio: PullStudio, monkeypatch: pytest.MonkeyPatch) -> Iterator[dg.DagsterInstance]:
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", studio.server.url)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(studio.hub.cache))
    settings = Settings(home=studio.folder / "home")
    prepare_home(settings)
    with open_instance(settings) as opened:
        yield opened


def materialize(studio: PullStudio, instance: dg.DagsterInstance, model: Model) -> dg.ExecuteInProcessResult:
    settings = Settings(home=studio.folder / "home", models_file=studio.models_file)
    return (
        make_definitions(settings)
        .resolve_job_def("pull_weights")
        .execute_in_process(
            instance=instance,
            tags={"dagster/partition": model.id},
            run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
            raise_on_error=False,
        )
    )


def verify(studio: PullStudio, instance: dg.DagsterInstance) -> dg.AssetCheckEvaluation:
    """The check of the weekly job, on everything that is pulled."""
    settings = Settings(home=studio.folder / "home", models_file=studio.models_file, verify_weights_at="03:00")
    job = make_definitions(settings).resolve_job_def("verify_weights")
    result = job.execute_in_process(instance=instance, raise_on_error=False)
    (found,) = result.get_asset_check_evaluations()
    return found


def lines(instance: dg.DagsterInstance, run_id: str) -> list[str]:
    records = instance.get_records_for_run(run_id).records
    entries = [record.event_log_entry for record in records]
    return [entry.user_message for entry in entries if not entry.is_dagster_event]


def test_a_materialization_has_the_commit_as_its_data_version_and_says_what_came(
    studio: PullStudio, instance: dg.DagsterInstance
) -> None:
    part = studio.model("part")
    model = studio.model("one", license="mit", parts=(part.id,))
    result = materialize(studio, instance, model)
    assert result.success
    (event,) = result.get_asset_materialization_events()
    made = event.step_materialization_data.materialization
    commits = studio.lock.commits()
    assert made.partition == model.id
    assert (made.tags or {})["dagster/data_version"] == f"{commits[model.id]},{commits[part.id]}"
    found = {name: value.value for name, value in made.metadata.items()}
    assert (found["files"], found["bytes"], found["fetched bytes"]) == (6, 600_066, 600_066)
    assert (found["license"], found[part.id]) == ("mit", f"{studio.server.url}/{part.id}/tree/{commits[part.id]}")
    assert result.get_asset_check_evaluations() == [], "a pull has checked what it fetched"
    assert verify(studio, instance).passed


def test_progress_lands_in_the_log_as_ttv_reads_it(
    studio: PullStudio, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ttv_dagster.assets.model_weights.EVERY_SECONDS", 0.2)
    model = studio.model("one", big=noise("big", 3_000_000))
    studio.server.faults.bytes_per_second = 2_000_000
    result = materialize(studio, instance, model)
    read = [at for line in lines(instance, result.run_id) if (at := ProgressLine.parse(line))]
    assert {(at.done, at.total, at.label, at.steps) for at in read if at.stage == "fetch/MB"} == {(0, 1, model.id, 3)}


def test_what_the_hub_refuses_fails_the_run_in_one_line(studio: PullStudio, instance: dg.DagsterInstance) -> None:
    model = studio.model("one")
    studio.server.faults.status = {model.id: (403, GATED)}
    result = materialize(studio, instance, model)
    (failure,) = [event for event in result.all_events if event.is_step_failure]
    said = failure.step_failure_data.user_failure_data
    assert said is not None
    assert str(said.description).startswith(
        f"{model.id} is gated: accept its license at {studio.server.url}/{model.id}"
    )


def test_a_damaged_file_fails_the_check_with_the_cure(studio: PullStudio, instance: dg.DagsterInstance) -> None:
    model = studio.model("one")
    assert materialize(studio, instance, model).success
    studio.file(model).resolve().write_bytes(bytes(300_000))
    check = verify(studio, instance)
    assert not check.passed
    assert f"{BIG}: its digest is" in str(check.description)
    assert f"ttv weights pull --verify {model.id}" in str(check.description)


_LAUNCH = """
mutation($params: ExecutionParams!) { launchRun(executionParams: $params) {
  __typename
  ... on LaunchRunSuccess { run { runId } }
  ... on PythonError { message }
  ... on RunConfigValidationInvalid { errors { message } } } }
"""
_PARTITIONS = """
query($key: AssetKeyInput!) { assetNodeOrError(assetKey: $key) { ... on AssetNode {
  partitionKeys
  latestMaterializationByPartition { partition runId }
  assetPartitionStatuses { ... on DefaultPartitionStatuses { materializedPartitions } } } } }
"""


def test_a_partition_with_a_slash_is_materialized_over_graphql_and_by_dagsters_command(
    studio: PullStudio, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = studio.model("one"), studio.model("two")
    for name, value in studio.env.items():
        monkeypatch.setenv(name, value)
    service = Service(studio.folder)
    try:
        service.wait()
        selector = {
            "repositoryLocationName": "ttv_dagster",
            "repositoryName": "__repository__",
            "pipelineName": "pull_weights",
        }
        tags = [{"key": "dagster/partition", "value": one.id}]
        params = {"selector": selector, "mode": "default", "runConfigData": {}}
        answer = service.graphql(_LAUNCH, params={**params, "executionMetadata": {"tags": tags}})["launchRun"]
        assert answer["__typename"] == "LaunchRunSuccess", answer
        service.wait_for(answer["run"]["runId"], "SUCCESS")
        command = [str(Path(sys.executable).parent / "dagster"), "asset", "materialize", "--select", "model_weights"]
        done = subprocess.run(
            [*command, "--partition", two.id, "-m", "ttv_dagster.definitions"],
            env={**os.environ, "DAGSTER_HOME": str(studio.folder / "home" / "dagster")},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-2000:]
        node = service.graphql(_PARTITIONS, key={"path": ["model_weights"]})["assetNodeOrError"]
        assert set(node["assetPartitionStatuses"]["materializedPartitions"]) == {one.id, two.id}
        assert {one.id, two.id} < set(node["partitionKeys"])
    finally:
        service.stop()
