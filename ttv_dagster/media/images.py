"""Images: still images in and out. An image file comes from outside, so it is hostile until it is decoded."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError
from PIL.PngImagePlugin import PngInfo

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

FORMATS = ("PNG", "JPEG", "WEBP")
"""What people and image models write. Each further format is one more parser for hostile bytes."""

MAX_PIXELS = 64_000_000
"""The largest image that is decoded. It takes 192 MB as RGB and is eight times an 8-megapixel 4K frame."""

MAX_BYTES = 64 * 1024**2
"""The largest image file that is read."""


class ImageError(ValueError):
    """An image that cannot be used. Its text is one sentence for the person who gave the image."""


def read_image(source: bytes | Path) -> NDArray[np.uint8]:
    """Read an image the way a viewer shows it.

    The EXIF orientation is applied, transparency is put on white, 16-bit grayscale is scaled to 8 bits, and of an
    animation the first frame is taken. Embedded color profiles are ignored: values are read as sRGB.

    Args:
        source: the bytes of a PNG, JPEG or WebP file, or the path of one.

    Returns:
        uint8 RGB of shape (H, W, 3).

    Raises:
        ImageError: the file is missing, too large, of another type, truncated or damaged.
    """
    name, data = ("the image", source) if isinstance(source, bytes) else (source.name, _read_file(source))
    if len(data) > MAX_BYTES:
        raise ImageError(f"{name} is larger than {MAX_BYTES >> 20} MiB; save it smaller or as a JPEG")
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            _check_size(name, *image.size)
            return np.array(_to_rgb(image), dtype=np.uint8)
    except ImageError:
        raise
    except UnidentifiedImageError:
        raise ImageError(f"{name} is not a PNG, JPEG or WebP image; save it as one of these") from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise ImageError(f"{name} has more than {MAX_PIXELS:,} pixels; scale it down") from None
    except Exception as error:  # Pillow's parsers let struct.error, zlib.error, SyntaxError and more through
        raise ImageError(f"{name} is damaged or incomplete ({error}); save or upload it again") from error


def write_png(image: NDArray[np.uint8], path: Path, text: Mapping[str, str] | None = None) -> None:
    """Write an image without loss.

    Args:
        image: uint8 RGB of shape (H, W, 3).
        path: the file that is written, whatever its suffix.
        text: text about the image, by keyword.

    Raises:
        ValueError: the array is not an RGB image.
    """
    said = PngInfo()
    for keyword, value in (text or {}).items():
        said.add_itxt(keyword, value)
    # Four times as fast as the default level, and a tenth larger.
    _image(image).save(path, format="PNG", compress_level=1, pnginfo=said)


def fit(image: NDArray[np.uint8], width: int, height: int) -> NDArray[np.uint8]:
    """Fill a size with an image: scaled until it covers the size, then cropped evenly.

    Args:
        image: uint8 RGB of shape (H, W, 3).
        width: width of the result in pixels.
        height: height of the result in pixels.

    Returns:
        uint8 RGB of shape (height, width, 3).
    """
    return np.array(ImageOps.fit(_image(image), (width, height), Image.Resampling.LANCZOS), dtype=np.uint8)


def letterbox(
    image: NDArray[np.uint8], width: int, height: int, color: tuple[int, int, int] = (0, 0, 0)
) -> NDArray[np.uint8]:
    """Show a whole image in a size: scaled until it fits inside, with even bars around it.

    Args:
        image: uint8 RGB of shape (H, W, 3).
        width: width of the result in pixels.
        height: height of the result in pixels.
        color: RGB levels of the bars.

    Returns:
        uint8 RGB of shape (height, width, 3).
    """
    padded = ImageOps.pad(_image(image), (width, height), Image.Resampling.LANCZOS, color=color)
    return np.array(padded, dtype=np.uint8)


def digest(source: bytes | Path) -> str:
    """Return the SHA-256 of a file's bytes as 64 hex digits."""
    if isinstance(source, bytes):
        return hashlib.sha256(source).hexdigest()
    with source.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _read_file(path: Path) -> bytes:
    if not path.is_file():  # also keeps pipes and devices from blocking the reader
        raise ImageError(f"there is no image file {path.name}")
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise ImageError(f"{path.name} cannot be read: {error.strerror}") from error


def _check_size(name: str, width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        raise ImageError(f"{name} is {width}x{height}, more than {MAX_PIXELS:,} pixels; scale it down")


def _to_rgb(image: Image.Image) -> Image.Image:
    upright = ImageOps.exif_transpose(image)
    if upright.mode.startswith("I"):  # 16-bit grayscale: Pillow's own conversion would clip it at level 255
        deep = np.asarray(upright).astype(np.uint32)
        upright = Image.fromarray(((deep * 255 + 32767) // 65535).clip(0, 255).astype(np.uint8))
    if upright.has_transparency_data:
        upright = upright.convert("RGBA")
        paper = Image.new("RGBA", upright.size, "white")
        upright = Image.alpha_composite(paper, upright)
    return upright.convert("RGB")


def _image(image: NDArray[np.uint8]) -> Image.Image:
    if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8 or not image.size:
        raise ValueError(f"an image is uint8 of shape (H, W, 3), not {image.dtype} of {image.shape}")
    return Image.fromarray(image)
