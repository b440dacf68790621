"""What is refused before anything loads."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.engines.fastvideo.requests import IMAGE, recipe
from tests.tiny.installation import Installation
from ttv_dagster.engines.deployment import Deployment
from ttv_dagster.engines.fastvideo import FastVideo
from ttv_dagster.engines.fastvideo.memory import choose_offload, loaded_bytes
from ttv_dagster.settings import FastVideoOptions, Settings
from ttv_dagster.weights.catalog import MODELS, Catalog
from ttv_dagster.weights.model import Memory, Model

FASTWAN = "FastVideo/FastWan2.2-TI2V-5B-Diffusers"
WAN = "Wan-AI/Wan2.2-TI2V-5B-Diffusers"
SMALL = Model(
    id="tiny/Wan2.1",
    engines=("fastvideo",),
    tasks=("T2V",),
    family="wan2.1-t2v",
    width=832,
    height=480,
    num_frames=81,
    fps=16,
    memory=(
        Memory(width=832, height=480, num_frames=81, gb=8.2, source="measured"),
        Memory(width=1280, height=720, gb=20, source="measured"),
    ),
)


def engine(tmp_path: Path, *models: Model, **settings: Any) -> FastVideo:
    deployment = Deployment.of(Settings(home=tmp_path, **settings))
    return FastVideo(replace(deployment, catalog=Catalog([*MODELS, *models])))


@pytest.fixture
def nothing_pulled(tmp_path: Path) -> Installation:
    return Installation(tmp_path / "installation", [])


def refused(engine: FastVideo, installation: Installation, **fields: Any) -> dict[str, str]:
    found = engine.validate(recipe(engine, installation, **{"width": 832, "height": 480, **fields}))
    return {problem.field: f"{problem.message}: {problem.hint}" for problem in found}


def test_a_shot_with_an_image_gets_a_model_that_reads_it_and_any_other_the_fastest(tmp_path: Path) -> None:
    fastvideo = engine(tmp_path)
    assert fastvideo.default_model(image=False) == FASTWAN
    assert fastvideo.default_model(image=True) == WAN
    assert not fastvideo.capabilities(FASTWAN).reads_image
    assert fastvideo.capabilities(WAN).reads_image


def test_an_image_that_the_model_would_ignore_is_refused(tmp_path: Path, nothing_pulled: Installation) -> None:
    found = refused(
        engine(tmp_path), nothing_pulled, model=FASTWAN, width=1280, height=704, num_frames=121, first_frame=IMAGE
    )
    assert list(found) == ["image"]
    assert "reads no image" in found["image"]


@pytest.mark.parametrize(("model", "step"), [(FASTWAN, 32), (WAN, 32), ("tiny/Wan2.1", 16)])
def test_sizes_are_multiples_of_what_the_model_really_needs(
    tmp_path: Path, nothing_pulled: Installation, model: str, step: int
) -> None:
    fastvideo = engine(tmp_path, SMALL)
    assert refused(fastvideo, nothing_pulled, model=model, width=640 + step) == {}
    # FastVideo takes any multiple of 8, and dies of it.
    found = refused(fastvideo, nothing_pulled, model=model, width=640 + step // 2)
    assert found["width"].endswith(f"640 or {640 + step}")


@pytest.mark.parametrize(("frames", "near"), [(6, "5 or 9"), (7, "5 or 9"), (120, "117 or 121"), (1, "5")])
def test_lengths_are_4k_plus_1_frames(tmp_path: Path, nothing_pulled: Installation, frames: int, near: str) -> None:
    assert refused(engine(tmp_path), nothing_pulled, model=WAN, num_frames=frames)["num_frames"].endswith(near)


def test_an_empty_prompt_is_refused(tmp_path: Path, nothing_pulled: Installation) -> None:
    assert "prompt" in refused(engine(tmp_path), nothing_pulled, model=WAN, prompt="  ")


def test_what_a_distilled_model_ignores_is_refused(tmp_path: Path, nothing_pulled: Installation) -> None:
    fastvideo = engine(tmp_path)
    found = refused(fastvideo, nothing_pulled, model=FASTWAN, params={"steps": 30})
    assert "schedule of its own, and ignores steps" in found["params"]
    assert not fastvideo.capabilities(FASTWAN).reads_negative_prompt
    assert set(fastvideo.capabilities(FASTWAN).default_params) == {"precision"}


def test_a_negative_prompt_that_nothing_would_read_is_refused(tmp_path: Path, nothing_pulled: Installation) -> None:
    fields: dict[str, Any] = {"model": WAN, "negative_prompt": "rain"}
    assert refused(engine(tmp_path), nothing_pulled, **fields) == {}
    assert "negative_prompt" in refused(engine(tmp_path), nothing_pulled, **fields, params={"guidance": 1.0})


def test_what_decides_pixels_where_a_shot_does_not_say_is_in_its_recipe(tmp_path: Path) -> None:
    fastvideo = engine(tmp_path, fastvideo=FastVideoOptions(precision="fp32", lora="film@0123456789ab"))
    assert fastvideo.capabilities(WAN).default_params == {
        "precision": "fp32",
        "steps": 50,
        "guidance": 5.0,
        "lora": "film@0123456789ab",
    }


@pytest.mark.parametrize("name", ["enable_teacache", "num_inference_steps"])
def test_an_unknown_parameter_is_refused_with_those_that_there_are(
    tmp_path: Path, nothing_pulled: Installation, name: str
) -> None:
    found = refused(engine(tmp_path), nothing_pulled, model=WAN, params={name: 1})
    assert found[f"params.{name}"].endswith("guidance, lora, lora_strength, precision, steps")


def test_an_attention_backend_that_fastvideo_would_ignore_is_refused(
    tmp_path: Path, nothing_pulled: Installation
) -> None:
    fastvideo = engine(tmp_path, fastvideo=FastVideoOptions(attention="FLASH"))
    assert "FLASH_ATTN" in refused(fastvideo, nothing_pulled, model=WAN)["engine"]


def test_more_than_the_gpu_holds_is_refused_with_what_fits(tmp_path: Path, nothing_pulled: Installation) -> None:
    fastvideo = engine(tmp_path, SMALL, vram_gb=12)
    assert refused(fastvideo, nothing_pulled, model="tiny/Wan2.1", num_frames=81) == {}
    found = refused(fastvideo, nothing_pulled, model="tiny/Wan2.1", width=1280, height=720, num_frames=81)
    assert "take 20 GB of memory or more" in found["width"]
    assert "the GPU has 12" in found["width"]
    assert found["width"].endswith("what fits: 832x480, 81 frames")


def test_a_model_of_a_family_that_fastvideo_does_not_run_is_named(tmp_path: Path) -> None:
    other = SMALL.model_copy(update={"id": "tiny/Other", "family": "framepack"})
    with pytest.raises(ValueError, match=r"no models of the family 'framepack'.*wan2\.2-ti2v-5b"):
        engine(tmp_path, other).capabilities("tiny/Other")


def write_lora(path: Path, keys: list[str]) -> None:
    head = {key: {"dtype": "F32", "shape": [1], "data_offsets": [4 * n, 4 * n + 4]} for n, key in enumerate(keys)}
    text = json.dumps(head).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + bytes(4 * len(keys)))


def test_a_lora_is_named_with_its_digest_and_refused_where_it_has_another(
    tmp_path: Path, nothing_pulled: Installation
) -> None:
    loras = tmp_path / "loras"
    loras.mkdir()
    write_lora(loras / "film.safetensors", ["blocks.0.attn1.to_q.lora_A.weight"])
    fastvideo = engine(tmp_path, fastvideo=FastVideoOptions(lora_folder=str(loras)))

    def message(lora: str) -> str:
        return refused(fastvideo, nothing_pulled, model=WAN, params={"lora": lora}).get("params.lora", "")

    told = message("film@000000000000")
    assert "has another digest" in told
    assert message(told.rpartition(": ")[2]) == ""
    assert "one of these: film" in message("other@000000000000")
    assert "should match" in message("../film@000000000000")
    assert "should match" in message("film")
    (loras / "bad.safetensors").write_bytes(b"\x80\x04\x95 a pickle, for one")
    assert "not a safetensors file" in message("bad@000000000000")
    write_lora(loras / "dora.safetensors", ["blocks.0.attn1.to_q.dora_scale"])
    told = message("dora@000000000000")
    assert "ignore these keys" in message(told.rpartition(": ")[2])


def test_a_lora_needs_a_folder(tmp_path: Path, nothing_pulled: Installation) -> None:
    found = refused(engine(tmp_path), nothing_pulled, model=WAN, params={"lora": "film@000000000000"})
    assert found["params.lora"].endswith("TTV_FASTVIDEO_LORA_FOLDER")


GB = 10**9
FIVE = {"transformer": 10 * GB, "text_encoder": 23 * GB, "vae": 3 * GB}
FOURTEEN = {"transformer": 28 * GB, "transformer_2": 28 * GB, "text_encoder": 23 * GB}


@pytest.mark.parametrize(
    ("weights", "gpu", "leaves"),
    [
        (FIVE, 80, "none"),
        (FIVE, 24, "model"),
        (FIVE, 12, "sequential"),
        (FOURTEEN, 80, "model"),
        (FOURTEEN, 24, "sequential"),
        (FIVE, 0, "none"),
    ],
)
def test_the_gpu_decides_what_leaves_it(weights: dict[str, int], gpu: int, leaves: str) -> None:
    assert choose_offload(weights, gpu * GB) == leaves


def test_weights_are_counted_as_fastvideo_loads_them(tmp_path: Path) -> None:
    for component in ("transformer", "vae"):
        (tmp_path / component).mkdir()
        write_lora(tmp_path / component / "model.safetensors", ["a", "b", "c"])
    assert loaded_bytes(tmp_path, "bf16") == {"transformer": 6, "vae": 12}
    assert loaded_bytes(tmp_path, "fp32") == {"transformer": 12, "vae": 12}
