import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from tests.media.clips import Frames, moving, plain, still, write_clip
from ttv_dagster.media.inspection import Report, inspect


def report_on(path: Path, frames: Frames, fps: Fraction = Fraction(24), *, split_first: bool = False) -> Report:
    """The report on frames that were asked for just so."""
    num_frames, height, width, _ = frames.shape
    write_clip(path, frames, fps, split_first=split_first)
    return inspect(path, width=width, height=height, num_frames=num_frames, fps=fps)


@pytest.mark.parametrize("split_first", [False, True])
@pytest.mark.parametrize("size", [(64, 48), (48, 320), (320, 192), (16, 16)])
def test_a_good_clip_has_no_problems(size: tuple[int, int], split_first: bool, tmp_path: Path) -> None:
    report = report_on(tmp_path / "clip.mp4", moving(26, *size), split_first=split_first)
    assert (report.decodable, report.matches_request, report.not_blank) == (True, True, True)
    assert (report.black, report.flat, report.frozen, report.problems) == (False, False, False, ())
    assert (report.width, report.height, report.num_frames) == (*size, 26)
    assert report.fps == 24


@pytest.mark.parametrize(
    ("asked", "problem"),
    [
        ({"width": 96}, "It is 64x48, asked was 96x48."),
        ({"num_frames": 9}, "It has 5 frames, asked was 9."),
        ({"fps": Fraction(24000, 1001)}, "It has 24 frames per second, requested was 24000/1001."),
    ],
)
def test_what_differs_from_the_request_is_named(asked: dict[str, int], problem: str, tmp_path: Path) -> None:
    path = write_clip(tmp_path / "clip.mp4", moving(5))
    report = inspect(path, **{"width": 64, "height": 48, "num_frames": 5, "fps": Fraction(24), **asked})  # type: ignore[arg-type]
    assert report.problems == (problem,)
    assert (report.decodable, report.matches_request, report.not_blank) == (True, False, True)


def test_a_black_clip_is_black(tmp_path: Path) -> None:
    report = report_on(tmp_path / "clip.mp4", plain(26, 0))
    assert (report.black, report.flat, report.not_blank, report.matches_request) == (True, True, False, True)
    assert report.problems == ("Every frame is black.",)


def test_one_even_color_is_flat_but_not_black(tmp_path: Path) -> None:
    fading = np.concatenate([plain(1, level) for level in range(100, 152, 2)])
    for frames in (plain(5, (20, 90, 200)), plain(5, 40), fading):
        report = report_on(tmp_path / "clip.mp4", frames)
        assert (report.black, report.flat, report.not_blank) == (False, True, False)
        assert report.problems == ("Every frame is one even color.",)


def test_nightly_is_not_black(tmp_path: Path) -> None:
    report = report_on(tmp_path / "clip.mp4", moving(26) // np.uint8(12))
    assert (report.black, report.flat, report.not_blank) == (False, False, True)


def test_one_image_among_black_frames_is_not_blank(tmp_path: Path) -> None:
    frames = np.concatenate([plain(5, 0), moving(1), plain(5, 0)])
    report = report_on(tmp_path / "clip.mp4", frames)
    assert (report.black, report.flat, report.not_blank) == (False, False, True)


@pytest.mark.parametrize("num_frames", [5, 9, 25, 81])
@pytest.mark.parametrize("size", [(64, 48), (320, 192)])
@pytest.mark.parametrize("split_first", [False, True])
def test_a_still_is_frozen_although_its_keyframes_step(
    split_first: bool, size: tuple[int, int], num_frames: int, tmp_path: Path
) -> None:
    report = report_on(tmp_path / "clip.mp4", still(num_frames, *size), split_first=split_first)
    assert (report.frozen, report.not_blank) == (True, True)
    assert report.problems == ("The image never moves.",)


def test_what_is_too_short_to_move_is_not_frozen(tmp_path: Path) -> None:
    for num_frames in (1, 2, 3):
        assert report_on(tmp_path / "clip.mp4", still(num_frames)).problems == ()


def test_little_motion_is_motion(tmp_path: Path) -> None:
    creeping = still(49, 320, 192)
    for n, frame in enumerate(creeping):
        frame[80:96, 40 + n // 2 : 56 + n // 2] = 250
    assert not report_on(tmp_path / "clip.mp4", creeping).frozen


def test_a_cut_between_stills_is_motion(tmp_path: Path) -> None:
    cut = np.concatenate([still(24), still(24, seed=1)])  # exactly where a keyframe comes anyway
    assert not report_on(tmp_path / "clip.mp4", cut).frozen


def test_what_does_not_decode_is_said_and_not_raised(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "clip.mp4", moving(30))
    path.write_bytes(path.read_bytes()[:-200])
    report = inspect(path, width=64, height=48, num_frames=30, fps=Fraction(24))
    assert (report.decodable, report.matches_request, report.width) == (False, False, 64)
    assert 0 < report.num_frames < 30
    assert report.problems[0].startswith("It does not decode: clip.mp4 is")
    missing = inspect(tmp_path / "missing.mp4", width=64, height=48, num_frames=30, fps=Fraction(24))
    assert (missing.decodable, missing.not_blank, missing.frozen, missing.num_frames) == (False, False, False, 0)


def test_a_report_survives_json(tmp_path: Path) -> None:
    for frames, fps in ((plain(2, 0), Fraction(24000, 1001)), (moving(3), Fraction(25, 2))):
        report = report_on(tmp_path / "clip.mp4", frames, fps)
        assert Report.from_dict(json.loads(json.dumps(report.to_dict()))) == report
