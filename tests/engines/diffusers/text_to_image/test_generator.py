from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import psutil
import pytest

from tests.engines.diffusers.base.requests import recipe_for
from tests.tiny.installation import Installation
from tests.tiny.text_to_image import tiny_text_to_image
from tests.tiny.wan import tiny_wan_checkpoint
from ttv_dagster.engines.deployment import Deployment
from ttv_dagster.engines.diffusers.text_to_image import TextToImage
from ttv_dagster.engines.diffusers.wan import Wan
from ttv_dagster.engines.protocol import Inputs
from ttv_dagster.farm.engines import LoadedEngine
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
def generator(deployment: Deployment) -> Iterator[TextToImage]:
    opened = TextToImage(deployment)
    yield opened
    opened.close()


def asked(generator: TextToImage, deployment: Deployment, model: str = LIGHT, **fields: Any) -> KeyframeRecipe:
    recipe = KeyframeRecipe(
        generator=generator.name,
        generator_version=generator.version,
        prompt="a fox in the snow",
        seed=1,
        width=64,
        height=48,
        model=model,
        commit=deployment.catalog[model].commit(deployment.lock.commits()),
        params=generator.default_params(model),
    )
    return replace(recipe, **fields)


def test_an_image_is_the_same_alone_and_in_a_batch(generator: TextToImage, deployment: Deployment) -> None:
    recipes = [asked(generator, deployment, seed=seed) for seed in (1, 2, 3)]
    batch = list(generator.generate(recipes))
    assert all(image.dtype == np.uint8 and image.shape == (48, 64, 3) for image in batch)
    assert not np.array_equal(batch[0], batch[1])
    for recipe, image in zip(reversed(recipes), reversed(batch), strict=True):
        (alone,) = generator.generate([recipe])
        assert np.array_equal(alone, image)


@pytest.mark.parametrize("model", [XL, Z_IMAGE])
def test_the_pipelines_of_the_models_in_the_catalog_paint_by_the_recipe(
    generator: TextToImage, deployment: Deployment, model: str
) -> None:
    recipe = asked(generator, deployment, model)
    first, again, other = generator.generate([recipe, recipe, replace(recipe, seed=2)])
    assert first.shape == (48, 64, 3)
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize(("width", "height"), [(64, 64), (100, 30), (17, 90), (200, 120)])
def test_an_image_has_the_size_that_its_recipe_asks_for(
    generator: TextToImage, deployment: Deployment, width: int, height: int
) -> None:
    (image,) = generator.generate([asked(generator, deployment, width=width, height=height)])
    assert image.shape == (height, width, 3)
    assert image.std() > 1


@pytest.mark.parametrize(
    "fields",
    [
        {"prompt": "a bear"},
        {"negative_prompt": "a bear"},
        {"params": {"steps": 3, "guidance": 5.0}},
        {"params": {"steps": 2, "guidance": 9.0}},
    ],
)
def test_everything_in_the_recipe_decides_the_image(
    generator: TextToImage, deployment: Deployment, fields: dict[str, Any]
) -> None:
    recipe = asked(generator, deployment)
    first, other = generator.generate([recipe, replace(recipe, **fields)])
    assert not np.array_equal(first, other)


def test_the_model_is_in_the_recipe_and_its_usual_steps_and_guidance(
    generator: TextToImage, deployment: Deployment
) -> None:
    assert generator.default_params(GOOD) == {"steps": 2, "guidance": 3.0}
    first, other = generator.generate([asked(generator, deployment), asked(generator, deployment, GOOD)])
    assert not np.array_equal(first, other)


@pytest.mark.parametrize("model", [WAN, "nobody/nothing"])
def test_a_model_that_makes_no_images_is_named_with_those_that_do(generator: TextToImage, model: str) -> None:
    with pytest.raises(ValueError, match="tiny/light"):
        generator.default_params(model)


def test_an_image_that_the_safety_checker_blackened_is_a_failure_and_no_image(
    generator: TextToImage, deployment: Deployment
) -> None:
    recipe = asked(generator, deployment)
    list(generator.generate([recipe]))
    pipeline = generator._host.pipeline
    own = pipeline.run_safety_checker
    pipeline.run_safety_checker = lambda image, _device, _dtype: (image, [True])
    try:
        with pytest.raises(RuntimeError, match="safety checker of tiny/light"):
            list(generator.generate([recipe]))
    finally:
        pipeline.run_safety_checker = own


def test_the_text_to_image_model_is_gone_before_the_video_model_loads_and_the_other_way_round(
    deployment: Deployment,
) -> None:
    loaded = LoadedEngine(deployment)
    keyframe = asked(TextToImage(deployment), deployment)
    recipe = recipe_for(Wan(deployment), WAN, deployment)

    def children() -> set[int]:
        return {each.pid for each in psutil.Process().children()}

    before = children()
    list(loaded.generator(keyframe).generate([keyframe]))
    (of_generator,) = children() - before
    engine = loaded.engine(recipe)
    for _frames in engine.render(recipe, Inputs(), lambda _progress: None):
        pass
    (of_engine,) = children() - before
    assert of_engine != of_generator
    list(loaded.generator(keyframe).generate([keyframe]))
    assert of_engine not in children()
    loaded.close()
    assert children() <= before
