import hashlib
import io
import os
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tests.media.clips import moving
from ttv_dagster.media import images as pictures
from ttv_dagster.media.images import PictureError, digest, fit, letterbox, read_picture, write_png

RGB = moving(1, 48, 32)[0]


def as_file(image: Image.Image, kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


FILES = {kind: as_file(Image.fromarray(RGB), kind) for kind in pictures.FORMATS}


def png(width: int, height: int, *chunks: tuple[bytes, bytes]) -> bytes:
    """A few bytes that promise a picture of any size."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = b"\x89PNG\r\n\x1a\n"
    for name, body in ((b"IHDR", head), *chunks, (b"IDAT", zlib.compress(bytes(1000))), (b"IEND", b"")):
        data += struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
    return data


def test_a_png_is_read_back_exactly(tmp_path: Path) -> None:
    write_png(RGB, tmp_path / "picture.part")
    assert np.array_equal(read_picture(tmp_path / "picture.part"), RGB)


def test_a_png_carries_what_is_said_of_it_in_any_script(tmp_path: Path) -> None:
    said = {"recipe": '{"prompt": "ein Bär 熊"}', "note": "x" * 60_000}
    write_png(RGB, tmp_path / "picture.png", said)
    with Image.open(tmp_path / "picture.png") as picture:
        picture.load()
        assert {name: str(picture.info[name]) for name in said} == said
    assert np.array_equal(read_picture(tmp_path / "picture.png"), RGB)


@pytest.mark.parametrize("kind", pictures.FORMATS)
def test_each_format_is_read_as_rgb(kind: str) -> None:
    picture = read_picture(FILES[kind])
    assert picture.shape == (32, 48, 3)
    assert picture.dtype == np.uint8
    assert np.abs(picture.mean((0, 1)) - RGB.mean((0, 1))).max() < 3


def test_a_photo_taken_upright_is_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # "rotate 90 degrees clockwise to show"
    picture = read_picture(as_file(Image.fromarray(RGB), "PNG", exif=exif))
    assert np.array_equal(picture, np.rot90(RGB, -1))


def test_what_is_transparent_is_white() -> None:
    rgba = np.dstack([RGB, np.full(RGB.shape[:2], 255, np.uint8)])
    rgba[:, :20, 3] = 0
    picture = read_picture(as_file(Image.fromarray(rgba), "PNG"))
    assert (picture[:, :20] == 255).all()
    assert np.array_equal(picture[:, 20:], RGB[:, 20:])


def test_a_transparent_palette_colour_is_white() -> None:
    image = Image.new("P", (4, 4), 1)
    image.putpalette([0, 0, 0, 200, 10, 10])
    image.putpixel((0, 0), 0)
    picture = read_picture(as_file(image, "PNG", transparency=0))
    assert picture[0, 0].tolist() == [255, 255, 255]
    assert picture[1, 1].tolist() == [200, 10, 10]


def test_sixteen_bit_grey_keeps_its_shades() -> None:
    ramp = np.linspace(0, 65535, 256).astype(np.uint16)[None]
    picture = read_picture(as_file(Image.fromarray(ramp), "PNG"))
    assert np.array_equal(picture[0, :, 0], np.arange(256))


@pytest.mark.parametrize(("mode", "level"), [("1", 255), ("L", 90), ("CMYK", 128)])
def test_pictures_without_rgb_become_rgb(mode: str, level: int) -> None:
    image = Image.new("L", (16, 16), level).convert("RGB").convert(mode)
    picture = read_picture(as_file(image, "JPEG" if mode == "CMYK" else "PNG"))
    assert np.abs(picture.astype(int) - level).max() <= 2


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize("side", [8001, 12_000, 60_000])
def test_a_bomb_is_refused_by_its_header(side: int) -> None:
    """8001: within Pillow's own limit; 12,000: Pillow only warns; 60,000: Pillow refuses."""
    with pytest.raises(PictureError, match="more than 64,000,000 pixels; scale it down"):
        read_picture(png(side, side))


def test_a_bomb_of_text_is_refused() -> None:
    text = (b"zTXt", b"Comment\0\0" + zlib.compress(bytes(100_000_000)))
    with pytest.raises(PictureError, match="the picture is damaged or incomplete"):
        read_picture(png(8, 8, text))


def test_a_file_that_is_too_large_is_not_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "huge.png"
    with path.open("wb") as file:
        file.truncate(10 * 1024**4)  # ten sparse terabytes
    with pytest.raises(PictureError, match="larger than 64 MiB"):
        read_picture(path)


@pytest.mark.parametrize("kind", pictures.FORMATS)
@pytest.mark.parametrize("share", [0.05, 0.5, 0.9])
def test_a_truncated_picture_is_refused(kind: str, share: float) -> None:
    data = as_file(Image.fromarray(moving(1, 256, 256)[0]), kind)
    with pytest.raises(PictureError):
        read_picture(data[: int(len(data) * share)])


@pytest.mark.parametrize("data", [b"", b"hello, I am a picture", b"<svg/>", as_file(Image.fromarray(RGB), "GIF")])
def test_another_type_is_named_as_such(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "cat.png"
    path.write_bytes(data)
    with pytest.raises(PictureError, match=r"^cat.png is not a PNG, JPEG or WebP picture; save it as one of these$"):
        read_picture(path)


def test_what_is_no_file_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.png")  # reading it would wait for ever
    for name in ("missing.png", "pipe.png", "."):
        with pytest.raises(PictureError, match="there is no picture file"):
            read_picture(tmp_path / name)


@given(
    kind=st.sampled_from(pictures.FORMATS),
    where=st.floats(0, 1, exclude_max=True),
    junk=st.binary(min_size=1, max_size=64),
)
def test_a_damaged_picture_is_read_or_refused_and_nothing_else(kind: str, where: float, junk: bytes) -> None:
    data = FILES[kind]
    position = int(where * len(data))
    try:
        picture = read_picture(data[:position] + junk + data[position + len(junk) :])
    except PictureError:
        return
    assert picture.ndim == 3
    assert picture.shape[2] == 3


@pytest.mark.parametrize(("width", "height"), [(64, 64), (20, 90), (90, 20), (48, 32), (1, 1)])
def test_fit_fills_the_size_exactly(width: int, height: int) -> None:
    assert fit(RGB, width, height).shape == (height, width, 3)


def test_fit_cuts_both_sides_alike_and_keeps_the_aspect() -> None:
    picture = np.zeros((100, 300, 3), np.uint8)
    picture[:, 100:200] = 255  # a square in the middle of a wide picture
    assert fit(picture, 50, 50).min() > 230  # LANCZOS takes in a little of the edge
    assert fit(picture, 150, 50)[:, 50:100].mean() > 250


def test_letterbox_shows_the_whole_picture_between_even_bars() -> None:
    picture = letterbox(np.full((10, 40, 3), 200, np.uint8), 40, 40)
    assert (picture[15:25] == 200).all()
    assert not picture[:15].any()
    assert not picture[25:].any()


def test_what_is_no_picture_is_not_written(tmp_path: Path) -> None:
    for array in (RGB[..., 0], RGB.astype(np.float32), RGB[None], RGB[:0]):
        with pytest.raises(ValueError, match="uint8 of shape"):
            write_png(array, tmp_path / "no.png")


def test_digest_is_that_of_the_bytes(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"abc" * 100_000)
    assert digest(tmp_path / "a") == digest(b"abc" * 100_000) == hashlib.sha256(b"abc" * 100_000).hexdigest()
