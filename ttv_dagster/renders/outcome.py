"""What became of one shot."""

from dataclasses import dataclass
from typing import Literal

from ttv_dagster.media.inspection import Report

Status = Literal["rendered", "cached", "failed"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one shot.

    Attributes:
        label: The job's label.
        status: `rendered`, `cached` (the store had it) or `failed`.
        seconds: From the start of its rendering until it was published; 0 for a cached clip.
        bytes: Size of the clip; None without one.
        error: Why it failed, in one line; None where it did not.
        traceback: Where in the code it failed; None where it did not, or where that tells nothing.
        report: What the checks found in the clip; None without one.
    """

    label: str
    status: Status
    seconds: float = 0.0
    bytes: int | None = None
    error: str | None = None
    traceback: str | None = None
    report: Report | None = None
