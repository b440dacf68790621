"""The virtual camera: where it stands in every frame of a move."""

import math
from dataclasses import dataclass

import numpy as np

from ttv_dagster.engines.animatic.moves import Move
from ttv_dagster.engines.animatic.plate import Homography

_LENS = 1.3
"""Focal length in widths of the longer side: a normal lens."""

_FULL_REACH = 4.0
"""Seconds that a move needs to go all its way; a shorter clip goes a part of it, at the same speed."""

_EASE = 0.9
"""Seconds that the camera takes to start and to come to rest, where the clip is long enough."""


_HAND = ((0.25, 0.4), (0.6, 0.9), (1.3, 1.9))
"""How often a hand-held camera sways, from and to in hertz: breath, step, tremor."""

_SWAY = 0.0045
"""How far each of them sways it, in widths and heights of the frame."""


@dataclass(frozen=True, slots=True)
class Pose:
    """How the camera stands against rest, where it sees the image as it is.

    Attributes:
        x: To the right, in widths of the frame.
        y: Down, in heights of the frame.
        zoom: Log2 of the magnification.
        yaw: How far the right side of the image is turned towards the camera, in degrees.
        pitch: How far its lower side is turned away from the camera, in degrees.
        roll: How far the camera is turned clockwise, in degrees.
    """

    x: float = 0.0
    y: float = 0.0
    zoom: float = 0.0
    yaw: float = 0.0
    pitch: float = 0.0
    roll: float = 0.0


_MOVES: dict[Move, tuple[Pose, float]] = {
    Move.STATIC: (Pose(zoom=0.018), 0.0),
    Move.PUSH_IN: (Pose(zoom=0.26, y=-0.012), 0.0),
    Move.PULL_BACK: (Pose(zoom=-0.16), 0.0),
    Move.ZOOM_IN: (Pose(zoom=0.36), 0.0),
    Move.ZOOM_OUT: (Pose(zoom=-0.20), 0.0),
    Move.PAN_LEFT: (Pose(x=-0.10, zoom=0.12), 0.0),
    Move.PAN_RIGHT: (Pose(x=0.10, zoom=0.12), 0.0),
    Move.TILT_UP: (Pose(y=-0.12, zoom=0.12), 0.0),
    Move.TILT_DOWN: (Pose(y=0.12, zoom=0.12), 0.0),
    Move.TRACK_LEFT: (Pose(x=-0.12, zoom=0.17), 0.12),
    Move.TRACK_RIGHT: (Pose(x=0.12, zoom=0.17), 0.12),
    Move.ORBIT_LEFT: (Pose(yaw=-10.0, zoom=0.16), 0.0),
    Move.ORBIT_RIGHT: (Pose(yaw=10.0, zoom=0.16), 0.0),
    Move.CRANE_UP: (Pose(y=-0.08, zoom=0.08, pitch=-5.0), 0.0),
    Move.CRANE_DOWN: (Pose(y=0.08, zoom=0.08, pitch=5.0), 0.0),
    Move.AERIAL: (Pose(y=-0.05, zoom=0.24, pitch=-5.0), 0.15),
    Move.FOLLOW: (Pose(zoom=0.24, y=0.01), 0.3),
    Move.HANDHELD: (Pose(zoom=0.10), 1.0),
    Move.ROLL: (Pose(roll=7.0, zoom=0.20), 0.0),
}
"""Where each move leads, and how much the operator's hands show in it."""


def _eased(u: float, ramp: float) -> float:
    """How far a move is at `u` of its time, both 0 to 1, with a soft start and end of `ramp` of the time each."""
    if u > 0.5:
        return 1.0 - _eased(1.0 - u, ramp)
    x = min(u / ramp, 1.0)
    return (ramp * x**3 * (1 - x / 2) + max(u - ramp, 0.0)) / (1 - ramp)


class Camera:
    """A move over a clip. Frame 0 is at rest, and so is the last frame of the image that a clip ends on."""

    def __init__(self, move: Move, frames: int, seconds: float, random: np.random.Generator) -> None:
        """Plan the move over `frames` frames in `seconds`; `random` is the operator's hand."""
        self._far, self._shake = _MOVES[move]
        self._frames, self._seconds = frames, seconds
        self._reach = min(seconds / _FULL_REACH, 1.0)
        self._ramp = min(_EASE / seconds, 0.5)
        self._waves = [
            [(random.uniform(low, high), random.uniform(0, math.tau)) for low, high in _HAND] for _ in range(2)
        ]

    def pose(self, frame: int, arriving: bool = False) -> Pose:
        """Where the camera stands at a frame; `arriving` is for the image on which it comes to rest."""
        last = max(self._frames - 1, 1)
        if arriving:
            amount = -self._reach * _eased((self._frames - 1 - frame) / last, self._ramp)
        else:
            amount = self._reach * _eased(frame / last, self._ramp)
        seconds = self._seconds * frame / last
        held = min(seconds, self._seconds - seconds, 1.0)
        # The operator has the camera in hand between the first frame and the last, and at rest in both.
        shake = self._shake * self._reach * held * held * (3 - 2 * held)
        sway = [
            shake * sum(math.sin(math.tau * hertz * seconds + phase) for hertz, phase in waves) for waves in self._waves
        ]
        far = self._far
        return Pose(
            x=far.x * amount + _SWAY * sway[0],
            y=far.y * amount + _SWAY * sway[1],
            zoom=far.zoom * amount,
            yaw=far.yaw * amount,
            pitch=far.pitch * amount,
            roll=far.roll * amount,
        )


def homography(pose: Pose, width: int, height: int) -> Homography:
    """What a camera in this pose sees of an image of `width` x `height` pixels."""
    focal = _LENS * max(width, height)
    yaw, pitch, roll = (math.radians(angle) for angle in (pose.yaw, pose.pitch, pose.roll))
    turn_y = np.array([[math.cos(yaw), 0, math.sin(yaw)], [0, 1, 0], [-math.sin(yaw), 0, math.cos(yaw)]])
    turn_x = np.array([[1, 0, 0], [0, math.cos(pitch), -math.sin(pitch)], [0, math.sin(pitch), math.cos(pitch)]])
    turn_z = np.array([[math.cos(roll), -math.sin(roll), 0], [math.sin(roll), math.cos(roll), 0], [0, 0, 1]])
    plane = (turn_z @ turn_y @ turn_x) @ np.diag([1.0, 1.0, 0.0])
    plane[2, 2] = focal
    to_frame = np.diag([focal, focal, 1.0]) @ plane
    moved = np.array([[1, 0, pose.x * width], [0, 1, pose.y * height], [0, 0, 1.0]])
    nearer = np.diag([2.0**-pose.zoom, 2.0**-pose.zoom, 1.0])
    seen: Homography = moved @ np.linalg.inv(to_frame) @ nearer
    return seen
