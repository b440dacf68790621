import io
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.media.clips import Frames, moving, number_of, numbered, write_clip
from ttv_dagster.media.preview import MAX_TILES, animated_webp, animated_webp_of, contact_sheet


def frames_of(data: bytes) -> list[Frames]:
    frames = []
    with Image.open(io.BytesIO(data)) as image:
        assert image.format == "WEBP"
        for n in range(image.n_frames):  # type: ignore[attr-defined]
            image.seek(n)
            frames.append(np.array(image.convert("RGB")))
    return frames


def noise(num_frames: int, width: int, height: int) -> Frames:
    """What compresses worst."""
    return np.random.default_rng(0).integers(0, 256, (num_frames, height, width, 3), dtype=np.uint8)


def test_a_preview_shows_the_clip_from_its_first_frame_to_its_last(tmp_path: Path) -> None:
    frames = frames_of(animated_webp(write_clip(tmp_path / "clip.mp4", numbered(93)), max_frames=24))
    numbers = [number_of(frame) for frame in frames]
    assert numbers == [n * 92 // 23 for n in range(24)]


@pytest.mark.parametrize(("num_frames", "milliseconds"), [(48, 2000), (24, 1000), (3000, 4000)])
def test_a_clip_plays_in_its_own_time_and_a_film_faster(num_frames: int, milliseconds: int, tmp_path: Path) -> None:
    path = write_clip(tmp_path / "clip.mp4", moving(24, 16, 16).repeat(-(-num_frames // 24), 0)[:num_frames])
    with Image.open(io.BytesIO(animated_webp(path, max_frames=10))) as image:
        total = 0
        for n in range(image.n_frames):  # type: ignore[attr-defined]
            image.seek(n)
            image.load()
            total += image.info["duration"]
        assert total == pytest.approx(milliseconds, abs=20)
        assert image.info["loop"] == 0


def test_a_narrow_clip_is_not_enlarged_and_a_wide_one_keeps_its_shape(tmp_path: Path) -> None:
    narrow = frames_of(animated_webp(write_clip(tmp_path / "narrow.mp4", moving(3, 64, 48))))
    wide = frames_of(animated_webp(write_clip(tmp_path / "wide.mp4", moving(3, 480, 240)), width=320))
    assert narrow[0].shape == (48, 64, 3)
    assert wide[0].shape == (160, 320, 3)


@pytest.mark.parametrize("limit", [60_000, 10_000, 1_000])
def test_a_preview_is_never_larger_than_its_limit(limit: int, tmp_path: Path) -> None:
    path = write_clip(tmp_path / "clip.mp4", noise(12, 160, 96))
    data = animated_webp(path, limit=limit)
    assert limit / 4 < len(data) <= limit
    assert len(frames_of(data)) == 12
    assert limit / 8 < len(contact_sheet([("noise", noise(1, 320, 200)[0])] * 4, limit=limit)) <= limit


def test_a_limit_that_nothing_meets_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no preview fits into 10 bytes"):
        animated_webp(write_clip(tmp_path / "clip.mp4", moving(2)), limit=10)


def test_frames_in_memory_have_the_preview_that_their_clip_would_have() -> None:
    data = animated_webp_of(numbered(93), Fraction(24))
    assert [number_of(frame) for frame in frames_of(data)] == [round(n * 92 / 23) for n in range(24)]
    with Image.open(io.BytesIO(data)) as image:
        image.load()
        assert image.info["duration"] == round(1000 * 93 / 24 / 24)
    wide = animated_webp_of(noise(5, 480, 240), Fraction(30), limit=20_000)
    assert len(wide) <= 20_000
    assert len(frames_of(wide)) == 5
    assert len(frames_of(animated_webp_of(moving(1), Fraction(24)))) == 1


def test_a_single_frame_has_a_preview(tmp_path: Path) -> None:
    assert len(frames_of(animated_webp(write_clip(tmp_path / "clip.mp4", moving(1))))) == 1


def test_a_sheet_shows_every_image_in_its_place() -> None:
    colors = [(200, 40, 40), (40, 200, 40), (40, 40, 200), (200, 200, 40), (40, 200, 200)]
    images = [(str(color), np.full((90, 160, 3), color, np.uint8)) for color in colors]
    (sheet,) = frames_of(contact_sheet(images, columns=3))
    height, width = sheet.shape[:2]
    for n, color in enumerate(colors):
        middle = sheet[round(height * (n // 3 + 0.45) / 2), round(width * (n % 3 + 0.5) / 3)]
        assert np.abs(middle.astype(int) - color).max() < 12
    assert sheet[-30, -30].max() < 60  # the sixth place stays empty


@pytest.mark.parametrize("shape", [(4, 400, 3), (400, 4, 3), (1, 1, 3)])
@pytest.mark.parametrize("columns", [None, 1, 99])
def test_a_sheet_takes_any_shape_and_number(shape: tuple[int, int, int], columns: int | None) -> None:
    images = [(f"shot-{n}", np.full(shape, 128, np.uint8)) for n in range(MAX_TILES + 40)]
    (sheet,) = frames_of(contact_sheet(images, columns=columns))
    assert sheet.max() > 100


def test_a_sheet_says_how_many_it_does_not_show() -> None:
    grey = np.full((9, 16, 3), 128, np.uint8)
    full = contact_sheet([("a", grey)] * MAX_TILES)
    assert contact_sheet([("a", grey)] * (MAX_TILES + 1)) != full
    assert contact_sheet([("a", grey)] * (MAX_TILES + 1)) != contact_sheet([("a", grey)] * (MAX_TILES + 2))


def under(label: str) -> Frames:
    """The strip under the only tile of a sheet, where its label is."""
    (sheet,) = frames_of(contact_sheet([(label, np.zeros((90, 160, 3), np.uint8))]))
    return sheet[150:]


def test_a_label_stays_under_its_tile() -> None:
    assert under("x").max() > 120
    assert under("a very long label " * 9)[:, -12:].max() < 60
    assert not np.array_equal(under("a very long label " * 9), under("a very long label, but another"))


def test_a_label_in_another_script_is_spelled_out() -> None:
    """The font has no such letters: without spelling them out all would be the same empty boxes."""
    assert not np.array_equal(under("狐狸"), under("熊猫"))
    assert np.array_equal(under("Füchse\nim\tSchnee"), under("Fuchse im Schnee"))


def test_a_sheet_without_images_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        contact_sheet([])
