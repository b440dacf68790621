"""The check on `films`: a film is as long as its clips."""

from collections.abc import Sequence
from fractions import Fraction

from ttv_dagster.checks.finding import Finding, check_spec
from ttv_dagster.shots.plan import PlannedShot

FILM_CHECKS = [
    check_spec(
        "length_matches_clips", "films", "Every film has the frames of its clips, less those that a shot repeats."
    )
]


def expected_frames(planned: Sequence[PlannedShot], fps: Fraction) -> tuple[int, int]:
    """Return how many frames a film at `fps` has, and by how many it may differ.

    A clip at the film's own rate is exact; the length of one at another rate is rounded to a whole frame.
    """
    frames = slack = 0
    for each in planned:
        own = each.shot.num_frames - (each.after is not None)
        if each.shot.fps == fps:
            frames += own
        else:
            frames += round(own / each.shot.fps * fps)
            slack += 1
    return frames, slack


def check_film(num_frames: int, fps: Fraction, planned: Sequence[PlannedShot]) -> Finding:
    """Compare the length of one film with that of its clips.

    Args:
        num_frames: Frames of the film.
        fps: Its frame rate.
        planned: Its shots.
    """
    expected, slack = expected_frames(planned, fps)
    passed = abs(num_frames - expected) <= slack
    description = "" if passed else f"has {num_frames} frames, and its clips have {expected}"
    return Finding("length_matches_clips", passed, description, {"frames": num_frames})
