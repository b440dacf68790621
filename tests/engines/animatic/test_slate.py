from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ttv_dagster.engines.animatic.slate import Slate, slate_height, timecode


def _slate(prompt: str = "a fox", frames: int = 121, size: tuple[int, int] = (832, 36)) -> Slate:
    return Slate(prompt=prompt, labels=("animatic", "pan left", "seed 42"), frames=frames, fps=Fraction(24), size=size)


@pytest.mark.parametrize(
    ("size", "height"), [((832, 480), 36), ((480, 832), 62), ((1280, 704), 52), ((32, 32), 0), ((4096, 64), 0)]
)
def test_height(size: tuple[int, int], height: int) -> None:
    assert slate_height(*size) == height


@pytest.mark.parametrize(
    ("frame", "fps", "shown"),
    [
        (0, Fraction(24), "00:00:00"), (23, Fraction(24), "00:00:23"), (24, Fraction(24), "00:01:00"),
        (121, Fraction(24), "00:05:01"), (24 * 61, Fraction(24), "01:01:00"),
        (30, Fraction(30000, 1001), "00:01:00"),
        (29, Fraction(30000, 1001), "00:00:29"), (3, Fraction(1, 2), "00:06:00"),
    ],
)  # fmt: skip
def test_timecode(frame: int, fps: Fraction, shown: str) -> None:
    assert timecode(frame, fps) == shown


@given(frame=st.integers(0, 100_000), fps=st.fractions(Fraction(1), Fraction(240), max_denominator=1001))
def test_timecode_counts_whole_frames_of_a_second(frame: int, fps: Fraction) -> None:
    minutes, seconds, within = map(int, timecode(frame, fps).split(":"))
    assert 0 <= within < fps + 1
    assert 0 <= frame - (60 * minutes + seconds) * fps - within < 1


def test_the_line_grows_over_the_shot() -> None:
    slate = _slate()
    bright = [int((np.asarray(slate.draw(frame))[0].mean(axis=-1) > 200).sum()) for frame in (0, 30, 60, 90, 120)]
    assert bright[0] == 0
    assert np.diff(bright).min() > 150
    assert bright[-1] > 810


def test_is_grey_and_legible() -> None:
    pixels = np.asarray(_slate().draw(60)).astype(int)
    assert np.ptp(pixels, axis=-1).max() <= 14
    assert pixels[8:].max() > 220
    assert np.median(pixels) < 20


def test_shows_as_much_of_the_prompt_as_fits() -> None:
    short, long = (np.asarray(_slate("word " * many).draw(0)) for many in (3, 400))
    assert (long[4:] > 120).sum() > 2 * (short[4:] > 120).sum()
    before_labels = long[:, 560:590]
    assert (before_labels[4:] > 120).any() or (long[:, 540:560][4:] > 120).any()
    assert not np.array_equal(np.asarray(_slate("word " * 400).draw(0)), np.asarray(_slate("sword " * 400).draw(0)))


def test_other_scripts_are_written_in_latin_letters() -> None:
    assert np.array_equal(np.asarray(_slate("\u041b\u0438\u0441").draw(0)), np.asarray(_slate("Lis").draw(0)))


def test_control_characters_are_not_drawn() -> None:
    assert np.array_equal(np.asarray(_slate("a\x00 \u202e\n fox\u200b").draw(0)), np.asarray(_slate("a fox").draw(0)))


@pytest.mark.parametrize("size", [(160, 12), (160, 300), (480, 62), (4096, 172), (832, 36)])
def test_any_size(size: tuple[int, int]) -> None:
    assert _slate("a long prompt " * 30, size=size).draw(5).size == size
