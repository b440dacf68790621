"""What a render does about weights: it pulls them first, in a run of their own, or says why it cannot."""

import dagster as dg
import pytest

from tests.cli.sets import write_set
from tests.weights.studio import PullStudio
from ttv_dagster.definitions import make_definitions
from ttv_dagster.runs.home import open_instance
from ttv_dagster.settings import Settings


def story(studio: PullStudio, *models: str) -> str:
    """A prompt file with a shot for each model."""
    shots = [{"id": f"s{number}", "engine": "modelled", "model": model} for number, model in enumerate(models)]
    return str(write_set(studio.folder / "story.yaml", *shots))


def jobs(studio: PullStudio) -> list[tuple[str, str, str]]:
    """The runs of the installation, oldest first: job, partition, status."""
    with open_instance(Settings(home=studio.folder / "home")) as instance:
        return [
            (run.job_name, run.tags["dagster/partition"], run.status.value) for run in reversed(instance.get_runs())
        ]


def test_a_render_pulls_what_it_lacks_first_and_in_a_run_of_its_own(studio: PullStudio) -> None:
    one, two = (studio.model(name, engines=["modelled"]) for name in ("one", "two"))
    studio.pull(two)
    file = story(studio, one.id, two.id)
    done = studio.ttv("render", file)
    assert done.returncode == 0, done.stderr
    assert f"Pulling the weights of {one.id} first." in done.stderr
    assert two.id not in done.stderr
    assert jobs(studio) == [("pull_weights", one.id, "SUCCESS"), ("render_film", "story", "SUCCESS")]
    asked = len(studio.server.requests)
    again = studio.ttv_json("render", file)
    assert [shot["status"] for shot in again["shots"]] == ["cached", "cached"]
    assert len(studio.server.requests) == asked, "nothing is asked of the hub when all is there"


def test_weights_are_not_pulled_for_clips_that_are_there(studio: PullStudio) -> None:
    model = studio.model("one", engines=["modelled"])
    file = story(studio, model.id)
    studio.ttv_json("render", file)
    studio.ttv_json("weights", "rm", model.id, "--yes")
    again = studio.ttv_json("render", file, HF_HUB_OFFLINE="1")
    assert [shot["status"] for shot in again["shots"]] == ["cached"]


def test_a_render_that_may_not_pull_says_so_in_one_line_and_renders_nothing(studio: PullStudio) -> None:
    model = studio.model("one", engines=["modelled"])
    file = story(studio, model.id)
    done = studio.ttv("render", file, HF_HUB_OFFLINE="1")
    assert done.returncode == 2
    assert f"{model.id}: not on this machine, and offline mode is on (HF_HUB_OFFLINE)" in done.stderr
    gated = studio.model("gated", engines=["modelled"], gated=True)
    done = studio.ttv("render", story(studio, gated.id))
    assert done.returncode == 2
    assert f"{gated.id} is gated: accept its license at {studio.hub.page(gated.id)}" in done.stderr
    assert jobs(studio) == []


def test_a_pull_that_fails_ends_the_render_with_its_reason(studio: PullStudio) -> None:
    model = studio.model("one", engines=["modelled"])
    studio.server.faults.status[model.id] = (404, {"X-Error-Code": "RepoNotFound"})
    done = studio.ttv("render", story(studio, model.id))
    assert done.returncode == 1
    assert f"the weights of {model.id} were not pulled" in done.stderr
    assert [job for job, _, _ in jobs(studio)] == ["pull_weights"]


def test_a_plan_knows_no_key_before_the_weights_are_pulled(studio: PullStudio) -> None:
    model = studio.model("one", engines=["modelled"])
    file = story(studio, model.id)
    (shot,) = studio.ttv_json("plan", file)["shots"]
    assert (shot["key"], shot["reason"]) == (None, f"weights not pulled: {model.id}")
    studio.pull(model)
    (shot,) = studio.ttv_json("plan", file)["shots"]
    assert len(shot["key"]) == 64
    assert shot["reason"] == "new"


def test_clips_refuses_at_its_start_and_names_the_command(studio: PullStudio, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(studio.hub.cache))
    model = studio.model("one", engines=["modelled"])
    done = studio.ttv("add", story(studio, model.id))
    assert done.returncode == 0, done.stderr
    settings = Settings(home=studio.folder / "home", models_file=studio.models_file)
    job = make_definitions(settings).resolve_job_def("render_clips")

    def problem(*steps: str) -> str:
        with open_instance(settings) as instance:
            result = job.execute_in_process(
                instance=instance,
                partition_key="story",
                asset_selection=[dg.AssetKey(step) for step in steps],
                raise_on_error=False,
            )
        failures = [event for event in result.all_events if event.is_step_failure]
        if not failures:
            return ""
        assert [event.step_key for event in failures] == ["clips"]
        said = failures[0].step_failure_data.user_failure_data
        assert said is not None
        return str(said.description)

    every = ("prompt_sets", "keyframes", "clips")
    assert f"which were never pulled: `ttv weights pull {model.id}`" in problem(*every)
    studio.pull(model)
    assert f"story was planned before the weights of {model.id} were pulled" in problem("clips")
    studio.file(model).unlink()
    assert f"the weights of {model.id} are not whole on this machine: ttv weights pull {model.id}" in problem(*every)
    studio.pull(model)
    assert problem(*every) == ""
