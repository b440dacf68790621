import hashlib
import subprocess
import sys
import tracemalloc
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps

from tests.deployments import NOWHERE
from tests.engines.animatic.requests import film, ignore, image, recipe
from ttv_dagster.engines.animatic import Animatic
from ttv_dagster.engines.animatic.moves import Move
from ttv_dagster.engines.animatic.slate import slate_height
from ttv_dagster.engines.protocol import Engine, Inputs, Progress, RenderCancelled
from ttv_dagster.engines.registry import open_engine

HOSTILE = [
    "a\nb\r\n\tc\x00\x07\x1b[31m",
    "\u202egnp.exe \u2066abc\u2069 \u200b\ufeff",
    "一只猫在月光下的屋顶上 🐱🌙",
    "قطة على السطح",
    "x" * 10_000,
    "漢" * 10_000,
    "camera " * 2_000 + "pans",
    "{0} %s <b>&amp;</b> ../../etc/passwd",
    "\ud800 lone surrogate",
]


def test_is_the_engine_of_that_name() -> None:
    engine = open_engine("animatic", NOWHERE)
    assert isinstance(engine, Animatic)
    assert isinstance(engine, Engine)
    assert engine.capabilities(None).keyframe_generator == "illustration"


def test_knows_no_model() -> None:
    with pytest.raises(ValueError, match="leave the model out"):
        Animatic(NOWHERE).capabilities("wan")


@pytest.mark.parametrize("num_frames", [1, 2, 7, 8, 9, 17])
def test_renders_any_number_of_frames(num_frames: int) -> None:
    frames = film(recipe(num_frames=num_frames))
    assert frames.shape == (num_frames, 176, 192, 3)
    assert frames.dtype == np.uint8


@pytest.mark.parametrize("size", [(32, 32), (34, 4096), (320, 160), (160, 320), (832, 480), (162, 166)])
def test_renders_any_size(size: tuple[int, int]) -> None:
    width, height = size
    frames = film(recipe(width=width, height=height, num_frames=2), first=image(100, 60))
    assert frames.shape == (2, height, width, 3)


def test_starts_on_the_fitted_image() -> None:
    shown = image(300, 500)
    frames = film(recipe(), first=shown)
    area = 176 - slate_height(192, 176)
    fitted = ImageOps.fit(Image.fromarray(shown), (192, area), Image.Resampling.LANCZOS)
    assert np.abs(frames[0, :area].astype(int) - np.asarray(fitted)).max() <= 1


@pytest.mark.parametrize("move", Move)
def test_a_clip_that_continues_starts_pixel_for_pixel(move: Move) -> None:
    last = film(recipe(num_frames=3, camera="zoom in"))[-1]
    frames = film(recipe("another prompt", source="clip", num_frames=2, camera=move), first=last)
    area = 176 - slate_height(192, 176)
    assert np.array_equal(frames[0, :area], last[:area])


def test_the_slate_of_the_clip_before_is_never_in_the_image() -> None:
    last = np.full((176, 192, 3), 200, np.uint8)
    area = 176 - slate_height(192, 176)
    last[area:] = 0
    frames = film(recipe(source="clip", camera="zoom out", num_frames=24), first=last)
    assert frames[:, :area].min() == 200


def test_ends_on_the_last_image() -> None:
    last = image(seed=5)
    area = 176 - slate_height(192, 176)
    fitted = np.asarray(ImageOps.fit(Image.fromarray(last), (192, area), Image.Resampling.LANCZOS))
    frames = film(recipe(num_frames=25, last_frame="1" * 64), last=last)
    assert np.abs(frames[-1, :area].astype(int) - fitted).max() <= 1
    distance = np.abs(frames[:, :area].astype(float) - fitted).mean(axis=(1, 2, 3))
    assert distance[0] > 30
    assert (np.diff(distance[-8:]) < 0).all()


def test_one_frame_with_a_last_image_is_that_image() -> None:
    last = image(seed=5)
    frames = film(recipe(num_frames=1, last_frame="1" * 64, slate=False), last=last)
    assert np.array_equal(frames[0], last)


def _digest(asked: Any) -> str:
    return hashlib.sha256(film(asked).tobytes()).hexdigest()


def test_is_the_same_in_another_process() -> None:
    asked = recipe("a busy street, handheld camera", width=208, num_frames=5)
    script = (
        "import hashlib\n"
        "from tests.engines.animatic.requests import film, recipe\n"
        "asked = recipe('a busy street, handheld camera', width=208, num_frames=5)\n"
        "print(hashlib.sha256(film(asked).tobytes()).hexdigest())\n"
    )
    other = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert other.stdout.strip() == _digest(asked) == _digest(asked)


def test_seed_and_prompt_decide_pixels() -> None:
    digests = {_digest(recipe(prompt, seed=seed, num_frames=2)) for prompt in ("a hill", "a lake") for seed in (1, 2)}
    assert len(digests) == 4


def test_the_camera_can_be_told_apart_from_the_prompt() -> None:
    assert not np.array_equal(film(recipe(camera="pan left", slate=False)), film(recipe(camera="tilt up", slate=False)))


@pytest.mark.parametrize("move", Move)
def test_no_move_is_frozen_and_none_jumps(move: Move) -> None:
    frames = film(recipe(camera=move, slate=False, num_frames=36)).astype(float).mean(axis=-1)
    steps = np.abs(np.diff(frames, axis=0)).mean(axis=(1, 2))
    assert steps.max() > 0.04
    # Half a level is what the filters differ by; the rest is how fast the camera may pick up speed.
    assert np.abs(np.diff(steps)).max() < 0.6 + 0.2 * steps.max()


@pytest.mark.parametrize("prompt", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_prompts(prompt: str) -> None:
    assert film(recipe(prompt, width=256, num_frames=2)).shape == (2, 176, 256, 3)


@settings(max_examples=25, deadline=None)
@given(
    prompt=st.text(max_size=300),
    seed=st.integers(0, 2**31 - 1),
    fps=st.fractions(Fraction(1), Fraction(240), max_denominator=1001),
    half=st.tuples(st.integers(16, 120), st.integers(16, 120)),
    shown=st.tuples(st.integers(1, 90), st.integers(1, 90)),
)
def test_renders_whatever_it_is_asked(
    prompt: str, seed: int, fps: Fraction, half: tuple[int, int], shown: tuple[int, int]
) -> None:
    width, height = 2 * half[0], 2 * half[1]
    frames = film(recipe(prompt, seed=seed, fps=fps, width=width, height=height, num_frames=3), first=image(*shown))
    assert frames.shape == (3, height, width, 3)


def test_reports_every_chunk_and_streams_small_ones() -> None:
    told: list[Progress] = []
    engine = Animatic(NOWHERE)
    chunks = engine.render(recipe(num_frames=19), Inputs(image()), told.append)
    sizes = [len(chunk) for chunk in chunks]
    assert sum(sizes) == 19
    assert max(sizes) <= 8
    assert told[-1] == Progress("frames", 19, 19)
    assert [step.done for step in told] == np.cumsum(sizes).tolist()


def test_memory_does_not_grow_with_the_clip() -> None:
    def peak(num_frames: int) -> int:
        tracemalloc.start()
        asked = recipe(num_frames=num_frames)
        for _ in Animatic(NOWHERE).render(asked, Inputs(image()), ignore):
            pass
        used = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return used

    assert peak(96) < 1.5 * peak(24)


def test_chunks_belong_to_the_caller() -> None:
    chunks = Animatic(NOWHERE).render(recipe(num_frames=16), Inputs(image()), ignore)
    first = next(chunks)
    kept = first.copy()
    next(chunks)
    assert np.array_equal(first, kept)


def test_cancels_out_of_progress() -> None:
    def stop(progress: Progress) -> None:
        raise RenderCancelled

    chunks = Animatic(NOWHERE).render(recipe(), Inputs(image()), stop)
    with pytest.raises(RenderCancelled):
        next(chunks)


def test_cancels_by_close() -> None:
    chunks = Animatic(NOWHERE).render(recipe(num_frames=64), Inputs(image()), ignore)
    next(chunks)
    chunks.close()  # type: ignore[attr-defined]
    assert next(chunks, None) is None


def test_renders_nothing_without_an_image() -> None:
    with pytest.raises(ValueError, match="first frame"):
        next(Animatic(NOWHERE).render(recipe(), Inputs(), ignore))


def test_refuses_what_it_cannot_render() -> None:
    def fields(asked: Any) -> dict[str, str]:
        return {problem.field: problem.hint for problem in Animatic(NOWHERE).validate(asked)}

    assert fields(recipe()) == {}
    assert "832 or 834" in fields(recipe(width=833))["width"]
    assert set(fields(recipe(" ", height=30, num_frames=0, fps=Fraction(500)))) == {
        "prompt", "height", "num_frames", "fps",
    }  # fmt: skip
    assert set(fields(recipe(camera="sideways", grain=3))) == {"params.camera", "params.grain"}


def test_refuses_a_model() -> None:
    asked = recipe()
    with_model = type(asked)(**{**{name: getattr(asked, name) for name in asked.__dataclass_fields__}, "model": "wan"})
    assert [problem.field for problem in Animatic(NOWHERE).validate(with_model)] == ["model"]
