from dataclasses import astuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ttv_dagster.engines.animatic.camera import Camera, Pose, homography
from ttv_dagster.engines.animatic.moves import Move
from ttv_dagster.engines.animatic.plate import room_around
from ttv_dagster.engines.words import seeded_rng

BY_HAND = {Move.HANDHELD, Move.FOLLOW, Move.TRACK_LEFT, Move.TRACK_RIGHT, Move.AERIAL}


def _camera(move: Move, frames: int = 121, seconds: float = 121 / 24, seed: int = 1) -> Camera:
    return Camera(move, frames, seconds, seeded_rng(seed, "", "test"))


@pytest.mark.parametrize("move", Move)
def test_starts_at_rest_and_comes_to_rest(move: Move) -> None:
    camera = _camera(move)
    assert camera.pose(0) == Pose()
    assert camera.pose(120, arriving=True) == Pose()


@pytest.mark.parametrize("move", Move)
def test_rest_shows_the_image_as_it_is(move: Move) -> None:
    seen = homography(_camera(move).pose(0), 832, 444)
    assert np.array_equal(seen / seen[2, 2], np.eye(3))


@pytest.mark.parametrize("move", [move for move in Move if move not in BY_HAND])
def test_eases_in_and_out(move: Move) -> None:
    camera = _camera(move)
    way = np.array([astuple(camera.pose(frame)) for frame in range(121)])
    for speed in np.abs(np.diff(way, axis=0)).T:
        assert speed[0] <= 0.02 * speed.max()
        assert speed[-1] <= 0.02 * speed.max()
        assert np.abs(np.diff(speed)).max() <= 0.15 * speed.max()


def test_a_short_clip_does_not_whip() -> None:
    long, short = _camera(Move.PAN_RIGHT), _camera(Move.PAN_RIGHT, 24, 1.0)

    def fastest(camera: Camera, frames: int) -> float:
        return max(camera.pose(i + 1).x - camera.pose(i).x for i in range(frames - 1))

    assert fastest(short, 24) < 2.2 * fastest(long, 121)
    assert short.pose(23).x < 0.3 * long.pose(120).x


@pytest.mark.parametrize(
    ("move", "field", "sign"),
    [
        (Move.PAN_LEFT, "x", -1), (Move.PAN_RIGHT, "x", 1), (Move.TILT_UP, "y", -1), (Move.TILT_DOWN, "y", 1),
        (Move.ZOOM_IN, "zoom", 1), (Move.ZOOM_OUT, "zoom", -1), (Move.PUSH_IN, "zoom", 1),
        (Move.PULL_BACK, "zoom", -1), (Move.ORBIT_LEFT, "yaw", -1), (Move.ORBIT_RIGHT, "yaw", 1),
        (Move.CRANE_UP, "y", -1), (Move.CRANE_DOWN, "y", 1), (Move.ROLL, "roll", 1),
    ],
)  # fmt: skip
def test_moves_lead_where_they_say(move: Move, field: str, sign: int) -> None:
    assert sign * getattr(_camera(move).pose(120), field) > 0


def test_orbiting_right_brings_the_right_side_nearer() -> None:
    seen = homography(Pose(yaw=10), 800, 400)

    def height(x: float) -> float:
        top, low = (seen @ [x, y, 1] for y in (-100, 100))
        return float(low[1] / low[2] - top[1] / top[2])

    assert height(300) < height(-300)


@given(
    move=st.sampled_from(Move),
    frame=st.integers(0, 240),
    arriving=st.booleans(),
    seconds=st.floats(0.05, 600),
    seed=st.integers(0, 1000),
    size=st.tuples(st.integers(16, 4096), st.integers(16, 4096)),
)
def test_never_looks_beyond_the_plate(
    move: Move, frame: int, arriving: bool, seconds: float, seed: int, size: tuple[int, int]
) -> None:
    width, height = size
    pose = _camera(move, 241, seconds, seed).pose(frame, arriving)
    corners = np.array([[x * width / 2, y * height / 2, 1] for x in (-1, 1) for y in (-1, 1)]).T
    x, y, depth = homography(pose, width, height) @ corners
    room = room_around(width, height)
    assert (depth > 0).all()
    assert np.abs(x / depth).max() <= width / 2 + room
    assert np.abs(y / depth).max() <= height / 2 + room
