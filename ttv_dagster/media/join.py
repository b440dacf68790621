"""Joining: clips become a film."""

from __future__ import annotations

import tempfile
from collections import Counter
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ttv_dagster.media.decode import MediaError, Probe, iter_frames, opened, probe, probe_stream, read_packets
from ttv_dagster.media.encode import ClipWriter
from ttv_dagster.media.images import letterbox

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from av.container import OutputContainer
    from av.video.stream import VideoStream
    from numpy.typing import NDArray

JOINING = "1"
"""Version of the way that clips are joined: another version makes a different film of the same clips."""


@dataclass(frozen=True)
class Part:
    """A clip of a film.

    Attributes:
        path: the clip.
        drop_first: leave its first frame out, because it repeats the last frame of the part before. This is free
            if the clip was written with `split_first`.
    """

    path: Path
    drop_first: bool = False


def join(parts: Sequence[Part], path: Path, *, comment: str, description: str = "") -> None:
    """Write clips one after another into one mp4. Frame n of the film is shown at exactly n / fps.

    The film has the size and the frame rate of most of its parts, of the first such if there is a tie. Clips
    that `ClipWriter` wrote in that size and rate are copied packet by packet, so they keep every pixel; any other
    is encoded again: fitted into the film's size, with the same duration.

    Args:
        parts: the clips in their order; one at a time is open.
        path: the film; its directory also takes a temporary directory.
        comment: text that the file carries; `read_comment` returns it.
        description: text that players show to people; empty for none.

    Raises:
        ValueError: there are no parts.
        MediaError: a part is damaged, or the film does not have the frames that it should.
        OSError: the film cannot be written, such as to a full disk.
    """
    import av

    if not parts:
        raise ValueError("a film has at least one part")
    (width, height, fps), _ = Counter(_size_and_rate(part.path) for part in parts).most_common(1)[0]
    with tempfile.TemporaryDirectory(dir=path.absolute().parent, prefix=".join-") as folder:
        sample, recoded = Path(folder, "sample.mp4"), Path(folder, "recoded.mp4")
        with ClipWriter(sample, width=width, height=height, fps=fps, comment="") as writer:
            writer.write(np.zeros((1, height, width, 3), np.uint8))
        with opened(sample) as (_, template):
            film = probe_stream(template)
            options = {"movflags": "faststart", "video_track_timescale": str(film.time_base.denominator)}
            with av.open(str(path.absolute()), "w", format="mp4", options=options) as output:
                output.metadata["comment"] = comment
                if description:
                    output.metadata["description"] = description
                stream = output.add_stream_from_template(template)
                count = 0
                for part in parts:
                    copied = _copy(part, film, output, stream, count)
                    if copied is None:
                        _recode(part, film, recoded)
                        copied = _copy(Part(recoded), film, output, stream, count)
                    if copied is None:  # a defect of this package, but it must not leave a gap
                        raise MediaError(f"{part.path.name} cannot be converted to the form of the film")
                    count += copied
    written = probe(path).num_frames
    if written != count:
        raise MediaError(f"{path.name} has {written} frames instead of {count}")


def _size_and_rate(path: Path) -> tuple[int, int, Fraction]:
    with opened(path, header_only=True) as (_, stream):
        facts = probe_stream(stream)
    return facts.width, facts.height, facts.fps


def _copy(part: Part, film: Probe, output: OutputContainer, stream: VideoStream, start: int) -> int | None:
    """Append a part's packets, the first as frame `start` of the film.

    Returns:
        Number of frames appended; None, with nothing appended, if the packets do not fit into the film.
    """
    ticks = int(1 / (film.fps * film.time_base))
    with opened(part.path, header_only=True) as (container, source):
        facts = probe_stream(source)
        if facts.num_frames == part.drop_first:
            return 0
        if _form(facts) != _form(film):
            return None
        packets = (packet for packet in read_packets(part.path, container, source) if packet.size)
        if part.drop_first:
            next(packets, None)
        count = 0
        for packet in packets:
            if not count and not packet.is_keyframe:  # it would show the dropped frame's image, damaged
                return None
            packet.stream = stream
            packet.time_base = film.time_base
            packet.pts = packet.dts = (start + count) * ticks
            output.mux_one(packet)
            count += 1
    return count


def _form(facts: Probe) -> tuple[object, ...]:
    """Return what must be equal for packets of one file to decode in another: above all the decoder's settings."""
    return facts.codec, facts.width, facts.height, facts.fps, facts.time_base, facts.extradata


def _recode(part: Part, film: Probe, path: Path) -> None:
    """Encode a part again in the form of the film; a frame to drop is left out."""
    facts = probe(part.path)
    images = islice(iter_frames(part.path), int(part.drop_first), None)
    num_frames = facts.num_frames - part.drop_first
    with ClipWriter(path, width=film.width, height=film.height, fps=film.fps, comment="") as writer:
        for image in _retime(images, num_frames, film.fps / facts.fps):
            writer.write(letterbox(image, film.width, film.height)[None])


def _retime(images: Iterable[NDArray[np.uint8]], num_frames: int, ratio: Fraction) -> Iterator[NDArray[np.uint8]]:
    """Repeat or leaves out images so that they last as long at `ratio` times the frame rate.

    Frame n of the result is the image that was shown at the middle of frame n's time.
    """
    wanted = (int((n + Fraction(1, 2)) / ratio) for n in range(max(1, round(num_frames * ratio))))
    index = next(wanted, None)
    for shown, image in enumerate(images):
        while index is not None and min(index, num_frames - 1) == shown:
            yield image
            index = next(wanted, None)
