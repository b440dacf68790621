from pathlib import Path
from typing import Any

import pytest
import yaml

from ttv_dagster.engines.deployment import Deployment
from ttv_dagster.engines.registry import open_engine, open_keyframe_generator
from ttv_dagster.settings import Settings
from ttv_dagster.weights.catalog import MODELS, Catalog, CatalogError, read_catalog
from ttv_dagster.weights.model import Memory, Model

FAMILIES = {
    "wan2.1-t2v", "wan2.1-t2v-dmd", "wan2.1-flf2v", "wan2.2-a14b-i2v", "wan2.2-ti2v-5b", "wan2.2-ti2v-5b-dmd",
    "framepack", "framepack-f1", "text-to-image",
}  # fmt: skip
ENTRY: dict[str, Any] = {
    "id": "studio/own-model", "engines": ["wan"], "tasks": ["T2V"], "family": "wan2.1-t2v",
    "width": 832, "height": 480, "num_frames": 81, "fps": 16,
}  # fmt: skip


def written(folder: Path, document: object) -> Path:
    path = folder / "models.yaml"
    path.write_text(document if isinstance(document, str) else yaml.safe_dump(document))
    return path


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.id)
def test_every_figure_of_the_catalog_names_its_source(model: Model) -> None:
    assert model.native_source
    assert (model.bytes is None) == (not model.bytes_source)
    assert (model.license is None) == (not model.license_source)
    assert all(memory.source for memory in model.memory)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.id)
def test_every_model_is_of_a_family_and_an_engine_that_fit_each_other(model: Model) -> None:
    assert model.family in FAMILIES
    images = model.family == "text-to-image"
    assert set(model.engines) <= ({"text-to-image"} if images else {"fastvideo", "wan", "framepack"})
    assert (model.tasks == ("T2I",)) == images
    assert (model.fps == 0) == images
    step = 32 if model.family.startswith("wan2.2-ti2v") else 16
    assert model.width % step == model.height % step == 0
    assert model.num_frames % 4 == (1 if images or not model.family.startswith("framepack") else 3)
    assert (model.steps is None) == model.family.endswith("-dmd")


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.id)
def test_every_engine_of_a_model_knows_its_family(model: Model, tmp_path: Path) -> None:
    deployment = Deployment.of(Settings(home=tmp_path))
    for name in model.engines:
        if name == "text-to-image":
            assert open_keyframe_generator(name, deployment).default_params(model.id)
        else:
            native = open_engine(name, deployment).capabilities(model.id).native
            assert (native.width, native.height, native.num_frames) == (model.width, model.height, model.num_frames)


def test_the_models_that_the_project_promises_are_there_once() -> None:
    ids = [model.id for model in MODELS]
    assert len(ids) == len(set(ids))
    assert {
        "FastVideo/FastWan2.2-TI2V-5B-Diffusers", "Wan-AI/Wan2.2-TI2V-5B-Diffusers",
        "FastVideo/FastWan2.1-T2V-1.3B-Diffusers", "Wan-AI/Wan2.1-T2V-1.3B-Diffusers",
        "Wan-AI/Wan2.2-I2V-A14B-Diffusers", "Wan-AI/Wan2.1-FLF2V-14B-720P-diffusers",
        "lllyasviel/FramePackI2V_HY", "lllyasviel/FramePack_F1_I2V_HY_20250503",
    } <= set(ids)  # fmt: skip
    assert len(Catalog(MODELS).of_engine("text-to-image")) == 2


def test_a_distilled_model_that_ignores_images_says_that_it_reads_none() -> None:
    assert not Catalog(MODELS)["FastVideo/FastWan2.2-TI2V-5B-Diffusers"].reads_image


def test_memory_is_that_of_the_next_size_known() -> None:
    model = Catalog(MODELS)["FastVideo/FastWan2.2-TI2V-5B-Diffusers"]
    known = [model.memory_at(width, height, 121) for width, height in ((832, 480), (1280, 704), (1920, 1080))]
    assert [each.gb if each else None for each in known] == [18, 30, None]
    assert isinstance(known[0], Memory)


def test_a_small_render_is_not_said_to_need_what_a_larger_one_does() -> None:
    model = Catalog(MODELS)["FastVideo/FastWan2.2-TI2V-5B-Diffusers"]
    sizes = ((320, 192, 121), (832, 480, 121), (832, 480, 49), (1280, 704, 121), (1920, 1088, 121))
    known = [model.memory_needed(*size) for size in sizes]
    assert [each.gb if each else None for each in known] == [None, 18, None, 30, 30]


def test_an_installations_own_models_join_the_table_and_take_the_place_of_their_namesakes(tmp_path: Path) -> None:
    own = {**ENTRY, "parts": [{"id": "studio/part", "files": ["vae/*.safetensors"]}]}
    namesake = {**ENTRY, "id": MODELS[0].id, "family": "mine"}
    catalog = read_catalog(written(tmp_path, {"models": [own, namesake]}))
    assert catalog["studio/own-model"].repositories == ("studio/own-model", "studio/part")
    assert catalog[MODELS[0].id].family == "mine"
    assert len(list(catalog)) == len(MODELS) + 1


def test_a_model_that_nobody_knows_is_said_with_those_that_are_known() -> None:
    with pytest.raises(ValueError, match=r"there is no model 'x/y'; the catalog has FastVideo/"):
        Catalog(MODELS)["x/y"]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"color": "red"}, "model 1: color: Extra inputs are not permitted"),
        ({"id": "no-organisation"}, "model 1: id: "),
        ({"id": "../etc/passwd"}, "model 1: id: "),
        ({"id": "a/b/c"}, "model 1: id: "),
        ({"id": "a/..b"}, "model 1: id: "),
        ({"id": "a/b--c"}, "contains '--'"),
        ({"id": "a/b.git"}, "ends in '.git'"),
        ({"id": "ä/b"}, "model 1: id: "),
        ({"id": "a/b\n"}, "model 1: id: "),
        ({"id": "a/" + "b" * 96}, "model 1: id: "),
        ({"engines": []}, "model 1: engines: "),
        ({"tasks": ["V2V"]}, "model 1: tasks.0: "),
        ({"width": 0}, "model 1: width: "),
        ({"fps": -1}, "model 1: fps: "),
        ({"bytes": -5}, "model 1: bytes: "),
        ({"files": []}, "model 1: files: "),
        ({"files": ["../*"]}, "model 1: files.0: Value error, '../*' is not a pattern of files"),
        ({"files": ["vae/../../*"]}, "is not a pattern of files"),
        ({"files": ["/etc/*"]}, "is not a pattern of files"),
        ({"files": ["vae\\*"]}, "is not a pattern of files"),
        ({"files": [""]}, "is not a pattern of files"),
        ({"files": ["*.bin"]}, "'*.bin' asks for pickled files, which run code when they are loaded; use safetensors"),
        ({"files": ["vae/Model.PT"]}, "asks for pickled files"),
        ({"parts": [{"id": "a/b", "files": ["*.ckpt"]}]}, "model 1: parts.0.files.0: Value error, '*.ckpt' asks"),
        ({"parts": [{"id": "a/b", "files": []}]}, "model 1: parts.0.files: "),
        ({"memory": [{"width": 1, "height": 1, "gb": 0, "source": "x"}]}, "model 1: memory.0.gb: "),
    ],
    ids=str,
)
def test_a_wrong_model_of_the_own_file_is_refused_with_its_field(
    tmp_path: Path, fields: dict[str, Any], said: str
) -> None:
    path = written(tmp_path, {"models": [{**ENTRY, **fields}]})
    with pytest.raises(CatalogError) as caught:
        read_catalog(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert said in str(caught.value)


def test_an_entry_that_is_no_mapping_is_named_by_its_number(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match=r"models\.yaml: model 2: Input should be a valid dictionary"):
        read_catalog(written(tmp_path, {"models": [ENTRY, "studio/other"]}))


def test_a_model_that_the_own_file_has_twice_is_refused_and_not_silently_the_last_one(tmp_path: Path) -> None:
    twice = {"models": [ENTRY, {**ENTRY, "engines": ["fastvideo"]}]}
    with pytest.raises(CatalogError, match="model 2: id: studio/own-model is in this file twice; name all its engines"):
        read_catalog(written(tmp_path, twice))


@pytest.mark.parametrize(
    "document",
    ["", "models: {}", "- a", "models: []\nmore: 1", "models: [", "!!python/object/apply:os.system ['true']", "\x00"],
    ids=repr,
)
def test_a_file_that_is_no_list_of_models_is_refused(tmp_path: Path, document: str) -> None:
    with pytest.raises(CatalogError, match=r"models\.yaml: "):
        read_catalog(written(tmp_path, document))


def test_a_file_that_is_not_there_is_named_with_its_variable(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match="No such file or directory; TTV_MODELS_FILE names the file"):
        read_catalog(tmp_path / "nowhere.yaml")


def test_a_file_that_changes_is_read_again(tmp_path: Path) -> None:
    import os

    path = written(tmp_path, {"models": [ENTRY]})
    assert read_catalog(path)["studio/own-model"].fps == 16
    written(tmp_path, {"models": [{**ENTRY, "fps": 8}]})
    os.utime(path, (1, 1))
    assert read_catalog(path)["studio/own-model"].fps == 8
