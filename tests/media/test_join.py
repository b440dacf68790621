import errno
import resource
import subprocess
import sys
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.media.clips import (
    Frames,
    moving,
    number_of,
    numbered,
    open_files,
    plain,
    read_description,
    still,
    times_of,
    write_clip,
    write_foreign,
)
from tests.support import on_small_disk
from ttv_dagster.media import join as join_module
from ttv_dagster.media.decode import MediaError, iter_frames, last_frame, probe, read_comment
from ttv_dagster.media.encode import ClipWriter
from ttv_dagster.media.join import Part, join

LENGTHS = (1, 2, 5, 24, 25, 26)


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[int, bool], Path]:
    """Clips of our own by their number of frames, and whether they are split after the first."""
    folder = tmp_path_factory.mktemp("clips")
    return {
        (n, split): write_clip(folder / f"{n}{split}.mp4", moving(n, seed=n), split_first=split)
        for n in LENGTHS
        for split in (False, True)
    }


def frames_of(parts: Sequence[Part]) -> list[Frames]:
    return [image for part in parts for image in list(iter_frames(part.path))[part.drop_first :]]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(chosen=st.lists(st.tuples(st.sampled_from(LENGTHS), st.booleans()), min_size=1, max_size=8))
def test_a_film_is_its_parts_pixel_by_pixel(
    chosen: list[tuple[int, bool]], clips: dict[tuple[int, bool], Path], tmp_path: Path
) -> None:
    parts = [Part(clips[length, split], drop_first=split) for length, split in chosen]
    wanted = frames_of(parts)
    film = tmp_path / "film.mp4"
    if not wanted:
        return
    join(parts, film, comment="")
    assert np.array_equal(list(iter_frames(film)), wanted)
    assert times_of(film) == [Fraction(n, 24) for n in range(len(wanted))]
    assert np.array_equal(last_frame(film), wanted[-1])


@pytest.mark.parametrize("fps", [Fraction(24000, 1001), Fraction(25, 2), Fraction(16), Fraction(30)])
def test_every_frame_of_a_film_has_its_exact_time(fps: Fraction, tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "clip.mp4", moving(25), fps)
    join([Part(clip)] * 40, tmp_path / "film.mp4", comment="")
    assert times_of(tmp_path / "film.mp4") == [n / fps for n in range(1000)]
    assert probe(tmp_path / "film.mp4").fps == fps


def test_a_film_keeps_the_tags_and_its_comment_and_plays_while_it_loads(
    clips: dict[tuple[int, bool], Path], tmp_path: Path
) -> None:
    film = tmp_path / "film.part"
    join([Part(clips[5, False])] * 3, film, comment='{"set": "Füchse"}')
    facts, clip = probe(film), probe(clips[5, False])
    for tag in ("color_primaries", "color_trc", "colorspace", "color_range", "pix_fmt", "extradata", "time_base"):
        assert getattr(facts, tag) == getattr(clip, tag)
    assert read_comment(film) == '{"set": "Füchse"}'
    join([Part(clips[5, False])], film, comment="", description="Random weights.")
    assert read_description(film) == "Random weights."
    data = film.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")
    assert list(tmp_path.iterdir()) == [film]


def test_packets_are_copied_and_not_encoded_again(
    clips: dict[tuple[int, bool], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(join_module, "_recode", None)
    join([Part(clips[n, True], True) for n in LENGTHS], tmp_path / "film.mp4", comment="")


def test_a_thousand_parts_are_joined_one_at_a_time(tmp_path: Path) -> None:
    first = write_clip(tmp_path / "first.mp4", plain(3, 90, 16, 16))
    other = write_clip(tmp_path / "other.mp4", plain(3, 90, 16, 16), split_first=True)
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (open_files() + 50, limits[1]))
    try:
        join([Part(first)] + [Part(other, True)] * 1000, tmp_path / "film.mp4", comment="")
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
    assert probe(tmp_path / "film.mp4").num_frames == 2003


def test_a_follow_on_clip_that_was_not_split_still_loses_its_first_frame(tmp_path: Path) -> None:
    """Copied without its first packet it would decode to smeared images, without any error."""
    first = write_clip(tmp_path / "first.mp4", numbered(5))
    unsplit = write_clip(tmp_path / "unsplit.mp4", numbered(30))
    join([Part(first), Part(unsplit, True)], tmp_path / "film.mp4", comment="")
    film = list(iter_frames(tmp_path / "film.mp4"))
    assert [number_of(image) for image in film] == [*range(5), *range(1, 30)]
    assert np.abs(film[5].astype(int) - list(iter_frames(unsplit))[1]).mean() < 1


def test_the_size_and_rate_of_most_parts_win_and_the_first_of_equals(tmp_path: Path) -> None:
    small, large = (write_clip(tmp_path / f"{w}.mp4", moving(4, w, 48)) for w in (64, 96))
    for parts, width in (([small, large], 64), ([large, small], 96), ([small, large, large], 96)):
        join([Part(path) for path in parts], tmp_path / "film.mp4", comment="")
        facts = probe(tmp_path / "film.mp4")
        assert (facts.width, facts.num_frames) == (width, 4 * len(parts))


def test_a_part_of_another_size_is_shown_whole(tmp_path: Path) -> None:
    wide = write_clip(tmp_path / "wide.mp4", plain(3, 200, 96, 48))
    film = write_clip(tmp_path / "film-size.mp4", plain(3, 60, 96, 96))
    join([Part(film), Part(wide), Part(film)], tmp_path / "film.mp4", comment="")
    images = list(iter_frames(tmp_path / "film.mp4"))
    levels = [round(image[48, 48, 0] / 10) * 10 for image in images]
    assert levels == [60] * 3 + [200] * 3 + [60] * 3
    assert max(images[4][8].max(), images[4][-8].max()) < 8  # bars above and below


@pytest.mark.parametrize(("fps", "num_frames"), [(12, 12), (30, 30), (Fraction(24000, 1001), 24), (24, 24), (60, 60)])
def test_a_part_of_another_rate_lasts_as_long(fps: Fraction, num_frames: int, tmp_path: Path) -> None:
    own = write_clip(tmp_path / "own.mp4", numbered(2))
    other = write_clip(tmp_path / "other.mp4", numbered(num_frames), fps)
    join([Part(own), Part(own), Part(other)], tmp_path / "film.mp4", comment="")
    shown = [number_of(image) for image in iter_frames(tmp_path / "film.mp4")][4:]
    assert len(shown) == 24
    for n, number in enumerate(shown):  # the frame whose time it is, at the middle of this frame's time
        assert number == min(num_frames - 1, int((n + 0.5) / 24 * fps))


def test_clips_of_other_programs_are_taken_in(tmp_path: Path) -> None:
    """Same size and rate, but with B-frames and other settings: copied packets would decode to garbage."""
    own = write_clip(tmp_path / "own.mp4", numbered(30))
    other = write_foreign(tmp_path / "other.mp4", numbered(30))
    for parts in ([own, other], [other, own, other]):
        join([Part(path) for path in parts], tmp_path / "film.mp4", comment="")
        shown = [number_of(image) for image in iter_frames(tmp_path / "film.mp4")]
        assert shown == [*range(30)] * len(parts)


def test_a_one_frame_part_that_is_dropped_leaves_nothing(tmp_path: Path) -> None:
    own = write_clip(tmp_path / "own.mp4", moving(3))
    for lone in (write_clip(tmp_path / "lone.mp4", moving(1)), write_clip(tmp_path / "odd.mp4", moving(1, 32, 32))):
        join([Part(own), Part(lone, True), Part(own)], tmp_path / "film.mp4", comment="")
        assert probe(tmp_path / "film.mp4").num_frames == 6


def test_a_damaged_part_fails_the_film_by_name(tmp_path: Path) -> None:
    good = write_clip(tmp_path / "good.mp4", moving(30))
    bad = tmp_path / "bad.mp4"
    bad.write_bytes(good.read_bytes()[:-500])
    with pytest.raises(MediaError, match=r"^bad\.mp4"):
        join([Part(good), Part(bad)], tmp_path / "film.mp4", comment="")
    with pytest.raises(MediaError, match=r"^missing\.mp4"):
        join([Part(good), Part(tmp_path / "missing.mp4")], tmp_path / "film.mp4", comment="")
    assert not [path for path in tmp_path.iterdir() if path.is_dir()]


def test_a_film_has_at_least_one_part(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="at least one part"):
        join([], tmp_path / "film.mp4", comment="")


def test_a_film_without_a_frame_is_an_error(tmp_path: Path) -> None:
    lone = write_clip(tmp_path / "lone.mp4", still(1), split_first=True)
    with pytest.raises(MediaError):
        join([Part(lone, True)], tmp_path / "film.mp4", comment="")


def test_writing_while_joining_elsewhere_is_safe(tmp_path: Path) -> None:
    with ClipWriter(tmp_path / "open.mp4", width=64, height=48, fps=Fraction(24), comment="") as writer:
        writer.write(moving(3))
        join([Part(write_clip(tmp_path / "clip.mp4", moving(3)))], tmp_path / "film.mp4", comment="")
        writer.write(moving(3))
    assert probe(tmp_path / "open.mp4").num_frames == 6


FULL_DISK = """
import errno, sys
from pathlib import Path
from ttv_dagster.media.join import Part, join
try:
    join([Part(Path(sys.argv[1]))] * 3, Path(sys.argv[2]), comment="")
except OSError as error:
    sys.exit(error.errno)
"""


def test_a_full_disk_is_not_blamed_on_a_clip(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "clip.mp4", moving(60, 320, 240))
    disk = tmp_path / "disk"
    disk.mkdir()
    command = [sys.executable, "-c", FULL_DISK, str(clip), str(disk / "film.mp4")]
    kilobytes = clip.stat().st_size * 2 // 1024
    done = subprocess.run(on_small_disk(disk, kilobytes, command), capture_output=True, text=True)
    assert done.returncode in (errno.ENOSPC, errno.EFBIG), done.stderr
