import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import numpy as np
import pytest

from tests.cli.sets import write_set
from tests.support import TTV
from ttv_dagster.engines.protocol import Frame, KeyframeGenerator
from ttv_dagster.engines.title_card import TitleCard
from ttv_dagster.shots.recipe import KeyframeRecipe

ROOT = Path(__file__).parents[3]


def card(prompt: str, seed: int = 1, width: int = 416, height: int = 240) -> Frame:
    recipe = KeyframeRecipe("title-card", TitleCard.version, prompt, seed, width, height)
    return next(TitleCard().generate([recipe]))


def test_is_a_keyframe_generator_without_models() -> None:
    assert isinstance(TitleCard(), KeyframeGenerator)
    with pytest.raises(ValueError, match="title-card has no models"):
        TitleCard().default_params("some/model")


def test_the_words_stand_out_from_the_ground_in_any_size() -> None:
    for width, height in ((416, 240), (240, 416), (160, 96), (1280, 720)):
        image = card("two sailboats at dawn", width=width, height=height)
        assert image.shape == (height, width, 3)
        assert image.dtype == np.uint8
        text = (image > 150).all(axis=-1)
        assert 0.002 < text.mean() < 0.3
        assert not text[:, : width // 20].any(), "the text touches the edge"


def test_other_words_and_other_seeds_look_different() -> None:
    first = card("a fox")
    assert np.array_equal(first, card("a fox"))
    assert not np.array_equal(first, card("a bear"))
    assert not np.array_equal(first[0], card("a fox", seed=2)[0])


@pytest.mark.parametrize("prompt", ["", " ", "x" * 5000, "\u65e5\u672c\u306e\u6d77", "a\nb\x00\x1b[31m"])
def test_any_text_is_set(prompt: str) -> None:
    assert card(prompt).shape == (240, 416, 3)


def test_a_set_renders_without_the_illustrations(tmp_path: Path) -> None:
    packages = tmp_path / "packages"
    packages.mkdir()
    for entry in Path(sysconfig.get_paths()["purelib"]).iterdir():
        if "ttv_" not in entry.name:
            (packages / entry.name).symlink_to(entry)
    # Without `site`, nothing but these folders is searched, for modules and for entry points.
    build = "import sys; from hatchling.build import build_wheel; print(build_wheel(sys.argv[1]))"
    subprocess.run([sys.executable, "-c", build, str(tmp_path)], cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    subprocess.run([sys.executable, "-m", "zipfile", "-e", str(wheel), str(packages)], check=True)
    file = write_set(
        tmp_path / "story.yaml", {"id": "a", "width": 128, "height": 96, "num_frames": 4}, engine="animatic"
    )
    env = {**os.environ, "PYTHONPATH": str(packages), "TTV_HOME": str(tmp_path / "home")}
    done = subprocess.run(
        [TTV[0], "-S", *TTV[1:], "render", str(file)],
        cwd=tmp_path,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    (keyframe,) = (tmp_path / "home" / "media" / "keyframes").rglob("*.png")
    assert b"title-card" in keyframe.read_bytes()
