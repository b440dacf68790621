import hashlib
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.media.clips import Frames, moving, open_files, plain, read_description, times_of, write_clip
from ttv_dagster.media import color as color
from ttv_dagster.media.decode import iter_frames, probe, read_comment
from ttv_dagster.media.encode import ENCODING, SETTINGS, THREADS, ClipWriter

KR, KB = 0.2126, 0.0722  # BT.709


def bt709(rgb: tuple[int, int, int]) -> list[float]:
    """Limited-range Y, Cb, Cr by the formulas of ITU-R BT.709."""
    red, green, blue = (value / 255 for value in rgb)
    luma = KR * red + (1 - KR - KB) * green + KB * blue
    return [16 + 219 * luma, 128 + 112 * (blue - luma) / (1 - KB), 128 + 112 * (red - luma) / (1 - KR)]


def planes_of(path: Path) -> Frames:
    import av

    with av.open(str(path)) as container:
        return np.stack([np.asarray(frame.to_ndarray(), np.uint8) for frame in container.decode(video=0)])


COLORS = [(200, 60, 40), (40, 180, 60), (50, 70, 200), (128, 128, 128), (210, 200, 60), (30, 160, 170)]


@pytest.mark.parametrize("rgb", COLORS)
def test_a_color_is_stored_as_bt709_and_comes_back(rgb: tuple[int, int, int], tmp_path: Path) -> None:
    path = write_clip(tmp_path / "clip.mp4", plain(3, rgb))
    yuv = planes_of(path)[0]
    stored = [yuv[:48].mean(), yuv[48:60].mean(), yuv[60:].mean()]
    assert np.abs(np.subtract(stored, bt709(rgb))).max() <= 1.5  # BT.601 is off by 5 to 30
    for image in iter_frames(path):
        assert np.abs(image.astype(int) - rgb).max() <= 3


def test_a_clip_says_that_it_is_bt709(tmp_path: Path) -> None:
    facts = probe(write_clip(tmp_path / "clip.mp4", moving(2)))
    tags = facts.color_primaries, facts.color_trc, facts.colorspace, facts.color_range
    assert tags == (1, 1, 1, color.LIMITED)
    assert (facts.codec, facts.pix_fmt) == ("h264", "yuv420p")


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    fps=st.sampled_from([Fraction(n) for n in (16, 24, 25, 30, 60)])
    | st.sampled_from([Fraction(24000, 1001), Fraction(30000, 1001), Fraction(25, 2), Fraction(1, 2)])
    | st.builds(Fraction, st.integers(1, 960), st.integers(1, 8)),
    num_frames=st.integers(1, 60),
    split_first=st.booleans(),
)
def test_every_frame_has_its_exact_time(fps: Fraction, num_frames: int, split_first: bool, tmp_path: Path) -> None:
    path = write_clip(tmp_path / "clip.mp4", plain(num_frames, 90, 16, 16), fps, split_first=split_first)
    facts = probe(path)
    assert (facts.fps, facts.num_frames) == (fps, num_frames)
    assert times_of(path) == [n / fps for n in range(num_frames)]
    assert facts.duration == pytest.approx(float(num_frames / fps))


CHILD = """
import sys
from pathlib import Path
from tests.media.clips import moving, write_clip
write_clip(Path(sys.argv[1]), moving(30, int(sys.argv[2]), 64))
"""


@pytest.mark.parametrize("width", [64, 832])
def test_the_same_frames_are_the_same_bytes_in_another_process(width: int, tmp_path: Path) -> None:
    here = write_clip(tmp_path / "here.mp4", moving(30, width, 64))
    there = tmp_path / "there.mp4"
    env = {**os.environ, "JUNK": "x" * 100_000}  # moves the memory that FFmpeg works in
    subprocess.run([sys.executable, "-c", CHILD, there, str(width)], check=True, env=env)
    assert here.read_bytes() == there.read_bytes()


def test_what_decides_the_bytes_changes_only_with_its_name() -> None:
    decisive = repr((sorted(SETTINGS.items()), THREADS, color.SCALER))
    assert (ENCODING, hashlib.sha256(decisive.encode()).hexdigest()[:8]) == ("h264-1", "29b91808")


def test_clips_of_one_size_and_rate_have_equal_decoder_settings(tmp_path: Path) -> None:
    kinds = [
        probe(write_clip(tmp_path / "clip.mp4", frames, split_first=split_first, comment=comment))
        for frames in (moving(1), moving(30, seed=1), plain(2, 0))
        for split_first in (False, True)
        for comment in ("", "recipe")
    ]
    assert len({(facts.extradata, facts.time_base) for facts in kinds}) == 1


@pytest.mark.parametrize("split_first", [False, True])
def test_only_a_split_clip_can_lose_its_first_packet(split_first: bool, tmp_path: Path) -> None:
    import av

    path = write_clip(tmp_path / "clip.mp4", moving(30), split_first=split_first)
    with av.open(str(path)) as container:
        keys = [packet.is_keyframe for packet in container.demux(video=0) if packet.size]
    assert keys[:3] == [True, split_first, False]


def test_a_clip_plays_while_it_loads(tmp_path: Path) -> None:
    data = write_clip(tmp_path / "clip.mp4", moving(2)).read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")


def test_the_comment_is_kept_to_the_letter(tmp_path: Path) -> None:
    comment = '{"prompt": "Ein Fuchs, 狐 🦊 \\n \\"quoted\\"", "x": "' + "é" * 30_000 + '"}'
    assert read_comment(write_clip(tmp_path / "clip.mp4", moving(1), comment=comment)) == comment


def test_a_clip_can_say_something_to_people_beside_its_comment(tmp_path: Path) -> None:
    clip = tmp_path / "clip.mp4"
    said = "Random weights: made to test the pipeline."
    with ClipWriter(clip, width=64, height=48, fps=Fraction(24), comment="the recipe", description=said) as writer:
        writer.write(moving(1))
    assert read_description(clip) == said
    assert read_comment(clip) == "the recipe"


def test_frames_can_come_in_pieces(tmp_path: Path) -> None:
    frames = moving(10)
    whole = write_clip(tmp_path / "whole.mp4", frames)
    pieces = tmp_path / "pieces.mp4"
    with ClipWriter(pieces, width=64, height=48, fps=Fraction(24), comment="") as writer:
        for start, end in ((0, 1), (1, 1), (1, 7), (7, 10)):
            writer.write(frames[start:end])
    assert writer.num_frames == 10
    assert pieces.read_bytes() == whole.read_bytes()


def test_a_view_with_holes_is_written_right(tmp_path: Path) -> None:
    frames = moving(3, 128, 96)[:, ::2, ::-2]
    path = write_clip(tmp_path / "clip.mp4", frames)
    assert path.read_bytes() == write_clip(tmp_path / "same.mp4", frames.copy()).read_bytes()


@pytest.mark.parametrize(
    ("width", "height", "fps", "comment"),
    [
        (63, 48, Fraction(24), ""),
        (64, 47, Fraction(24), ""),
        (0, 48, Fraction(24), ""),
        (64, 48, Fraction(0), ""),
        (64, 48, Fraction(-24), ""),
        (64, 48, Fraction(5000), ""),
        (64, 48, Fraction(23.976), ""),
        (64, 48, Fraction(24), "a\0b"),
    ],
)
def test_what_a_clip_cannot_hold_is_refused_before_a_file_exists(
    width: int, height: int, fps: Fraction, comment: str, tmp_path: Path
) -> None:
    path = tmp_path / "clip.mp4"
    with pytest.raises(ValueError, match=r"even|exactly|NUL"):
        ClipWriter(path, width=width, height=height, fps=fps, comment=comment)
    assert not path.exists()


@pytest.mark.parametrize(
    "frames", [moving(2, 32, 32), moving(2)[0], moving(2).astype(np.float32), moving(2)[..., :2]], ids=str
)
def test_frames_of_another_shape_or_type_are_refused(frames: Frames, tmp_path: Path) -> None:
    with (
        pytest.raises(ValueError, match="are uint8 of shape"),
        ClipWriter(tmp_path / "clip.mp4", width=64, height=48, fps=Fraction(24), comment="") as writer,
    ):
        writer.write(frames)


def test_a_failure_inside_closes_the_file_and_stays_the_failure(tmp_path: Path) -> None:
    path, before = tmp_path / "clip.mp4", open_files()
    with (
        pytest.raises(KeyboardInterrupt),
        ClipWriter(path, width=64, height=48, fps=Fraction(24), comment="") as writer,
    ):
        writer.write(moving(60))
        raise KeyboardInterrupt
    assert path.exists()
    assert open_files() == before
    with pytest.raises(RuntimeError, match="with"):
        writer.write(moving(1))


def test_a_clip_has_at_least_one_frame(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="has no frames"):
        write_clip(tmp_path / "clip.mp4", moving(2)[:0])


def test_clips_are_written_in_background_threads(tmp_path: Path) -> None:
    alone = [write_clip(tmp_path / f"alone-{n}.mp4", moving(20, seed=n)).read_bytes() for n in range(4)]
    with ThreadPoolExecutor(4) as pool:
        paths = pool.map(lambda n: write_clip(tmp_path / f"{n}.mp4", moving(20, seed=n)), range(4))
        assert [path.read_bytes() for path in paths] == alone
