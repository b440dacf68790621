"""Small clips for the tests: our own, and such as other programs write them."""

from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np
from numpy.typing import NDArray

from ttv_dagster.media.encode import ClipWriter

if TYPE_CHECKING:
    from av.video.stream import VideoStream

Frames = NDArray[np.uint8]


def moving(num_frames: int, width: int = 64, height: int = 48, seed: int = 0) -> Frames:
    """A textured image that slides, with a bright square that slides the other way."""
    rng = np.random.default_rng(seed)
    rows, columns = -(-height // 4), -(-(width + 2 * num_frames) // 4)
    texture = rng.integers(40, 200, (rows, columns, 3)).repeat(4, 0).repeat(4, 1)
    frames = np.empty((num_frames, height, width, 3), np.uint8)
    for n, frame in enumerate(frames):
        frame[:] = texture[:height, 2 * n : 2 * n + width]
        left = (width - 8 - n) % (width - 8)
        frame[8:16, left : left + 8] = 240
    return frames


def still(num_frames: int, width: int = 64, height: int = 48, seed: int = 0) -> Frames:
    """A textured image that stays as it is."""
    return moving(1, width, height, seed).repeat(num_frames, axis=0)


def plain(num_frames: int, level: int | tuple[int, int, int], width: int = 64, height: int = 48) -> Frames:
    """Frames of one color."""
    return np.full((num_frames, height, width, 3), level, np.uint8)


def numbered(num_frames: int) -> Frames:
    """Frames that tell their own number: six bright or dark fields, one a bit. `number_of` reads it."""
    frames = np.zeros((num_frames, 32, 128, 3), np.uint8)
    for n, frame in enumerate(frames):
        for bit in range(8):
            frame[:, bit * 16 : bit * 16 + 16] = 220 if n >> bit & 1 else 30
    return frames


def number_of(image: Frames) -> int:
    """The number of a decoded `numbered` frame."""
    return sum(int(image[8:24, bit * 16 + 4 : bit * 16 + 12].mean() > 125) << bit for bit in range(8))


def write_clip(
    path: Path, frames: Frames, fps: Fraction | int = 24, *, comment: str = "", split_first: bool = False
) -> Path:
    """A clip of our own."""
    _, height, width, _ = frames.shape
    with ClipWriter(
        path, width=width, height=height, fps=Fraction(fps), comment=comment, split_first=split_first
    ) as writer:
        writer.write(frames)
    return path


def write_foreign(
    path: Path, frames: Frames, fps: Fraction | int = 24, *, codec: str = "libx264", **options: str
) -> Path:
    """A clip as imageio and OpenCV write them: B-frames, BT.601 without a tag, the encoder's own settings."""
    import av

    _, height, width, _ = frames.shape
    with av.open(str(path), "w", format="mp4") as container:
        stream = cast("VideoStream", container.add_stream(codec, rate=Fraction(fps), options=options))
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for image in frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
        container.mux(stream.encode(None))
    return path


def times_of(path: Path) -> list[Fraction]:
    """When each packet is shown, in seconds."""
    import av

    with av.open(str(path)) as container:
        return [packet.pts * packet.time_base for packet in container.demux(video=0) if packet.pts is not None]


def open_files() -> int:
    """How many files this process has open."""
    return len(list(Path("/dev/fd").iterdir()))


def read_description(path: Path) -> str:
    """What the file says to people, as players show it."""
    import av

    with av.open(str(path)) as container:
        return container.metadata.get("description", "")
