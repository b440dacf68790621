"""Which engine, model and keyframe a shot gets, and what the plan says of it."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ttv_dagster.engines.deployment import Deployment
from ttv_dagster.planning.resolve import plan_set
from ttv_dagster.settings import Settings
from ttv_dagster.shots.plan import PlannedShot
from ttv_dagster.shots.problems import PromptSetError
from ttv_dagster.shots.shot import PromptSet, Shot
from ttv_dagster.weights.catalog import Catalog
from ttv_dagster.weights.model import Memory, Model

COMMIT = "0123456789abcdef0123456789abcdef01234567"
SIZE: dict[str, Any] = {"family": "noise", "width": 64, "height": 48, "num_frames": 8, "fps": 8}
MODELS = [
    Model(id="noisy/text", engines=("modelled",), tasks=("T2V",), **SIZE),
    Model(id="noisy/image", engines=("modelled",), tasks=("T2V", "I2V"), **SIZE),
    Model(
        id="noisy/other",
        engines=("modelled",),
        tasks=("T2V", "I2V"),
        memory=(Memory(width=64, height=64, gb=8, source="a test"),),
        **SIZE,
    ),
    Model(id="still/life", engines=("text-to-image",), tasks=("T2I",), **{**SIZE, "num_frames": 1, "fps": 0}),
]


@pytest.fixture
def deployment(tmp_path: Path) -> Deployment:
    settings = Settings(home=tmp_path, engine="modelled")
    return replace(Deployment.of(settings), catalog=Catalog(MODELS))


def resolve(deployment: Deployment, *shots: dict[str, Any], override: str | None = None) -> list[PlannedShot]:
    filled = tuple(Shot(**{"id": f"s{number}", "prompt": "a fox", **shot}) for number, shot in enumerate(shots))
    prompt_set = PromptSet(name="test", shots=filled)
    return plan_set(prompt_set, file="test.yaml", deployment=deployment, override=override)


def problems(deployment: Deployment, shot: dict[str, Any]) -> list[str]:
    with pytest.raises(PromptSetError) as caught:
        resolve(deployment, shot)
    return str(caught.value).splitlines()


def test_a_shot_with_an_image_gets_a_model_that_reads_it(deployment: Deployment) -> None:
    plain, imaged, continued = resolve(deployment, {}, {"image": "images/ab.png"}, {"continues": True})
    assert [each.recipe.model for each in (plain, imaged, continued)] == [
        "noisy/text",
        "noisy/image",
        "noisy/image",
    ]
    assert plain.shot.chosen == "the installation's engine; its model for shots without an image"
    assert imaged.shot.chosen == "the installation's engine; its model for shots with an image"


def test_the_installation_may_choose_other_models(deployment: Deployment) -> None:
    own = replace(deployment, text_model="noisy/other", image_model="noisy/other")
    plain, imaged = resolve(own, {}, {"image": "images/ab.png"})
    assert plain.recipe.model == imaged.recipe.model == "noisy/other"
    assert "its model here for shots without an image" in plain.shot.chosen


def test_a_model_that_is_not_in_the_catalog_is_refused_by_its_variable(deployment: Deployment) -> None:
    own = replace(deployment, image_model="noisy/lost")
    (line,) = problems(own, {"image": "images/ab.png"})
    assert "TTV_IMAGE_MODEL names 'noisy/lost'" in line


def test_a_model_of_the_installation_that_its_own_engine_does_not_run_is_refused_and_not_passed_over(
    deployment: Deployment,
) -> None:
    own = replace(deployment, text_model="still/life")
    (line,) = problems(own, {})
    assert "TTV_TEXT_MODEL names 'still/life', which the installation's engine modelled does not run" in line
    # It is not meant for an engine that a shot or a run names, nor for one without models.
    (named,) = resolve(own, {"engine": "modelled"})
    (moved,) = resolve(own, {}, override="modelled")
    (plain,) = resolve(replace(own, engine="noise"), {"width": 64, "height": 64})
    assert [each.recipe.model for each in (named, moved, plain)] == ["noisy/text", "noisy/text", None]


def test_the_model_of_a_shot_brings_its_engine(deployment: Deployment) -> None:
    elsewhere = replace(deployment, engine="animatic")
    (named,) = resolve(elsewhere, {"model": "noisy/other"})
    assert (named.recipe.engine, named.recipe.model) == ("modelled", "noisy/other")
    assert named.shot.chosen == "runs the model that the shot names; the shot names its model"


def test_a_model_that_paints_keyframes_renders_no_clip_and_the_field_for_it_is_named(deployment: Deployment) -> None:
    (line,) = problems(deployment, {"model": "still/life"})
    assert "model: still/life is a model of text-to-image, which is not an engine here" in line
    assert "is a keyframe_model" in line


def test_an_engine_of_the_run_leaves_model_and_parameters_behind(deployment: Deployment) -> None:
    shot = {"engine": "modelled", "model": "noisy/other", "params": {"sleep": 0.5}, "width": 64, "height": 64}
    (moved,) = resolve(deployment, shot, override="noise")
    assert (moved.recipe.engine, moved.recipe.model, dict(moved.recipe.params)) == ("noise", None, {})
    assert moved.shot.chosen == "asked for in this run"
    # What was written for a model's engine is not for the installation's own either.
    elsewhere = replace(deployment, engine="noise")
    implied = {"model": "noisy/other", "params": {"sleep": 0.5}, "width": 64, "height": 64}
    (moved,) = resolve(elsewhere, implied, override="noise")
    assert (moved.recipe.engine, moved.recipe.model, dict(moved.recipe.params)) == ("noise", None, {})


def test_a_text_only_model_never_gets_an_image(deployment: Deployment) -> None:
    (line,) = problems(deployment, {"model": "noisy/text", "image": "images/ab.png"})
    assert "image: noisy/text reads no image" in line
    (line,) = problems(deployment, {"model": "noisy/text", "keyframe_model": "still/life"})
    assert "keyframe_model: noisy/text reads no image; say none, or use a model that reads it" in line


def test_a_keyframe_model_makes_it_a_shot_with_an_image(deployment: Deployment) -> None:
    made, none = resolve(deployment, {"keyframe_model": "still/life"}, {"keyframe_model": "none"})
    assert made.recipe.model == "noisy/image"
    assert made.keyframe is not None
    assert (made.keyframe.generator, made.keyframe.model) == ("text-to-image", "still/life")
    assert made.recipe.first_frame is not None
    assert made.recipe.first_frame.source == "keyframe"
    assert (none.recipe.model, none.keyframe, none.recipe.first_frame) == ("noisy/text", None, None)


def test_an_unknown_keyframe_model_is_refused_with_those_that_are_known(deployment: Deployment) -> None:
    (line,) = problems(deployment, {"keyframe_model": "still/born"})
    assert "keyframe_model: no text-to-image model is called 'still/born'; none, or one of still/life" in line
    (line,) = problems(deployment, {"keyframe_model": "noisy/text"})
    assert "no text-to-image model is called 'noisy/text'" in line


def test_a_render_key_is_unknown_until_every_weight_is_pulled(deployment: Deployment) -> None:
    shots: list[dict[str, Any]] = [{"keyframe_model": "still/life"}, {"continues": True}, {}]
    assert [each.unpinned for each in resolve(deployment, *shots)] == [
        ("noisy/image", "still/life"),
        ("noisy/image", "still/life"),
        ("noisy/text",),
    ]
    deployment.lock.pin({"noisy/image": COMMIT})
    assert [each.unpinned for each in resolve(deployment, *shots)] == [
        ("still/life",),
        ("still/life",),
        ("noisy/text",),
    ]
    deployment.lock.pin({"still/life": COMMIT, "noisy/text": COMMIT})
    planned = resolve(deployment, *shots)
    assert [each.unpinned for each in planned] == [(), (), ()]
    assert {each.recipe.commit for each in planned} == {COMMIT}
    assert planned[0].keyframe is not None
    assert planned[0].keyframe.commit == COMMIT


@given(moved=st.sampled_from(["noisy/image", "still/life", "noisy/text"]))
def test_another_commit_is_another_key_for_the_shots_of_that_model_alone(
    tmp_path_factory: pytest.TempPathFactory, moved: str
) -> None:
    settings = Settings(home=tmp_path_factory.mktemp("home"), engine="modelled")
    deployment = replace(Deployment.of(settings), catalog=Catalog(MODELS))
    shots: list[dict[str, Any]] = [{"keyframe_model": "still/life"}, {"continues": True}, {}]
    deployment.lock.pin(dict.fromkeys(["noisy/image", "still/life", "noisy/text"], COMMIT))
    before = [each.key for each in resolve(deployment, *shots)]
    deployment.lock.pin({moved: COMMIT[::-1]})
    after = [each.key for each in resolve(deployment, *shots)]
    changed = [was != now for was, now in zip(before, after, strict=True)]
    assert changed == ([False, False, True] if moved == "noisy/text" else [True, True, False])


def test_what_decides_pixels_and_is_left_out_is_in_the_recipe(deployment: Deployment) -> None:
    silent, said = resolve(deployment, {}, {"params": {"sleep": 0.25}})
    assert dict(silent.recipe.params) == {"sleep": 0.0}
    assert dict(said.recipe.params) == {"sleep": 0.25}
