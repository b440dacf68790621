from dataclasses import replace
from typing import Any

import pytest

from tests.deployments import NOWHERE
from tests.engines.diffusers.base.requests import recipe_for
from ttv_dagster.engines.protocol import Requirements
from ttv_dagster.engines.registry import open_engine
from ttv_dagster.engines.requirements import memory_requirements
from ttv_dagster.weights.model import Memory

CUDA = replace(NOWHERE, accelerator="cuda")
WAN = "Wan-AI/Wan2.2-TI2V-5B-Diffusers"


@pytest.mark.parametrize(
    ("name", "deployment", "gpus"),
    [("animatic", CUDA, 0), ("wan", NOWHERE, 0), ("wan", CUDA, 1), ("fastvideo", NOWHERE, 0), ("fastvideo", CUDA, 1)],
)
def test_an_engine_says_how_many_gpus_a_render_takes(name: str, deployment: Any, gpus: int) -> None:
    engine = open_engine(name, deployment)
    model = engine.default_model(image=False)
    native = engine.capabilities(model).native
    recipe = replace(
        recipe_for(open_engine("wan", CUDA), WAN, CUDA), model=model, width=native.width, height=native.height
    )
    assert engine.requirements(recipe).gpus == gpus


def test_memory_is_the_figure_of_the_catalog_for_that_size_and_unknown_without_one() -> None:
    recipe = recipe_for(open_engine("wan", CUDA), WAN, CUDA)
    figure = Memory(width=recipe.width, height=recipe.height, gb=24, source="the model card")
    model = CUDA.catalog[WAN].model_copy(update={"memory": (figure,)})
    assert memory_requirements(model, recipe, gpus=2) == Requirements(gpus=2, vram_gb=24)
    assert memory_requirements(model, replace(recipe, width=64, height=64), gpus=1) == Requirements(gpus=1)
    assert memory_requirements(model, recipe, gpus=0) == Requirements(gpus=0, vram_gb=0)
