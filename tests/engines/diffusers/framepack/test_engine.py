import gc
import weakref
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests.deployments import NOWHERE
from tests.engines.diffusers.base.requests import BLUE, IMAGE, LAST, RED, frames_of, recipe_for
from tests.tiny.framepack import tiny_framepack
from tests.tiny.installation import Installation
from ttv_dagster.engines.deployment import Deployment
from ttv_dagster.engines.diffusers.framepack import FramePack
from ttv_dagster.engines.diffusers.framepack.sections import OVERLAP, WINDOW
from ttv_dagster.engines.protocol import Progress, RenderCancelled
from ttv_dagster.shots.recipe import Recipe
from ttv_dagster.weights.snapshots import snapshot

BACKWARD = "tiny/FramePackI2V_HY"
FORWARD = "tiny/FramePack_F1_I2V_HY_20250503"


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    checkpoints = [tiny_framepack(), tiny_framepack("framepack-f1")]
    installation = Installation(tmp_path_factory.mktemp("framepack"), checkpoints)
    with pytest.MonkeyPatch.context() as patch:
        installation.use_here(patch)
        yield installation.deployment()


@pytest.fixture(scope="module")
def framepack(deployment: Deployment) -> Iterator[FramePack]:
    engine = FramePack(deployment)
    yield engine
    engine.close()


def asked(framepack: FramePack, deployment: Deployment, model: str, **fields: Any) -> Recipe:
    return recipe_for(framepack, model, deployment, **{"first_frame": IMAGE, **fields})


def from_diffusers(recipe: Recipe, sections: int, sampling: str, deployment: Deployment) -> Any:
    """The frames of diffusers' own pipeline, floats from 0 to 1."""
    import torch
    from diffusers import HunyuanVideoFramepackPipeline
    from PIL import Image

    from ttv_dagster.engines.diffusers.framepack.loading import load
    from ttv_dagster.media.images import fit

    ours = load(list(snapshot(deployment.catalog[str(recipe.model)], recipe.commit or "").values()))
    own = HunyuanVideoFramepackPipeline(**ours.components)
    own.set_progress_bar_config(disable=True)
    return own(
        image=Image.fromarray(fit(RED, recipe.width, recipe.height)),
        prompt=recipe.prompt,
        width=recipe.width,
        height=recipe.height,
        num_frames=sections * OVERLAP,
        latent_window_size=WINDOW,
        num_inference_steps=recipe.params["steps"],
        guidance_scale=recipe.params["guidance"],
        generator=torch.Generator("cpu").manual_seed(recipe.seed),
        sampling_type=sampling,
        output_type="pt",
    ).frames[0]


@pytest.mark.parametrize(
    ("model", "sampling"), [(BACKWARD, "inverted_anti_drifting"), (FORWARD, "vanilla")], ids=["I2V_HY", "F1"]
)
def test_sections_join_as_in_the_pipeline_itself_and_what_is_too_much_is_cut_off(
    framepack: FramePack, deployment: Deployment, model: str, sampling: str
) -> None:
    recipe = asked(framepack, deployment, model, num_frames=80)
    told: list[Progress] = []
    clip = frames_of(framepack, recipe, RED, on_progress=told.append)
    assert clip.shape == (80, 16, 16, 3)
    own = from_diffusers(recipe, 3, sampling, deployment)
    assert own.shape == (109, 3, 16, 16)
    expected = (own[:80].float() * 255).permute(0, 2, 3, 1).numpy()
    assert np.abs(expected - clip).max() <= 1.01, "rounded, and otherwise the same"

    steps = [progress for progress in told if progress.stage != "load" and progress.preview is None]
    assert [(step.stage, step.done, step.total) for step in steps] == [("denoise", done, 6) for done in range(1, 7)]
    previews = [(progress.done, progress.preview) for progress in told if progress.preview is not None]
    assert [done for done, _preview in previews] == [2, 4, 6]
    assert all(preview.shape[1:] == (16, 16, 3) and 33 <= len(preview) <= 36 for _done, preview in previews)
    assert not np.array_equal(previews[0][1], previews[1][1])
    newest = previews[-1][1]
    settled = newest[0] if sampling == "inverted_anti_drifting" else newest[79 - 109]
    assert np.array_equal(settled, clip[0 if sampling == "inverted_anti_drifting" else 79])


@pytest.mark.parametrize("model", [BACKWARD, FORWARD])
def test_the_seed_and_the_image_decide_the_clip(framepack: FramePack, deployment: Deployment, model: str) -> None:
    recipe = asked(framepack, deployment, model)
    clip = frames_of(framepack, recipe, RED)
    assert clip.shape == (37, 16, 16, 3)
    assert np.array_equal(frames_of(framepack, recipe, RED), clip)
    assert not np.array_equal(frames_of(framepack, replace(recipe, seed=2), RED), clip)
    assert not np.array_equal(frames_of(framepack, recipe, BLUE), clip)


def test_the_last_image_changes_the_clip_of_the_model_that_reads_it(
    framepack: FramePack, deployment: Deployment
) -> None:
    recipe = asked(framepack, deployment, BACKWARD, last_frame=LAST)
    assert not np.array_equal(frames_of(framepack, recipe, RED, RED), frames_of(framepack, recipe, RED, BLUE))


@pytest.mark.parametrize(
    ("model", "fields", "field", "hint"),
    [
        (BACKWARD, {"last_frame": LAST, "num_frames": 80}, "num_frames", "73 or 109"),
        (FORWARD, {"last_frame": LAST}, "last_image", "a model that reads it"),
        (BACKWARD, {"first_frame": None}, "image", "give the shot an image"),
        (BACKWARD, {"width": 40}, "width", "32 or 48"),
        (BACKWARD, {"num_frames": 5000}, "num_frames", "1 to 3601"),
        (BACKWARD, {"params": {"sampling": "vanilla"}}, "params.sampling", "cache, guidance, steps"),
    ],
)
def test_what_would_not_be_rendered_matches_request_is_refused(
    framepack: FramePack, deployment: Deployment, model: str, fields: dict[str, Any], field: str, hint: str
) -> None:
    (problem,) = framepack.validate(asked(framepack, deployment, model, **fields))
    assert problem.field == field
    assert hint in problem.hint


@pytest.mark.parametrize("at_preview", [False, True])
def test_a_cancelled_render_stops_in_the_section_it_is_at(
    framepack: FramePack, deployment: Deployment, at_preview: bool
) -> None:
    recipe = asked(framepack, deployment, FORWARD, num_frames=109, params={"cache": 0.5})
    told: list[Progress] = []

    def stop(progress: Progress) -> None:
        told.append(progress)
        if progress.preview is not None if at_preview else progress.done == 3:
            raise RenderCancelled("enough")

    with pytest.raises(RenderCancelled):
        frames_of(framepack, recipe, RED, on_progress=stop)
    assert told[-1].done == (2 if at_preview else 3)
    short = replace(recipe, num_frames=37)
    assert np.array_equal(frames_of(framepack, short, RED), frames_of(framepack, short, RED))


def test_step_caching_is_off_until_a_shot_asks_and_starts_again_with_each_section(
    framepack: FramePack, deployment: Deployment
) -> None:
    recipe = asked(framepack, deployment, FORWARD, num_frames=73, params={"steps": 4})
    assert recipe.params["cache"] == 0.0
    cached = replace(recipe, params={**recipe.params, "cache": 1.0})
    exact = frames_of(framepack, recipe, RED)
    quick = frames_of(framepack, cached, RED)
    assert not np.array_equal(quick, exact)
    assert np.array_equal(frames_of(framepack, cached, RED), quick)
    assert np.array_equal(frames_of(framepack, recipe, RED), exact)


def test_its_usual_model_is_asked_for_where_a_shot_names_none() -> None:
    assert FramePack(NOWHERE).default_model(image=True) == "lllyasviel/FramePackI2V_HY"


def test_nothing_of_the_model_is_alive_after_close(deployment: Deployment) -> None:
    framepack = FramePack(deployment)
    frames_of(framepack, asked(framepack, deployment, BACKWARD), RED)
    pipeline = framepack._host.pipeline
    held = [weakref.ref(each) for each in (pipeline, pipeline.transformer, pipeline.vae)]
    del pipeline
    framepack.close()
    gc.collect()
    assert [each() for each in held] == [None, None, None]
