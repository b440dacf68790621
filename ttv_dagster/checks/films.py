"""The check on `films`: a film is as long as its clips."""

from collections.abc import Mapping, Sequence
from fractions import Fraction

import dagster as dg

from ttv_dagster.shots.plan import PlannedShot

FILM_CHECKS = [
    dg.AssetCheckSpec(
        "as_long_as_its_clips",
        asset="films",
        blocking=True,
        description="Every film has the frames of its clips, less those that a shot doubles.",
    )
]


def expected_frames(planned: Sequence[PlannedShot], fps: Fraction) -> tuple[int, int]:
    """How many frames a film at `fps` has, and by how many it may differ.

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


def check_films(
    films: Mapping[str, tuple[int, Fraction, Sequence[PlannedShot]]],
) -> list[dg.AssetCheckResult]:
    """The result of the check on the films of a run.

    Args:
        films: Number of frames, frame rate and shots of each film, by set.
    """
    wrong = []
    for name, (num_frames, fps, planned) in films.items():
        expected, slack = expected_frames(planned, fps)
        if abs(num_frames - expected) > slack:
            wrong.append(f"{name}: has {num_frames} frames, and its clips have {expected}")
    return [
        dg.AssetCheckResult(
            check_name="as_long_as_its_clips",
            passed=not wrong,
            description="\n".join(wrong) or None,
            metadata={"films": len(films)},
        )
    ]
