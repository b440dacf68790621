"""Judging: is a clip whole, is it what was asked for, and does it show anything?"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from ttv_dagster.media.decode import MediaError, iter_video_frames, probe

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import Self

    from numpy.typing import NDArray

THUMB_WIDTH = 160
"""Width in pixels of the gray thumbnails that are inspected; a clip narrower than that is not enlarged."""

BLACK = 8.0
"""A flat frame whose mean level (of 255) is at most this is black."""

FLAT = 0.5
"""Standard deviation, in levels, up to which a frame is blank. Images have 10 or more."""

STILL = 0.01
"""Mean difference, in levels, up to which two frames are the same. Measured between settled frames of encoded
stills: at most 0.002; of an image in which one 32-pixel square creeps: 0.025; of a slow zoom: 0.4."""

SETTLE = 2
"""Frames after a keyframe in which the encoder still refines an image that does not move, by up to 0.08 levels."""

KEYFRAME_STEP = 4.0
"""A keyframe encodes the image again, so even a still steps there: by up to 0.9 levels at 480p, 3.5 at 64
pixels."""


@dataclass(frozen=True)
class Report:
    """What inspection found in a clip.

    Attributes:
        decodable: the file decodes without an error from its first frame to its last.
        matches_request: it has the size, the frame rate and the number of frames that were asked for.
        not_blank: at least one frame is not blank.
        black: every frame is black.
        flat: every frame is one even level; black is flat too.
        frozen: the image never moves. A clip of up to three frames is too short to tell, and does not count as frozen.
        width: width in pixels; 0 if the file does not open.
        height: height in pixels; 0 if the file does not open.
        fps: frames per second; 0 if the file does not open.
        num_frames: frames that decoded.
        problems: what is wrong, one plain sentence each; empty if nothing is.
    """

    decodable: bool
    matches_request: bool
    not_blank: bool
    black: bool
    flat: bool
    frozen: bool
    width: int
    height: int
    fps: Fraction
    num_frames: int
    problems: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the report as JSON values; `from_dict` reads it."""
        return {**asdict(self), "fps": str(self.fps), "problems": list(self.problems)}

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Self:
        """Read what `to_dict` returned."""
        return cls(**{**values, "fps": Fraction(values["fps"]), "problems": tuple(values["problems"])})


def inspect(path: Path, *, width: int, height: int, num_frames: int, fps: Fraction) -> Report:
    """Decode a clip once, to its end, and says what is wrong with it. Never raises for a bad clip.

    Args:
        path: the clip.
        width: asked width in pixels.
        height: asked height in pixels.
        num_frames: asked number of frames.
        fps: requested frames per second.
    """
    problems: list[str] = []
    size, rate, frames = (0, 0), Fraction(0), _Watch()
    try:
        facts = probe(path)
        size, rate = (facts.width, facts.height), facts.fps
        for thumb, is_keyframe in _thumbs(path):
            frames.see(thumb, is_keyframe)
    except MediaError as error:
        problems.append(f"It does not decode: {error}.")
    decodable = not problems
    matches_request = decodable and (*size, rate, frames.count) == (width, height, fps, num_frames)
    if decodable and size != (width, height):
        problems.append(f"It is {size[0]}x{size[1]}, asked was {width}x{height}.")
    if decodable and rate != fps:
        problems.append(f"It has {rate} frames per second, requested was {fps}.")
    if decodable and frames.count != num_frames:
        problems.append(f"It has {frames.count} frames, asked was {num_frames}.")
    if frames.black:
        problems.append("Every frame is black.")
    elif frames.flat:
        problems.append("Every frame is one even color.")
    elif frames.frozen:
        problems.append("The image never moves.")
    return Report(
        decodable=decodable,
        matches_request=matches_request,
        not_blank=frames.count > 0 and not frames.flat,
        black=frames.black,
        flat=frames.flat,
        frozen=frames.frozen,
        width=size[0],
        height=size[1],
        fps=rate,
        num_frames=frames.count,
        problems=tuple(problems),
    )


class _Watch:
    """Keeps what is needed of the frames seen so far: a few numbers and the last thumbnail."""

    def __init__(self) -> None:
        self.count = 0
        self._all_flat = self._all_dark = True
        self._largest_step = 0.0
        self._largest_settled_step: float | None = None
        self._since_keyframe = 0
        self._last: NDArray[np.float32] | None = None

    def see(self, thumb: NDArray[np.float32], is_keyframe: bool) -> None:
        self.count += 1
        self._all_flat &= bool(thumb.std() <= FLAT)
        self._all_dark &= bool(thumb.mean() <= BLACK)
        self._since_keyframe = 0 if is_keyframe else self._since_keyframe + 1
        if self._last is not None:
            step = float(np.abs(thumb - self._last).mean())
            self._largest_step = max(self._largest_step, step)
            if self._since_keyframe > SETTLE:
                self._largest_settled_step = max(self._largest_settled_step or 0.0, step)
        self._last = thumb

    @property
    def flat(self) -> bool:
        return self.count > 0 and self._all_flat

    @property
    def black(self) -> bool:
        return self.flat and self._all_dark

    @property
    def frozen(self) -> bool:
        if self._largest_settled_step is None:
            return False
        return self._largest_settled_step <= STILL and self._largest_step <= KEYFRAME_STEP


def _thumbs(path: Path) -> Iterator[tuple[NDArray[np.float32], bool]]:
    """Yield each frame as a gray thumbnail in levels of 0 to 255, and whether it is a keyframe."""
    from av.video.reformatter import Interpolation, VideoReformatter

    reformatter = VideoReformatter()
    for frame in iter_video_frames(path):
        width = min(THUMB_WIDTH, frame.width)
        height = max(1, round(frame.height * width / frame.width))
        grey = reformatter.reformat(frame, width=width, height=height, format="gray", interpolation=Interpolation.AREA)
        yield grey.to_ndarray().astype(np.float32), frame.key_frame
