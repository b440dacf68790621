"""Encoding: frames become a clip."""

from __future__ import annotations

import contextlib
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from ttv_dagster.media import color

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType
    from typing import Self

    from av.container import OutputContainer
    from av.video.stream import VideoStream
    from numpy.typing import NDArray

ENCODING = "h264-1"
"""Names everything below that decides a clip's bytes. It is part of every recipe: raise it whenever SETTINGS,
THREADS or the color conversion change, and every clip gets a new key."""

SETTINGS = {
    "preset": "veryfast",
    "crf": "18",
    "profile": "high",
    "g": "24",  # a keyframe at least every 24 frames: the last frame is found in 10 ms instead of 190
    "bf": "0",  # no B-frames: packet n is frame n, so clips are cut and joined without an edit list
    "forced-idr": "1",
    "x264-params": "cpu-independent=1",  # the same bytes on every CPU: x264's float code differs with SSE and AVX
}
"""Options of FFmpeg's libx264: https://ffmpeg.org/ffmpeg-codecs.html#libx264_002c-libx264rgb."""

THREADS = 4
"""Encoder threads, whatever the machine has: x264's output depend on the number of threads."""

MAX_FPS = 1000
MAX_TIMESCALE = 1_000_000
"""The largest numerator of a frame rate. It refuses rates such as Fraction(23.976), which no one means exactly."""


class ClipWriter:
    """Write frames to an mp4: H.264 High, yuv420p, BT.709 in limited range, exact frame times, ready to stream.

    Clips of one size and frame rate carry equal decoder settings, so that `join` can chain them without decoding.
    Encoding happens in `write`, in the thread that calls it. If the `with` block fails, what was written so far
    stays at the path for the caller to delete.

    Args:
        path: the file that is written, whatever its suffix.
        width: width in pixels, even.
        height: height in pixels, even.
        fps: frames per second; frame n is shown at exactly n / fps.
        comment: text that the file carries, such as the recipe; `read_comment` returns it.
        description: text that players show to people; empty for none.
        split_first: make the second frame decodable without the first, so that `join` can drop the first: the clip
            starts with the last frame of the clip before it.

    Raises:
        ValueError: H.264 in this form cannot have the size or the rate, or the comment contains a NUL character.
    """

    def __init__(
        self,
        path: Path,
        *,
        width: int,
        height: int,
        fps: Fraction,
        comment: str,
        description: str = "",
        split_first: bool = False,
    ) -> None:
        if width % 2 or height % 2 or width < 2 or height < 2:
            raise ValueError(f"a clip's width and height are even, not {width}x{height}")
        if not 0 < fps <= MAX_FPS or Fraction(fps).numerator > MAX_TIMESCALE:
            raise ValueError(f"{fps} frames a second cannot be written exactly; 24 or 24000/1001 can")
        if "\0" in comment:
            raise ValueError("a comment cannot contain a NUL character: everything after it would be lost")
        self.path = path
        self.width = width
        self.height = height
        self.fps = Fraction(fps)
        self.num_frames = 0
        self._comment = comment
        self._description = description
        self._split_first = split_first
        self._container: OutputContainer | None = None

    def __enter__(self) -> Self:
        import av
        from av.video.reformatter import VideoReformatter

        container = av.open(str(self.path.absolute()), "w", format="mp4", options={"movflags": "faststart"})
        try:
            container.metadata["comment"] = self._comment
            if self._description:
                container.metadata["description"] = self._description
            self._stream = _add_stream(container, self.width, self.height, self.fps)
        except BaseException:
            container.close()
            raise
        self._reformatter = VideoReformatter()
        self._container = container
        return self

    def write(self, frames: NDArray[np.uint8]) -> None:
        """Append frames.

        Args:
            frames: uint8 RGB of shape (t, height, width, 3).

        Raises:
            ValueError: the frames have another shape or type.
            RuntimeError: the writer is not open.
            OSError: the file cannot be written, such as to a full disk.
        """
        from av.video.frame import PictureType

        if self._container is None:
            raise RuntimeError("a ClipWriter writes inside its with statement")
        if frames.ndim != 4 or frames.shape[1:] != (self.height, self.width, 3) or frames.dtype != np.uint8:
            raise ValueError(
                f"frames of {self.path.name} are uint8 of shape (t, {self.height}, {self.width}, 3), "
                f"not {frames.dtype} of {frames.shape}"
            )
        for image in frames:
            frame = color.to_video(self._reformatter, image)
            frame.time_base = 1 / self.fps
            frame.pts = self.num_frames
            if self._split_first and self.num_frames == 1:
                frame.pict_type = PictureType.I
            self._container.mux(self._stream.encode(frame))
            self.num_frames += 1

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        from av import FFmpegError

        container, self._container = self._container, None
        if container is None:
            return
        if error is not None:
            with contextlib.suppress(FFmpegError):  # the caller's error is the one to report
                container.close()
            return
        with contextlib.closing(container):
            if not self.num_frames:
                raise ValueError(f"{self.path.name} has no frames: a clip has at least one")
            container.mux(self._stream.encode(None))


def _add_stream(container: OutputContainer, width: int, height: int, fps: Fraction) -> VideoStream:
    stream: Any = container.add_stream("libx264", rate=fps, options=SETTINGS)
    context = stream.codec_context
    context.width, context.height, context.pix_fmt = width, height, "yuv420p"
    context.time_base = 1 / fps  # so that the time of frame n is n: an integer, hence exact at every rate
    context.color_primaries = context.color_trc = context.colorspace = color.BT709
    context.color_range = color.LIMITED
    context.thread_count = THREADS
    return stream  # type: ignore[no-any-return]
