"""Whole sets through `ttv render`, with the pipelines of diffusers over tiny checkpoints."""

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import dagster as dg
import numpy as np
import pandas as pd
from PIL import Image

from tests.support import ttv
from tests.tiny.framepack import tiny_framepack
from tests.tiny.installation import Installation
from tests.tiny.text_to_image import tiny_text_to_image
from tests.tiny.wan import tiny_wan_checkpoint
from ttv_dagster.media.decode import iter_frames, probe, read_comment
from ttv_dagster.weights.random_wan import RandomWan

FIVE, ONE = "tiny/Wan2.2-TI2V-5B-Diffusers", "tiny/Wan2.1-T2V-1.3B-Diffusers"
PAINTER = "tiny/text-to-image"

CSV = f"""id,prompt,engine,model,image,keyframe_model,seed
words,a fox in the snow,wan,{FIVE},,,1
red,a fox in the snow,wan,{FIVE},red.png,,1
painted,a fox in the snow,wan,{FIVE},,{PAINTER},1
other,a fox in the snow,wan,{FIVE},,{PAINTER},2
textonly,a fox in the snow,wan,{ONE},,,1
long,a fox in the snow,,tiny/FramePackI2V_HY,,{PAINTER},1
"""


def render(folder: Path, env: dict[str, str]) -> dict[str, Any]:
    """Render the set; the libraries alone take seconds to load, on a busy machine minutes."""
    done = ttv("render", "story.csv", "--json", cwd=folder, env=env, timeout=900)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def pixels(shot: dict[str, Any]) -> Any:
    return np.stack(list(iter_frames(Path(shot["clip"]))))


def test_a_csv_is_rendered_with_images_given_painted_and_none(tmp_path: Path) -> None:
    checkpoints = [
        tiny_wan_checkpoint(RandomWan("2.2")),
        tiny_wan_checkpoint(RandomWan("2.1")),
        tiny_framepack(num_frames=38),
        tiny_text_to_image(PAINTER),
    ]
    env = Installation(tmp_path / "installation", checkpoints).env()
    Image.new("RGB", (80, 60), (200, 30, 60)).save(tmp_path / "red.png")
    (tmp_path / "story.csv").write_text(CSV)
    document = render(tmp_path, env)
    shots = {shot["id"]: shot for shot in document["shots"]}
    assert list(shots) == ["words", "red", "painted", "other", "textonly", "long"]
    assert {shot["status"] for shot in shots.values()} == {"rendered"}
    for name, shot in shots.items():
        seen = probe(Path(shot["clip"]))
        expected = (16, 16, 38, Fraction(30)) if name == "long" else (64, 64, 5, Fraction(8))
        assert (seen.width, seen.height, seen.num_frames, seen.fps) == expected
    clips = {name: pixels(shots[name]) for name in ("words", "red", "painted", "other")}
    assert all(not np.array_equal(clips[one], clips[two]) for one, two in zip(clips, list(clips)[1:], strict=False))
    recipe = json.loads(read_comment(Path(shots["painted"]["clip"])))
    assert (recipe["engine"], recipe["model"], recipe["first_frame"]["source"]) == ("wan", FIVE, "keyframe")
    assert recipe["params"] == {"steps": 2, "guidance": 5.0, "cache": 0.0}
    record = json.loads(Path(shots["red"]["clip"]).with_suffix(".json").read_text())
    assert record["engine"]["gpu"] == "cpu"
    assert "andom weights" in record["note"]

    keyframes = pd.read_parquet(tmp_path / "home" / "tables" / "keyframes" / "story.parquet").set_index("shot")
    sources = {"words": "none", "red": "given", "painted": "made", "other": "made", "textonly": "none", "long": "made"}
    assert dict(keyframes["source"]) == sources
    assert keyframes["note"]["textonly"] == f"{ONE} reads no image"
    assert "keyframe_model" in keyframes["note"]["words"]
    assert "andom weights" in keyframes["note"]["painted"]
    with Image.open(tmp_path / "home" / "media" / keyframes["name"]["painted"]) as image:
        image.load()
        assert image.size == (64, 64)
        assert json.loads(image.info["recipe"])["model"] == PAINTER
        assert "andom weights" in image.info["note"]

    with dg.DagsterInstance.from_config(str(tmp_path / "home" / "dagster")) as instance:
        (observed,) = instance.fetch_observations(dg.AssetKey("clips"), limit=5).records
        assert observed.asset_observation is not None
        metadata = observed.asset_observation.metadata
        assert observed.partition_key == "story"
        assert (metadata["shot"].value, metadata["progress"].value) == ("long", "denoise 2/4")
        assert "data:image/webp;base64," in str(metadata["newest frames"].value)

    again = render(tmp_path, env)
    assert {shot["status"] for shot in again["shots"]} == {"cached"}
    assert again["film"] == document["film"]
