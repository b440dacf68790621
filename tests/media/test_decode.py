from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.media.clips import moving, number_of, numbered, open_files, plain, write_clip, write_foreign
from ttv_dagster.media import color as color
from ttv_dagster.media import decode
from ttv_dagster.media.decode import MediaError, iter_frames, last_frame, probe, read_comment, sample_frames

CLIP = moving(40)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return write_clip(tmp_path_factory.mktemp("whole") / "clip.mp4", CLIP).read_bytes()


def test_a_clip_comes_back_as_it_was_written(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "clip.mp4", numbered(30))
    assert [number_of(image) for image in iter_frames(path)] == list(range(30))
    facts = probe(path)
    assert (facts.width, facts.height, facts.num_frames, facts.duration) == (128, 32, 30, 1.25)
    assert facts.fps == 24


def test_frames_are_contiguous_rgb_at_any_width(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "clip.mp4", moving(2, 50, 34))  # FFmpeg pads rows of such a width
    for image in iter_frames(path):
        assert image.shape == (34, 50, 3)
        assert image.flags.c_contiguous
        assert np.abs(image.mean((0, 1)) - moving(2, 50, 34).mean((0, 1, 2))).max() < 4


@pytest.mark.parametrize("fps", [24, 30, Fraction(24000, 1001), 16])
@pytest.mark.parametrize("num_frames", [1, 2, 24, 25, 81])
@pytest.mark.parametrize("write", [write_clip, write_foreign])
def test_the_last_frame_is_the_very_last(write: object, num_frames: int, fps: Fraction, tmp_path: Path) -> None:
    assert callable(write)
    path = write(tmp_path / "clip.mp4", numbered(num_frames), fps)
    last = last_frame(path)
    assert number_of(last) == num_frames - 1
    assert np.array_equal(last, list(iter_frames(path))[-1])


@pytest.mark.parametrize(("count", "wanted"), [(5, [0, 49, 99, 149, 199]), (1, [0]), (200, list(range(200)))])
def test_samples_are_spread_from_the_first_to_the_last(count: int, wanted: list[int], tmp_path: Path) -> None:
    from av.video.reformatter import VideoReformatter

    path = write_clip(tmp_path / "clip.mp4", numbered(200))
    found = [number_of(color.to_rgb(VideoReformatter(), frame)) for frame in sample_frames(path, count)]
    assert found == wanted


def test_more_samples_than_frames_are_all_frames(tmp_path: Path) -> None:
    assert len(list(sample_frames(write_clip(tmp_path / "clip.mp4", numbered(3)), 24))) == 3


def test_an_untagged_clip_is_read_as_bt601(tmp_path: Path) -> None:
    """As imageio, OpenCV and torchcodec write it. Read as BT.709 this green would be off by 20."""
    path = write_foreign(tmp_path / "clip.mp4", plain(2, (40, 180, 60)))
    assert probe(path).colorspace == 2
    assert np.abs(next(iter_frames(path)).astype(int) - (40, 180, 60)).max() <= 4


def test_a_clip_without_a_comment_has_an_empty_one(tmp_path: Path) -> None:
    assert read_comment(write_foreign(tmp_path / "clip.mp4", moving(2))) == ""


def test_a_comment_of_broken_text_is_still_read(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "clip.mp4", moving(2), comment="a comment")
    path.write_bytes(path.read_bytes().replace(b"a comment", b"a \xff\xfemment"))
    assert read_comment(path) == "a \ufffd\ufffdmment"
    assert probe(path).num_frames == 2


@pytest.mark.parametrize("name", ["concat:a|b.mp4", "50%d.mp4", "http:x.mp4", "狐.mp4", "no suffix"])
def test_a_file_may_have_any_name(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert probe(write_clip(Path(name), moving(2))).num_frames == 2
    assert list(tmp_path.iterdir()) == [tmp_path / name]


def refuses(path: Path) -> None:
    """Every way to read the file says in one sentence that it cannot."""
    for read in (lambda path: list(iter_frames(path)), last_frame):
        with pytest.raises(MediaError) as caught:
            read(path)
        assert path.name in str(caught.value)
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "data",
    [b"", b"hello", b"\0" * 5000, bytes(range(256)) * 40, b"\0\0\0\x18ftypmp42" + b"\xff" * 400],
    ids=["empty", "text", "zeros", "garbage", "mp4 in name only"],
)
def test_what_is_no_clip_is_refused(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    path.write_bytes(data)
    refuses(path)
    with pytest.raises(MediaError):
        probe(path)


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    refuses(tmp_path / "missing.mp4")
    refuses(tmp_path)


@pytest.mark.parametrize("text", ["#EXTM3U\n#EXTINF:1,\n{}\n", "ffconcat version 1.0\nfile '{}'\n"])
def test_a_playlist_does_not_open_other_files(text: str, tmp_path: Path) -> None:
    secret = write_clip(tmp_path / "secret.mp4", moving(2))
    path = tmp_path / "clip.mp4"
    path.write_text(text.format(secret.name))
    with pytest.raises(MediaError, match=r"is not a complete H\.264 mp4"):
        list(iter_frames(path))


def test_a_clip_cut_off_between_two_frames_is_refused(whole: bytes, tmp_path: Path) -> None:
    """Here every frame that is left is sound, and FFmpeg sees nothing but the end of the file."""
    import av

    path = tmp_path / "clip.mp4"
    path.write_bytes(whole)
    with av.open(str(path)) as container:
        starts = [packet.pos for packet in container.demux(video=0) if packet.pos is not None]
    for start in starts:
        path.write_bytes(whole[:start])
        refuses(path)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(share=st.floats(0, 1))
def test_a_clip_cut_off_anywhere_is_refused(share: float, whole: bytes, tmp_path: Path) -> None:
    """Above all by `last_frame`: the last frame that is left is not the last frame."""
    path = tmp_path / "clip.mp4"
    path.write_bytes(whole[: min(int(len(whole) * share), len(whole) - 1)])
    refuses(path)


@pytest.mark.parametrize("share", [0.2, 0.5, 0.8])
def test_damage_is_not_painted_over(share: float, whole: bytes, tmp_path: Path) -> None:
    position = int(len(whole) * share)
    path = tmp_path / "clip.mp4"
    path.write_bytes(whole[:position] + bytes(500) + whole[position + 500 :])
    with pytest.raises(MediaError, match=r"clip\.mp4 is"):
        list(iter_frames(path))


def test_most_single_wrong_bits_are_found(tmp_path: Path) -> None:
    """Not all: some bits only make another image, and H.264 has no checksum. By itself FFmpeg reports none."""
    path = write_clip(tmp_path / "clip.mp4", moving(12, 320, 240))
    whole, found = path.read_bytes(), 0
    for position in range(len(whole) - 5000, len(whole), 100):
        path.write_bytes(whole[:position] + bytes([whole[position] ^ 8]) + whole[position + 1 :])
        try:
            list(iter_frames(path))
        except MediaError:
            found += 1
    assert found > 25


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(share=st.floats(0, 1, exclude_max=True), junk=st.binary(min_size=1, max_size=40))
def test_junk_anywhere_is_read_or_refused_and_nothing_else(
    share: float, junk: bytes, whole: bytes, tmp_path: Path
) -> None:
    position = int(len(whole) * share)
    path = tmp_path / "clip.mp4"
    path.write_bytes(whole[:position] + junk + whole[position + len(junk) :])
    for read in (probe, read_comment, last_frame, lambda path: list(iter_frames(path))):
        try:
            read(path)
        except MediaError:
            continue


def test_other_codecs_are_refused(tmp_path: Path) -> None:
    path = write_foreign(tmp_path / "clip.mp4", moving(2), codec="mpeg4")
    with pytest.raises(MediaError, match=r"clip\.mp4 is not H\.264 video"):
        probe(path)


def test_sound_alone_is_refused(tmp_path: Path) -> None:
    import av

    path = tmp_path / "clip.mp4"
    with av.open(str(path), "w", format="mp4") as container:
        stream = container.add_stream("aac", rate=48000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
        frame.sample_rate = 48000
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    with pytest.raises(MediaError, match="has no video"):
        probe(path)


def test_a_gigantic_frame_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_clip(tmp_path / "clip.mp4", moving(2))
    monkeypatch.setattr(decode, "MAX_PIXELS", 64 * 48 - 1)
    refuses(path)


def test_leaving_early_closes_the_file(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "clip.mp4", moving(30))
    before = open_files()
    frames = iter_frames(path)
    next(frames)
    assert open_files() == before + 1
    frames.close()  # type: ignore[attr-defined]
    assert open_files() == before
