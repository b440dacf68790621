import gc
import weakref
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests.deployments import NOWHERE
from tests.engines.diffusers.base.requests import BLUE, IMAGE, LAST, RED, frames_of, recipe_for
from tests.tiny.installation import Installation
from tests.tiny.wan import tiny_wan_checkpoint
from tests.tiny.wan_families import tiny_wan_of
from ttv_dagster.engines.deployment import Deployment
from ttv_dagster.engines.diffusers.base.host import OutOfMemory
from ttv_dagster.engines.diffusers.wan import Wan
from ttv_dagster.engines.protocol import Inputs, Progress, RenderCancelled
from ttv_dagster.shots.recipe import Recipe
from ttv_dagster.weights.random_wan import RandomWan
from ttv_dagster.weights.snapshots import WeightsMissing

FIVE = "tiny/Wan2.2-TI2V-5B-Diffusers"
ONE = "tiny/Wan2.1-T2V-1.3B-Diffusers"
TWO_STAGES = "tiny/wan2.2-a14b-i2v"
BOTH_ENDS = "tiny/wan2.1-flf2v"
FREE_END = "tiny/a14b-with-a-last-frame"
DISTILLED = "tiny/FastWan2.2-TI2V-5B-Diffusers"


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    checkpoints = [
        tiny_wan_checkpoint(RandomWan("2.2")),
        tiny_wan_checkpoint(RandomWan("2.1")),
        tiny_wan_checkpoint(RandomWan("2.2", distilled=True)),
        tiny_wan_of("wan2.1-i2v", ["I2V"]),
        tiny_wan_of("wan2.1-flf2v", ["FLF2V"]),
        tiny_wan_of("wan2.2-a14b-t2v", ["T2V"]),
        tiny_wan_of("wan2.2-a14b-i2v", ["I2V"]),
        tiny_wan_of("wan2.2-a14b-i2v", ["I2V", "FLF2V"], id=FREE_END),
    ]
    installation = Installation(tmp_path_factory.mktemp("wan"), checkpoints)
    with pytest.MonkeyPatch.context() as patch:
        installation.use_here(patch)
        yield installation.deployment()


@pytest.fixture(scope="module")
def wan(deployment: Deployment) -> Iterator[Wan]:
    engine = Wan(deployment)
    yield engine
    engine.close()


def asked(wan: Wan, deployment: Deployment, model: str, **fields: Any) -> Recipe:
    return recipe_for(wan, model, deployment, **fields)


@pytest.mark.parametrize(
    ("model", "fields", "images"),
    [
        (FIVE, {}, ()),
        (FIVE, {"first_frame": IMAGE, "width": 96, "num_frames": 9}, (RED,)),
        (ONE, {"width": 48, "height": 32, "num_frames": 1}, ()),
        ("tiny/wan2.1-i2v", {"first_frame": IMAGE}, (RED,)),
        ("tiny/wan2.2-a14b-t2v", {}, ()),
        (TWO_STAGES, {"first_frame": IMAGE}, (RED,)),
        (BOTH_ENDS, {"first_frame": IMAGE, "last_frame": LAST}, (RED, BLUE)),
    ],
    ids=["5B", "5B with an image", "2.1", "2.1 I2V", "A14B T2V", "A14B I2V", "FLF2V"],
)
def test_a_clip_is_as_long_and_large_matches_request_and_its_seed_decides_it(
    wan: Wan, deployment: Deployment, model: str, fields: dict[str, Any], images: tuple[Any, ...]
) -> None:
    recipe = asked(wan, deployment, model, **fields)
    steps: list[Progress] = []
    first, last = (*images, None, None)[:2]
    clip = frames_of(wan, recipe, first, last, steps.append)
    assert clip.shape == (recipe.num_frames, recipe.height, recipe.width, 3)
    told = [(step.stage, step.done, step.total) for step in steps]
    assert told[-2:] == [("denoise", 1, 2), ("denoise", 2, 2)]
    assert told[:-2] in ([], [("load", 0, 1)])
    assert np.array_equal(frames_of(wan, recipe, first, last), clip)
    assert not np.array_equal(frames_of(wan, replace(recipe, seed=2), first, last), clip)


@pytest.mark.parametrize("model", [FIVE, TWO_STAGES])
def test_the_image_changes_the_clip(wan: Wan, deployment: Deployment, model: str) -> None:
    recipe = asked(wan, deployment, model, first_frame=IMAGE)
    assert not np.array_equal(frames_of(wan, recipe, RED), frames_of(wan, recipe, BLUE))


@pytest.mark.parametrize("model", [BOTH_ENDS, FREE_END])
def test_the_last_image_changes_the_clip_of_a_model_that_reads_it(wan: Wan, deployment: Deployment, model: str) -> None:
    recipe = asked(wan, deployment, model, first_frame=IMAGE, last_frame=LAST)
    assert not np.array_equal(frames_of(wan, recipe, RED, RED), frames_of(wan, recipe, RED, BLUE))


def test_an_image_is_cropped_to_the_clip_and_not_stretched(wan: Wan, deployment: Deployment) -> None:
    recipe = asked(wan, deployment, FIVE, first_frame=IMAGE)
    square = np.zeros((64, 64, 3), np.uint8)
    square[:, 16:48] = 255
    wide = np.zeros((64, 128, 3), np.uint8)
    wide[:, 48:80] = 255
    assert np.array_equal(frames_of(wan, recipe, square), frames_of(wan, recipe, wide))


@pytest.mark.parametrize(("param", "value"), [("steps", 3), ("guidance", 2.0), ("guidance_2", 9.0)])
def test_what_a_shot_asks_of_a_model_of_two_stages_decides_its_pixels(
    wan: Wan, deployment: Deployment, param: str, value: float
) -> None:
    recipe = asked(wan, deployment, TWO_STAGES, first_frame=IMAGE, params={"steps": 4})
    other = replace(recipe, params={**recipe.params, param: value})
    assert recipe.key() != other.key()
    assert not np.array_equal(frames_of(wan, recipe, RED), frames_of(wan, other, RED))


def test_the_negative_prompt_changes_the_clip(wan: Wan, deployment: Deployment) -> None:
    recipe = asked(wan, deployment, FIVE)
    assert not np.array_equal(frames_of(wan, recipe), frames_of(wan, replace(recipe, negative_prompt="a bear")))


def test_shots_with_an_image_and_without_share_one_loaded_model(deployment: Deployment) -> None:
    wan = Wan(deployment)
    frames_of(wan, asked(wan, deployment, FIVE))
    assert "load_seconds" in wan.report()
    frames_of(wan, asked(wan, deployment, FIVE, first_frame=IMAGE), RED)
    assert "load_seconds" not in wan.report()
    wan.close()


def test_the_frames_are_those_of_the_pipeline_itself(wan: Wan, deployment: Deployment) -> None:
    import torch
    from diffusers import WanPipeline

    from ttv_dagster.weights.snapshots import snapshot

    recipe = asked(wan, deployment, ONE, negative_prompt="a bear")
    folder = snapshot(deployment.catalog[ONE], recipe.commit or "")[ONE]
    own = WanPipeline.from_pretrained(folder, dtype={"default": torch.bfloat16, "vae": torch.float32})
    own.set_progress_bar_config(disable=True)
    frames = own(
        prompt=recipe.prompt,
        negative_prompt=recipe.negative_prompt,
        width=recipe.width,
        height=recipe.height,
        num_frames=recipe.num_frames,
        num_inference_steps=recipe.params["steps"],
        guidance_scale=recipe.params["guidance"],
        generator=torch.Generator("cpu").manual_seed(recipe.seed),
    ).frames[0]
    off = np.abs(frames * 255 - frames_of(wan, recipe))
    assert off.max() <= 0.51, "rounded to the nearest level, and otherwise the same"


def test_a_cancelled_render_stops_at_its_step_and_leaves_nothing_behind(wan: Wan, deployment: Deployment) -> None:
    recipe = asked(wan, deployment, FIVE, params={"steps": 5, "cache": 0.5})
    clip = frames_of(wan, recipe)
    steps: list[Progress] = []

    def stop(progress: Progress) -> None:
        steps.append(progress)
        if progress.done == 2:
            raise RenderCancelled("enough")

    with pytest.raises(RenderCancelled):
        frames_of(wan, replace(recipe, seed=5), on_progress=stop)
    assert len(steps) == 2
    assert np.array_equal(frames_of(wan, recipe), clip)


def test_step_caching_is_off_until_a_shot_asks_and_ends_with_its_render(wan: Wan, deployment: Deployment) -> None:
    recipe = asked(wan, deployment, FIVE, params={"steps": 6})
    assert recipe.params["cache"] == 0.0
    cached = replace(recipe, params={**recipe.params, "cache": 1.0})
    assert cached.key() != recipe.key()
    exact = frames_of(wan, recipe)
    quick = frames_of(wan, cached)
    assert not np.array_equal(quick, exact)
    assert np.array_equal(frames_of(wan, cached), quick)
    assert np.array_equal(frames_of(wan, recipe), exact)


@pytest.mark.parametrize(
    ("model", "fields", "field", "hint"),
    [
        (FIVE, {"width": 48}, "width", "32 or 64"),
        (ONE, {"height": 40}, "height", "32 or 48"),
        (FIVE, {"num_frames": 6}, "num_frames", "5 or 9"),
        (FIVE, {"first_frame": IMAGE, "last_frame": LAST}, "last_image", "a model that reads it"),
        (ONE, {"first_frame": IMAGE}, "image", "a model that reads it"),
        (TWO_STAGES, {}, "image", "give the shot an image"),
        (BOTH_ENDS, {"first_frame": IMAGE}, "last_image", "give the shot one"),
        (ONE, {"params": {"guidance_2": 3.0}}, "params.guidance_2", "cache, guidance, steps"),
        (ONE, {"params": {"guidance": 1.0}, "negative_prompt": "a bear"}, "negative_prompt", "above 1"),
    ],
)
def test_what_the_pipeline_would_crash_on_or_quietly_change_is_refused(
    wan: Wan, deployment: Deployment, model: str, fields: dict[str, Any], field: str, hint: str
) -> None:
    (problem,) = wan.validate(asked(wan, deployment, model, **fields))
    assert problem.field == field
    assert hint in problem.hint


@pytest.mark.parametrize("model", [DISTILLED, "nobody/nothing", None])
def test_a_model_that_it_does_not_run_is_named_with_those_that_it_runs(wan: Wan, model: str | None) -> None:
    with pytest.raises(ValueError, match=r"wan renders nothing without a model|Wan2\.2-TI2V-5B"):
        wan.capabilities(model)


def test_it_plans_where_nothing_was_ever_pulled_and_says_how_to_pull(deployment: Deployment) -> None:
    wan = Wan(NOWHERE)
    model = wan.default_model(image=True)
    recipe = replace(asked(wan, NOWHERE, str(model)), commit="0" * 40)
    assert wan.validate(recipe) == []
    with pytest.raises(WeightsMissing, match=r"ttv weights pull Wan-AI/Wan2\.2-TI2V-5B-Diffusers"):
        next(wan.render(recipe, Inputs(), print))


def test_another_version_of_diffusers_renders_nothing(
    wan: Wan, deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ttv_dagster.engines.diffusers.base.installed.version", lambda _name: "9.9")
    with pytest.raises(RuntimeError, match=r"diffusers 0\.42\.1, and 9\.9 is installed: pip install"):
        frames_of(wan, asked(wan, deployment, FIVE))


class _Full:
    """Memory that does not suffice for so many calls of a model."""

    def __init__(self, wan: Wan, times: int) -> None:
        self.left = times
        wan._host.pipeline.transformer.register_forward_pre_hook(self)

    def __call__(self, module: Any, inputs: Any) -> None:
        import torch

        if self.left:
            self.left -= 1
            raise torch.OutOfMemoryError("tried to allocate 20.00 GiB")


def test_out_of_memory_is_tried_once_more_in_low_memory_mode_and_the_record_says_so(deployment: Deployment) -> None:
    wan = Wan(deployment)
    recipe = asked(wan, deployment, FIVE)
    frames_of(wan, recipe)
    assert "low_memory" not in wan.report()
    _Full(wan, times=1)
    assert frames_of(wan, recipe).shape == (5, 64, 64, 3)
    report = wan.report()
    assert (report["low_memory"], report["tile_vae"]) == (True, True)
    wan.close()


def test_out_of_memory_twice_is_reported_with_what_wmatches_request(deployment: Deployment) -> None:
    wan = Wan(deployment)
    recipe = asked(wan, deployment, FIVE)
    frames_of(wan, recipe)
    _Full(wan, times=2)
    with pytest.raises(OutOfMemory, match=r"64x64, 5 frames was asked .*20\.00 GiB.*in low-memory mode"):
        frames_of(wan, recipe)
    wan.close()


def test_an_installation_that_allows_no_thrift_is_told_at_once(deployment: Deployment) -> None:
    wan = Wan(replace(deployment, retry_low_memory=False))
    recipe = asked(wan, deployment, FIVE)
    frames_of(wan, recipe)
    full = _Full(wan, times=2)
    with pytest.raises(OutOfMemory, match="64x64, 5 frames"):
        frames_of(wan, recipe)
    assert full.left == 1
    wan.close()


def test_nothing_of_the_model_is_alive_after_close(deployment: Deployment) -> None:
    wan = Wan(deployment)
    frames_of(wan, asked(wan, deployment, FIVE))
    held = [weakref.ref(wan._host.pipeline), weakref.ref(wan._host.pipeline.transformer)]
    wan.close()
    gc.collect()
    assert [each() for each in held] == [None, None]
