import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.farm.planning import local_farm
from tests.tiny.installation import Installation
from tests.tiny.text_to_image import tiny_text_to_image
from ttv_dagster.engines.deployment import Deployment
from ttv_dagster.engines.diffusers.text_to_image import TextToImage
from ttv_dagster.engines.title_card import TitleCard
from ttv_dagster.farm.engine_process import EngineFailed, EngineProcess
from ttv_dagster.farm.local import LocalFarm
from ttv_dagster.farm.protocol import KeyframeJob
from ttv_dagster.shots.recipe import KeyframeRecipe
from ttv_dagster.storage.layout import keyframe_name
from ttv_dagster.storage.store import Store

LIGHT, GOOD = "tiny/light", "tiny/good"
CARD = KeyframeRecipe("title-card", TitleCard.version, "a fox in the snow", 1, 64, 48)


@pytest.fixture
def deployment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Deployment:
    installation = Installation(tmp_path, [tiny_text_to_image(LIGHT), tiny_text_to_image(GOOD, seed=1)])
    installation.use_here(monkeypatch)
    return installation.deployment()


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "media")


@pytest.fixture
def farm(deployment: Deployment, store: Store) -> Iterator[LocalFarm]:
    opened = local_farm(deployment, store)
    yield opened
    opened.close()


def painted(deployment: Deployment, model: str, seed: int) -> KeyframeRecipe:
    commit = deployment.catalog[model].commit(deployment.lock.commits())
    params = TextToImage(deployment).default_params(model)
    return replace(CARD, generator="text-to-image", generator_version=TextToImage.version, seed=seed, model=model,
                   commit=commit, params=params)  # fmt: skip


def test_each_image_is_published_at_once_each_model_loads_once_and_a_failing_one_costs_no_other(
    deployment: Deployment, farm: LocalFarm, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[str] = []
    start = EngineProcess.__init__

    def counted(self: EngineProcess, kind: Any, name: str, deployment: Deployment) -> None:
        started.append(name)
        start(self, kind, name, deployment)

    monkeypatch.setattr(EngineProcess, "__init__", counted)
    broken = replace(painted(deployment, LIGHT, 2), params={})
    recipes = [
        painted(deployment, LIGHT, 1),
        painted(deployment, GOOD, 1),
        broken,
        CARD,
        painted(deployment, LIGHT, 3),
        replace(CARD, generator_version="0"),
    ]
    failed = {}
    made = []
    jobs = [KeyframeJob(recipes[0], "a note"), *map(KeyframeJob, recipes[1:])]
    for outcome in farm.generate_keyframes(jobs):
        there = store.size(keyframe_name(outcome.key)) is not None
        assert there == (outcome.error is None)
        made.append(outcome.key)
        if outcome.error is not None:
            failed[outcome.key] = outcome.error
    assert made == [recipes[number].key() for number in (0, 2, 4, 1, 3, 5)]
    assert started == ["text-to-image", "text-to-image"], "one process a model, which loads it once"
    assert set(failed) == {broken.key(), recipes[5].key()}
    broke = failed[broken.key()]
    assert isinstance(broke, EngineFailed)
    assert broke.kind == "KeyError"
    assert "materialize prompt_sets again" in str(failed[recipes[5].key()])

    for recipe, note in ((recipes[0], "a note"), (CARD, None)):
        with store.local_copy(keyframe_name(recipe.key())) as path, Image.open(path) as image:
            image.load()
            assert image.size == (64, 48)
            assert image.info["recipe"] == recipe.canonical()
            assert json.loads(image.info["recipe"])["kind"] == "keyframe"
            assert image.info.get("note") == note
