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
from ttv_dagster.media import images as images
from ttv_dagster.media.images import ImageError, digest, fit, letterbox, read_image, write_png

RGB = moving(1, 48, 32)[0]


def as_file(image: Image.Image, kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


FILES = {kind: as_file(Image.fromarray(RGB), kind) for kind in images.FORMATS}


def png(width: int, height: int, *chunks: tuple[bytes, bytes]) -> bytes:
    """A few bytes that promise an image of any size."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = b"\x89PNG\r\n\x1a\n"
    for name, body in ((b"IHDR", head), *chunks, (b"IDAT", zlib.compress(bytes(1000))), (b"IEND", b"")):
        data += struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
    return data


def test_a_png_is_read_back_exactly(tmp_path: Path) -> None:
    write_png(RGB, tmp_path / "image.part")
    assert np.array_equal(read_image(tmp_path / "image.part"), RGB)


def test_a_png_carries_what_is_said_of_it_in_any_script(tmp_path: Path) -> None:
    said = {"recipe": '{"prompt": "ein Bär 熊"}', "note": "x" * 60_000}
    write_png(RGB, tmp_path / "image.png", said)
    with Image.open(tmp_path / "image.png") as image:
        image.load()
        assert {name: str(image.info[name]) for name in said} == said
    assert np.array_equal(read_image(tmp_path / "image.png"), RGB)


@pytest.mark.parametrize("kind", images.FORMATS)
def test_each_format_is_read_as_rgb(kind: str) -> None:
    image = read_image(FILES[kind])
    assert image.shape == (32, 48, 3)
    assert image.dtype == np.uint8
    assert np.abs(image.mean((0, 1)) - RGB.mean((0, 1))).max() < 3


def test_a_photo_taken_upright_is_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # "rotate 90 degrees clockwise to show"
    image = read_image(as_file(Image.fromarray(RGB), "PNG", exif=exif))
    assert np.array_equal(image, np.rot90(RGB, -1))


def test_what_is_transparent_is_white() -> None:
    rgba = np.dstack([RGB, np.full(RGB.shape[:2], 255, np.uint8)])
    rgba[:, :20, 3] = 0
    image = read_image(as_file(Image.fromarray(rgba), "PNG"))
    assert (image[:, :20] == 255).all()
    assert np.array_equal(image[:, 20:], RGB[:, 20:])


def test_a_transparent_palette_color_is_white() -> None:
    palette = Image.new("P", (4, 4), 1)
    palette.putpalette([0, 0, 0, 200, 10, 10])
    palette.putpixel((0, 0), 0)
    image = read_image(as_file(palette, "PNG", transparency=0))
    assert image[0, 0].tolist() == [255, 255, 255]
    assert image[1, 1].tolist() == [200, 10, 10]


def test_sixteen_bit_grey_keeps_its_shades() -> None:
    ramp = np.linspace(0, 65535, 256).astype(np.uint16)[None]
    image = read_image(as_file(Image.fromarray(ramp), "PNG"))
    assert np.array_equal(image[0, :, 0], np.arange(256))


@pytest.mark.parametrize(("mode", "level"), [("1", 255), ("L", 90), ("CMYK", 128)])
def test_images_without_rgb_become_rgb(mode: str, level: int) -> None:
    given = Image.new("L", (16, 16), level).convert("RGB").convert(mode)
    image = read_image(as_file(given, "JPEG" if mode == "CMYK" else "PNG"))
    assert np.abs(image.astype(int) - level).max() <= 2


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize("side", [8001, 12_000, 60_000])
def test_a_bomb_is_refused_by_its_header(side: int) -> None:
    """8001: within Pillow's own limit; 12,000: Pillow only warns; 60,000: Pillow refuses."""
    with pytest.raises(ImageError, match="more than 64,000,000 pixels; scale it down"):
        read_image(png(side, side))


def test_a_bomb_of_text_is_refused() -> None:
    text = (b"zTXt", b"Comment\0\0" + zlib.compress(bytes(100_000_000)))
    with pytest.raises(ImageError, match="the image is damaged or incomplete"):
        read_image(png(8, 8, text))


def test_a_file_that_is_too_large_is_not_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "huge.png"
    with path.open("wb") as file:
        file.truncate(10 * 1024**4)  # ten sparse terabytes
    with pytest.raises(ImageError, match="larger than 64 MiB"):
        read_image(path)


@pytest.mark.parametrize("kind", images.FORMATS)
@pytest.mark.parametrize("share", [0.05, 0.5, 0.9])
def test_a_truncated_image_is_refused(kind: str, share: float) -> None:
    data = as_file(Image.fromarray(moving(1, 256, 256)[0]), kind)
    with pytest.raises(ImageError):
        read_image(data[: int(len(data) * share)])


@pytest.mark.parametrize("data", [b"", b"hello, I am an image", b"<svg/>", as_file(Image.fromarray(RGB), "GIF")])
def test_another_type_is_named_as_such(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "cat.png"
    path.write_bytes(data)
    with pytest.raises(ImageError, match=r"^cat.png is not a PNG, JPEG or WebP image; save it as one of these$"):
        read_image(path)


def test_what_is_no_file_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.png")  # reading it would wait for ever
    for name in ("missing.png", "pipe.png", "."):
        with pytest.raises(ImageError, match="there is no image file"):
            read_image(tmp_path / name)


@given(
    kind=st.sampled_from(images.FORMATS),
    where=st.floats(0, 1, exclude_max=True),
    junk=st.binary(min_size=1, max_size=64),
)
def test_a_damaged_image_is_read_or_refused_and_nothing_else(kind: str, where: float, junk: bytes) -> None:
    data = FILES[kind]
    position = int(where * len(data))
    try:
        image = read_image(data[:position] + junk + data[position + len(junk) :])
    except ImageError:
        return
    assert image.ndim == 3
    assert image.shape[2] == 3


@pytest.mark.parametrize(("width", "height"), [(64, 64), (20, 90), (90, 20), (48, 32), (1, 1)])
def test_fit_fills_the_size_exactly(width: int, height: int) -> None:
    assert fit(RGB, width, height).shape == (height, width, 3)


def test_fit_cuts_both_sides_alike_and_keeps_the_aspect() -> None:
    image = np.zeros((100, 300, 3), np.uint8)
    image[:, 100:200] = 255  # a square in the middle of a wide image
    assert fit(image, 50, 50).min() > 230  # LANCZOS takes in a little of the edge
    assert fit(image, 150, 50)[:, 50:100].mean() > 250


def test_letterbox_shows_the_whole_image_between_even_bars() -> None:
    image = letterbox(np.full((10, 40, 3), 200, np.uint8), 40, 40)
    assert (image[15:25] == 200).all()
    assert not image[:15].any()
    assert not image[25:].any()


def test_what_is_no_image_is_not_written(tmp_path: Path) -> None:
    for array in (RGB[..., 0], RGB.astype(np.float32), RGB[None], RGB[:0]):
        with pytest.raises(ValueError, match="uint8 of shape"):
            write_png(array, tmp_path / "no.png")


def test_digest_is_that_of_the_bytes(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"abc" * 100_000)
    assert digest(tmp_path / "a") == digest(b"abc" * 100_000) == hashlib.sha256(b"abc" * 100_000).hexdigest()
