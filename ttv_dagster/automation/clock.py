"""Times of the day as people write them, in the time zone of the installation."""

from datetime import datetime
from zoneinfo import ZoneInfo

DAY_TAG = "ttv/day"
"""Tag of a run that was started by the clock: the day that it is for."""


def today(time_zone: str) -> str:
    """Return the date in this time zone, such as ``2026-11-25``."""
    return datetime.now(ZoneInfo(time_zone)).date().isoformat()


def daily(at: str) -> str:
    """Return the cron line of a time such as ``02:30``."""
    hour, minute = at.split(":")
    return f"{int(minute)} {int(hour)} * * *"


def weekly(at: str) -> str:
    """Return the cron line of that time on Sundays."""
    return daily(at).removesuffix("*") + "0"
