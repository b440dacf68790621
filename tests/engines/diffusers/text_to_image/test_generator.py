import gc
import weakref
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests.engines.diffusers.base.requests import recipe_for
from tests.tiny.installation import Installation
from tests.tiny.text_to_image import tiny_text_to_image
from tests.tiny.wan import tiny_wan_checkpoint
from ttv_dagster.engines.deployment import Deployment
from ttv_dagster.engines.diffusers.text_to_image import TextToImage
from ttv_dagster.engines.diffusers.wan import Wan
from ttv_dagster.farm.local import LocalFarm
from ttv_dagster.shots.recipe import KeyframeRecipe
from ttv_dagster.weights.random_wan import RandomWan

LIGHT, GOOD = "tiny/light", "tiny/good"
XL, Z_IMAGE = "tiny/SSD-1B", "tiny/Z-Image-Turbo"
WAN = "tiny/Wan2.2-TI2V-5B-Diffusers"


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    checkpoints = [
        tiny_text_to_image(LIGHT),
        tiny_text_to_image(GOOD, seed=1, guidance=3.0),
        tiny_text_to_image(XL, layout="stable-diffusion-xl", guidance=9.0),
        tiny_text_to_image(Z_IMAGE, layout="z-image", guidance=0.0),
        tiny_wan_checkpoint(RandomWan("2.2")),
    ]
    installation = Installation(tmp_path_factory.mktemp("t2i"), checkpoints)
    with pytest.MonkeyPatch.context() as patch:
        installation.use_here(patch)
        yield installation.deployment()


@pytest.fixture(scope="module")
def maker(deployment: Deployment) -> Iterator[TextToImage]:
    opened = TextToImage(deployment)
    yield opened
    opened.close()


def asked(maker: TextToImage, deployment: Deployment, model: str = LIGHT, **fields: Any) -> KeyframeRecipe:
    recipe = KeyframeRecipe(
        maker=maker.name,
        maker_version=maker.version,
        prompt="a fox in the snow",
        seed=1,
        width=64,
        height=48,
        model=model,
        commit=deployment.catalogue[model].commit(deployment.lock.commits()),
        params=maker.default_params(model),
    )
    return replace(recipe, **fields)


def test_a_picture_is_the_same_alone_and_in_a_batch(maker: TextToImage, deployment: Deployment) -> None:
    recipes = [asked(maker, deployment, seed=seed) for seed in (1, 2, 3)]
    batch = list(maker.make(recipes))
    assert all(picture.dtype == np.uint8 and picture.shape == (48, 64, 3) for picture in batch)
    assert not np.array_equal(batch[0], batch[1])
    for recipe, picture in zip(reversed(recipes), reversed(batch), strict=True):
        (alone,) = maker.make([recipe])
        assert np.array_equal(alone, picture)


@pytest.mark.parametrize("model", [XL, Z_IMAGE])
def test_the_pipelines_of_the_models_in_the_catalogue_paint_by_the_recipe(
    maker: TextToImage, deployment: Deployment, model: str
) -> None:
    recipe = asked(maker, deployment, model)
    first, again, other = maker.make([recipe, recipe, replace(recipe, seed=2)])
    assert first.shape == (48, 64, 3)
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize(("width", "height"), [(64, 64), (100, 30), (17, 90), (200, 120)])
def test_a_picture_has_the_size_that_its_recipe_asks_for(
    maker: TextToImage, deployment: Deployment, width: int, height: int
) -> None:
    (picture,) = maker.make([asked(maker, deployment, width=width, height=height)])
    assert picture.shape == (height, width, 3)
    assert picture.std() > 1


@pytest.mark.parametrize(
    "fields",
    [
        {"prompt": "a bear"},
        {"negative_prompt": "a bear"},
        {"params": {"steps": 3, "guidance": 5.0}},
        {"params": {"steps": 2, "guidance": 9.0}},
    ],
)
def test_everything_in_the_recipe_decides_the_picture(
    maker: TextToImage, deployment: Deployment, fields: dict[str, Any]
) -> None:
    recipe = asked(maker, deployment)
    first, other = maker.make([recipe, replace(recipe, **fields)])
    assert not np.array_equal(first, other)


def test_the_model_is_in_the_recipe_and_its_usual_steps_and_guidance(
    maker: TextToImage, deployment: Deployment
) -> None:
    assert maker.default_params(GOOD) == {"steps": 2, "guidance": 3.0}
    first, other = maker.make([asked(maker, deployment), asked(maker, deployment, GOOD)])
    assert not np.array_equal(first, other)


@pytest.mark.parametrize("model", [WAN, "nobody/nothing"])
def test_a_model_that_makes_no_pictures_is_named_with_those_that_do(maker: TextToImage, model: str) -> None:
    with pytest.raises(ValueError, match="tiny/light"):
        maker.default_params(model)


def test_a_picture_that_the_safety_checker_blackened_is_a_failure_and_no_picture(
    maker: TextToImage, deployment: Deployment
) -> None:
    recipe = asked(maker, deployment)
    list(maker.make([recipe]))
    pipeline = maker._host.pipeline
    own = pipeline.run_safety_checker
    pipeline.run_safety_checker = lambda image, _device, _dtype: (image, [True])
    try:
        with pytest.raises(RuntimeError, match="safety checker of tiny/light"):
            list(maker.make([recipe]))
    finally:
        pipeline.run_safety_checker = own


def held(worker: Any) -> list["weakref.ref[Any]"]:
    pipeline = worker._host.pipeline
    return [weakref.ref(each) for each in (pipeline, pipeline.vae, pipeline.text_encoder)]


def test_the_text_to_image_model_is_gone_before_the_video_model_loads_and_the_other_way_round(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    farm = LocalFarm(deployment)
    maker = TextToImage(deployment)
    keyframe = asked(maker, deployment)
    next(farm.make_keyframes([keyframe]))
    of_maker = held(farm._maker)
    alive_at_load: list[int] = []

    def load(*arguments: Any, **options: Any) -> Any:
        from ttv_dagster.engines.diffusers.wan.loading import load as real

        gc.collect()
        alive_at_load.append(sum(each() is not None for each in of_maker))
        return real(*arguments, **options)

    monkeypatch.setattr("ttv_dagster.engines.diffusers.wan.engine.load", load)
    recipe = recipe_for(Wan(deployment), WAN, deployment)
    for _frames in farm.render(recipe, first_frame=None, last_frame=None, on_progress=lambda _progress: None):
        pass
    assert alive_at_load == [0]
    of_engine = held(farm._engine)
    next(farm.make_keyframes([keyframe]))
    gc.collect()
    assert [each() for each in of_engine] == [None, None, None]
    farm.close()
