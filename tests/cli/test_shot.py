"""`ttv shot`: one mp4, and nothing around it."""

from pathlib import Path

import av
import numpy as np
from PIL import Image

from tests.support import ttv
from tests.tiny.installation import Checkpoint, Installation
from ttv_dagster.media.decode import iter_frames, probe
from ttv_dagster.weights.snapshots import RANDOM_WEIGHTS

SIZE = ["--width", "64", "--height", "48", "--num-frames", "9"]


def image(path: Path) -> Path:
    Image.fromarray(np.full((48, 64, 3), (200, 30, 30), np.uint8)).save(path)
    return path


def test_an_image_and_a_prompt_become_one_mp4_and_nothing_else(tmp_path: Path) -> None:
    avatar = image(tmp_path / "avatar.png")
    options = [
        "--image",
        str(avatar),
        "--prompt",
        "She nods",
        "--output",
        "out/video.mp4",
        "--fps",
        "12",
        "--seed",
        "7",
    ]
    done = ttv("shot", *options, *SIZE, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["video.mp4"]
    clip = tmp_path / "out" / "video.mp4"
    found = probe(clip)
    assert (found.width, found.height, float(found.fps)) == (64, 48, 12.0)
    frames = list(iter_frames(clip))
    assert len(frames) == 9
    assert frames[0][24, 32, 0] > 150
    assert not (tmp_path / "home").exists()


def test_the_same_options_make_the_same_frames_and_take_the_place_of_the_file_there(tmp_path: Path) -> None:
    options = ["--prompt", "noise", "--output", "a.mp4", "--engine", "noise", "--seed", "3"]
    frames = []
    for _ in range(2):
        done = ttv("shot", *options, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        frames.append(np.stack(list(iter_frames(tmp_path / "a.mp4"))))
    assert np.array_equal(frames[0], frames[1])


def test_what_the_engine_refuses_is_said_of_the_option(tmp_path: Path) -> None:
    options = ["--prompt", "noise", "--output", "a.mp4", "--engine", "noise", "--width", "65", "--height", "48"]
    done = ttv("shot", *options, cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith("--width: ")
    assert list(tmp_path.iterdir()) == []


def test_an_image_that_is_not_there_is_said_of_the_option(tmp_path: Path) -> None:
    done = ttv("shot", "--image", "none.png", "--prompt", "x", "--output", "a.mp4", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith("--image: ")


def test_a_clip_of_random_weights_says_so(tmp_path: Path) -> None:
    weights = tmp_path / "weights"
    weights.mkdir()
    (weights / RANDOM_WEIGHTS).touch()
    entry = {"id": "noisy/random", "engines": ["modelled"], "tasks": ["T2V"], "family": "noise", "width": 64,
             "height": 48, "num_frames": 8, "fps": 8}  # fmt: skip
    env = Installation(tmp_path / "installation", [Checkpoint(entry, weights)]).env()
    options = ["--prompt", "noise", "--output", "a.mp4", "--engine", "modelled", "--model", "noisy/random"]
    done = ttv("shot", *options, cwd=tmp_path, env=env)
    assert done.returncode == 0, done.stderr
    with av.open(tmp_path / "a.mp4") as clip:
        assert clip.metadata["description"].startswith("Random weights")
