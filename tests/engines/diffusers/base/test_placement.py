from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests.engines.diffusers.base.requests import IMAGE, RED, frames_of, recipe_for
from tests.tiny.installation import Installation
from tests.tiny.wan import tiny_wan_checkpoint
from ttv_dagster.engines.deployment import Deployment
from ttv_dagster.engines.diffusers.base.host import Host
from ttv_dagster.engines.diffusers.base.placement import Placement, choose_offload, model_sizes, place
from ttv_dagster.engines.diffusers.wan import Wan
from ttv_dagster.engines.protocol import Progress, RenderCancelled
from ttv_dagster.settings import Offload
from ttv_dagster.weights.random_wan import RandomWan

GB = 10**9
FIVE = "tiny/Wan2.2-TI2V-5B-Diffusers"


@pytest.mark.parametrize(
    ("asked", "models", "gpu", "chosen"),
    [
        ("auto", [11 * GB, 10 * GB, 3 * GB], 80 * GB, "none"),
        ("auto", [11 * GB, 10 * GB, 3 * GB], 24 * GB, "model"),
        ("auto", [28 * GB, 28 * GB, 11 * GB], 80 * GB, "model"),
        ("auto", [28 * GB, 28 * GB, 11 * GB], 24 * GB, "sequential"),
        ("none", [28 * GB], 8 * GB, "none"),
        ("sequential", [GB], 80 * GB, "sequential"),
        ("model", [GB], None, "none"),
        ("auto", [28 * GB], None, "none"),
    ],
)
def test_what_leaves_the_gpu_is_the_quickest_that_fits_or_what_wmatches_request(
    asked: Offload, models: list[int], gpu: int | None, chosen: str
) -> None:
    assert choose_offload(asked, models, gpu) == chosen


@pytest.fixture
def deployment(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Deployment:
    installation = Installation(tmp_path_factory.mktemp("wan"), [tiny_wan_checkpoint(RandomWan("2.2"))])
    installation.use_here(monkeypatch)
    return installation.deployment()


def test_offloading_and_tiling_change_where_a_clip_is_made_and_not_what_it_shows(deployment: Deployment) -> None:
    import torch

    wan = Wan(deployment)
    plain = recipe_for(wan, FIVE, deployment)
    imaged = replace(plain, first_frame=IMAGE)
    clips = frames_of(wan, plain), frames_of(wan, imaged, RED)
    pipeline = wan._host.pipeline
    assert len(model_sizes(pipeline)) == 3
    assert all(size > 10_000 for size in model_sizes(pipeline))

    def stop(progress: Progress) -> None:
        raise RenderCancelled("enough")

    # The hooks that move models to a GPU work between two devices of any kind: here, from the CPU to the CPU. Those
    # of single layers are only looked at: accelerate takes "cpu:0", which diffusers makes of it, for another device.
    for offload in ("model", "sequential", "none"):
        place(pipeline, Placement(offload, tile_vae=True), torch.device("cpu"))
        hooked = {name for name, each in pipeline.components.items() if hasattr(each, "_hf_hook")}
        assert hooked == (set() if offload == "none" else {"text_encoder", "transformer", "vae"})
        assert pipeline.vae.use_tiling
        if offload == "sequential":
            continue
        with pytest.raises(RenderCancelled):
            frames_of(wan, plain, on_progress=stop)
        assert np.array_equal(frames_of(wan, plain), clips[0]), offload
        assert np.array_equal(frames_of(wan, imaged, RED), clips[1]), offload
    wan.close()


def test_an_installation_that_decodes_in_tiles_says_so_in_the_record(deployment: Deployment) -> None:
    wan = Wan(replace(deployment, diffusers=deployment.diffusers.model_copy(update={"tile_vae": True})))
    frames_of(wan, recipe_for(wan, FIVE, deployment))
    report: dict[str, Any] = wan.report()
    assert wan._host.pipeline.vae.use_tiling
    assert {name: report[name] for name in ("gpu", "offload", "tile_vae")} == {
        "gpu": "cpu",
        "offload": "none",
        "tile_vae": True,
    }
    assert set(report["stages"]) == {"prompt_and_denoise", "decode"}
    wan.close()


def test_what_is_meant_for_a_gpu_is_not_rendered_on_the_cpu_for_hours(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    loaded: list[str] = []
    with pytest.raises(RuntimeError, match="TTV_ACCELERATOR is cuda, and torch finds no GPU here"):
        Host(replace(deployment, accelerator="cuda")).hold("model", lambda: loaded.append("model"))
    assert loaded == []
