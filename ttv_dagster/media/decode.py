"""Decoding: clips become facts and frames again.

Only complete H.264 in an mp4 is read. FFmpeg by default would guess the container (and follow a playlist to other
files) and would paint over damage; here both are errors.
"""

from __future__ import annotations

from collections import deque
from contextlib import contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING

from ttv_dagster.media import color

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    import numpy as np
    from av import Packet
    from av.container import InputContainer
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream
    from numpy.typing import NDArray

CODEC = "h264"

MAX_PIXELS = 139_264 * 256
"""The largest frame of H.264 level 6.2, in pixels: ITU-T H.264, table A-1, macroblocks of 16 x 16."""

SEEK_AHEAD = 48
"""Frames that are decoded and dropped rather than skipped by seeking: twice the keyframe interval of our own clips."""


class MediaError(ValueError):
    """A clip that cannot be used. Its text is one sentence."""


@dataclass(frozen=True)
class Probe:
    """What a clip's header says.

    Attributes:
        width: width in pixels.
        height: height in pixels.
        fps: frames per second.
        num_frames: number of frames.
        codec: FFmpeg's name of the codec.
        pix_fmt: FFmpeg's name of the pixel format.
        color_primaries: ITU-T H.273 table 2; 1 is BT.709, 2 is untagged.
        color_trc: ITU-T H.273 table 3; 1 is BT.709, 2 is untagged.
        colorspace: the matrix, ITU-T H.273 table 4; 1 is BT.709, 2 is untagged.
        color_range: 1 is limited (16 to 235), 2 is full, 0 is untagged.
        duration: seconds.
        time_base: seconds that one tick of the time stamps lasts.
        extradata: the decoder's settings, as the header carries them.
    """

    width: int
    height: int
    fps: Fraction
    num_frames: int
    codec: str
    pix_fmt: str
    color_primaries: int
    color_trc: int
    colorspace: int
    color_range: int
    duration: float
    time_base: Fraction
    extradata: bytes = field(repr=False)


def probe(path: Path) -> Probe:
    """Read a clip's header, and only as many frames as it takes to learn the pixel format.

    Raises:
        MediaError: the file is not an H.264 mp4.
    """
    with opened(path) as (_, stream):
        return probe_stream(stream)


def iter_frames(path: Path) -> Iterator[NDArray[np.uint8]]:
    """Decode a clip frame by frame, converted by its color tags; holds one frame at a time.

    Yields:
        uint8 RGB of shape (H, W, 3).

    Raises:
        MediaError: the file does not decode to its end.
    """
    from av.video.reformatter import VideoReformatter

    reformatter = VideoReformatter()
    for frame in iter_video_frames(path):
        yield color.to_rgb(reformatter, frame)


def last_frame(path: Path) -> NDArray[np.uint8]:
    """Decode the very last frame of a clip, from the last keyframe on.

    Returns:
        uint8 RGB of shape (H, W, 3), equal to what `iter_frames` yields last.

    Raises:
        MediaError: the file does not decode to its end.
    """
    from av.video.reformatter import VideoReformatter

    tail: list[Packet[VideoStream]] = []
    with opened(path) as (container, stream):
        for packet in read_packets(path, container, stream):
            if packet.is_keyframe:
                tail.clear()
            tail.append(packet)
        last = deque(_decode(path, stream, tail), maxlen=1)
        if not last:
            raise MediaError(f"{path.name} has no frames")
        return color.to_rgb(VideoReformatter(), last[0])


def read_comment(path: Path) -> str:
    """Read the comment that `ClipWriter` or `join` wrote; empty if there is none.

    Raises:
        MediaError: the file is not an H.264 mp4.
    """
    with opened(path, header_only=True) as (container, _):
        return container.metadata.get("comment", "")


def iter_video_frames(path: Path) -> Iterator[VideoFrame]:
    """Decode a clip to its end, without converting the frames.

    Raises:
        MediaError: the file does not decode to its end.
    """
    with opened(path) as (container, stream):
        yield from _decode(path, stream, read_packets(path, container, stream))


def sample_frames(path: Path, count: int) -> Iterator[VideoFrame]:
    """Decode frames spread evenly over a clip, the first and the last among them, without converting them.

    Frames in between are decoded only if seeking past them would cost more.

    Args:
        path: the clip.
        count: number of frames, at least 1; all of them if the clip has fewer.

    Raises:
        MediaError: the file does not decode.
    """
    with opened(path) as (container, stream):
        facts = probe_stream(stream)
        count = min(count, facts.num_frames)
        start = stream.start_time or 0
        frames = _decode(path, stream, _read(path, container, stream))
        index = -1
        for n in range(count):
            wanted = n * (facts.num_frames - 1) // max(count - 1, 1)
            if wanted - index > SEEK_AHEAD:
                with _explained(path):
                    container.seek(start + round(wanted / facts.fps / facts.time_base), stream=stream)
                frames = _decode(path, stream, _read(path, container, stream))
            for frame in frames:
                index = round(((frame.pts or 0) - start) * facts.time_base * facts.fps)
                if index >= wanted:
                    yield frame
                    break


@contextmanager
def opened(path: Path, *, header_only: bool = False) -> Iterator[tuple[InputContainer, VideoStream]]:
    """Open a clip for reading.

    Args:
        path: the clip.
        header_only: do not decode a few frames to learn the pixel format; four times as fast.

    Yields:
        The container, and the video stream in it.

    Raises:
        MediaError: the file is not an H.264 mp4.
    """
    import av

    limits = {"max_pixels": str(MAX_PIXELS)}
    options = {**limits, "skip_frame": "all"} if header_only else limits
    with _explained(path):
        # An absolute path is never taken for a protocol such as "concat:", and a given format never for a playlist.
        container = av.open(str(path.absolute()), "r", format="mp4", options=options, metadata_errors="replace")
    with container:
        if not container.streams.video:
            raise MediaError(f"{path.name} has no video")
        stream = container.streams.video[0]
        context = stream.codec_context
        if context is None or context.name != CODEC:
            raise MediaError(f"{path.name} is not H.264 video")
        context.options = limits
        context.thread_type = "FRAME"  # with PyAV's default, threads by slices, no damage is ever reported
        yield container, stream


def probe_stream(stream: VideoStream) -> Probe:
    """Read what the header says of an open stream.

    Raises:
        MediaError: the header lacks the frame rate, the number of frames or the size.
    """
    context = stream.codec_context
    if not (stream.average_rate and stream.frames and stream.time_base and context.width and context.height):
        raise MediaError("the clip's header lacks its size, its frame rate or its number of frames")
    return Probe(
        width=context.width,
        height=context.height,
        fps=stream.average_rate,
        num_frames=stream.frames,
        codec=context.name,
        pix_fmt=context.pix_fmt or "",
        color_primaries=context.color_primaries,
        color_trc=context.color_trc,
        colorspace=context.colorspace,
        color_range=context.color_range,
        duration=float(stream.frames / stream.average_rate),
        time_base=stream.time_base,
        extradata=context.extradata or b"",
    )


def read_packets(path: Path, container: InputContainer, stream: VideoStream) -> Iterator[Packet[VideoStream]]:
    """Read every packet of an open clip, then an empty one that flushes the decoder.

    Raises:
        MediaError: the file is damaged or truncated.
    """
    count = 0
    for packet in _read(path, container, stream):
        count += bool(packet.size)
        yield packet
    if not count or count != stream.frames:
        raise MediaError(f"{path.name} is truncated: it has {count} of {stream.frames} frames")


def _read(path: Path, container: InputContainer, stream: VideoStream) -> Iterator[Packet[VideoStream]]:
    """Read packets from the container's position to its end."""
    with _explained(path):
        yield from container.demux(stream)


def _decode(path: Path, stream: VideoStream, packets: Iterable[Packet[VideoStream]]) -> Iterator[VideoFrame]:
    """Decode packets, the first of which is a keyframe and the last of which flushes the decoder."""
    expected = decoded = 0
    size = stream.codec_context.width, stream.codec_context.height
    with _explained(path):
        for packet in packets:
            expected += bool(packet.size) and not packet.is_discard
            for frame in packet.decode():
                decoded += 1
                if frame.is_corrupt or (frame.width, frame.height) != size:
                    raise MediaError(f"{path.name} is damaged at frame {decoded} of those read")
                yield frame
    if decoded != expected:
        raise MediaError(f"{path.name} is damaged: {expected - decoded} of {expected} frames do not decode")


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    """Turn FFmpeg's error into a sentence. Only around reading: a full disk is not the clip's fault."""
    import av

    try:
        yield
    except av.FFmpegError as error:
        raise MediaError(f"{path.name} is not a complete H.264 mp4: {error.strerror}") from error
