"""The engine `wan` in its child process, on a tiny checkpoint."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil
import pytest

from tests.engines.diffusers.base.requests import IMAGE, RED, frames_of, recipe_for
from tests.farm.planning import local_farm
from tests.farm.test_local import Watch
from tests.tiny.installation import Installation
from tests.tiny.wan import tiny_wan_checkpoint
from ttv_dagster.engines.deployment import Deployment
from ttv_dagster.engines.diffusers.wan import Wan
from ttv_dagster.engines.protocol import Inputs, Progress
from ttv_dagster.farm.engine_process import EngineFailed, EngineProcess
from ttv_dagster.farm.protocol import RenderJob
from ttv_dagster.planning.resolve import plan_set
from ttv_dagster.shots.shot import PromptSet, Shot
from ttv_dagster.storage.store import Store
from ttv_dagster.weights.random_wan import RandomWan

MODEL = "tiny/Wan2.2-TI2V-5B-Diffusers"


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    installation = Installation(tmp_path_factory.mktemp("wan"), [tiny_wan_checkpoint(RandomWan("2.2"))])
    with pytest.MonkeyPatch.context() as patch:
        installation.use_here(patch)
        yield installation.deployment()


def test_a_child_renders_the_same_frames_and_says_what_is_missing(deployment: Deployment) -> None:
    wan, child = Wan(deployment), EngineProcess("engine", "wan", deployment)
    recipe = recipe_for(wan, MODEL, deployment, first_frame=IMAGE)
    steps: list[Progress] = []
    try:
        frames = child.render(recipe, Inputs(RED), steps.append)
        assert np.array_equal(np.concatenate(list(frames)), frames_of(wan, recipe, RED))
        assert Progress("denoise", 2, 2) in steps
        assert set(child.report()["stages"]) == {"prompt_and_denoise", "decode"}
        lost = replace(recipe, commit="0" * 40)
        with pytest.raises(EngineFailed, match="ttv weights pull") as caught:
            list(child.render(lost, Inputs(RED), steps.append))
        assert caught.value.kind == "WeightsMissing"
    finally:
        child.close()
        wan.close()


class _Killer(Watch):
    """Kills the engine's process in the middle of one shot."""

    def progressed(self, job: RenderJob, progress: Progress) -> None:
        if job.label == "b" and progress.stage == "denoise" and progress.done == 1:
            children = [each for each in psutil.Process().children() if each.status() != psutil.STATUS_ZOMBIE]
            (child,) = (each for each in children if "engine_process" in " ".join(each.cmdline()))
            child.kill()


def test_a_worker_that_is_killed_in_the_middle_of_a_shot_costs_that_shot_alone(
    deployment: Deployment, tmp_path: Path
) -> None:
    shots = [Shot(id=name, prompt=f"prompt {name}", engine="wan", model=MODEL) for name in "abc"]
    planned = plan_set(PromptSet(name="test", shots=tuple(shots)), file="test", deployment=deployment)
    farm = local_farm(deployment, Store(tmp_path / "media"))
    try:
        jobs = [RenderJob(each.shot.id, each) for each in planned]
        outcomes = {each.label: each for each in farm.render(jobs, _Killer())}
    finally:
        farm.close()
    assert {label: each.status for label, each in outcomes.items()} == {"a": "rendered", "b": "failed", "c": "rendered"}
    assert "the process of wan was ended by SIGKILL" in str(outcomes["b"].error)
