"""Prompt files rendered by the real FastVideo, as a user renders them."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.cli.sets import write_set
from tests.support import ttv, ttv_json
from tests.tiny.installation import Installation
from tests.tiny.wan import tiny_wan_checkpoint
from ttv_dagster.media.decode import iter_frames, probe
from ttv_dagster.storage.layout import read_record
from ttv_dagster.storage.store import Store
from ttv_dagster.weights.random_wan import RandomWan

WAN, FAST = "tiny/Wan2.2-TI2V-5B-Diffusers", "tiny/FastWan2.2-TI2V-5B-Diffusers"


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    checkpoints = [tiny_wan_checkpoint(RandomWan()), tiny_wan_checkpoint(RandomWan(distilled=True))]
    return Installation(tmp_path / "installation", checkpoints)


def test_a_prompt_file_with_images_becomes_a_film(tmp_path: Path, installation: Installation) -> None:
    for name, shade in (("dark", 20), ("light", 230)):
        Image.fromarray(np.full((60, 90, 3), shade, np.uint8)).save(tmp_path / f"{name}.png")
    rows = [
        "id,prompt,image,seed,width,height,num_frames",
        "dark,a lighthouse at dusk,dark.png,1,96,64,9",
        "light,a lighthouse at dusk,light.png,1,96,64,9",
        "other,a lighthouse at dusk,dark.png,2,96,64,9",
    ]
    (tmp_path / "story.csv").write_text("\n".join(rows) + "\n")
    env = installation.env(TTV_IMAGE_MODEL=WAN, TTV_TEXT_MODEL=FAST)
    done = ttv_json("render", "story.csv", "--engine", "fastvideo", cwd=tmp_path, env=env, timeout=400)
    assert [shot["status"] for shot in done["shots"]] == ["rendered"] * 3
    clips = [np.stack(list(iter_frames(Path(shot["clip"])))) for shot in done["shots"]]
    assert {clip.shape for clip in clips} == {(9, 64, 96, 3)}
    assert not np.array_equal(clips[0], clips[1])
    assert not np.array_equal(clips[0], clips[2])
    assert probe(Path(done["film"])).num_frames == 27

    records = [read_record(Store(tmp_path / "home" / "media"), shot["key"]) for shot in done["shots"]]
    made = [record["engine"]["load_seconds"] for record in records if record]
    assert len(set(made)) == 1, "one load for three shots"
    assert all(record and record["engine"]["fastvideo"] == "0.2.1" for record in records)


def test_a_shot_that_fastvideo_cannot_render_is_refused_with_its_place_in_the_file(
    tmp_path: Path, installation: Installation
) -> None:
    Image.new("RGB", (60, 90)).save(tmp_path / "a.png")
    file = write_set(
        tmp_path / "story.yaml",
        {"id": "ignored", "image": "a.png", "model": FAST},
        {"id": "odd", "model": WAN, "width": 80, "height": 64, "num_frames": 6},
        {"id": "steps", "model": FAST, "params": {"steps": 8}},
        engine="fastvideo",
    )
    done = ttv("check", file, cwd=tmp_path, env=installation.env())
    assert done.returncode == 2
    said = " ".join((done.stdout + done.stderr).split())
    assert f'shot "ignored": image: {FAST} reads no image' in said
    assert "64 or 96" in said
    assert "5 or 9" in said
    assert "ignores steps" in said
