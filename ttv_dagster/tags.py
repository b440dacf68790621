"""Tags of the runs that nobody clicked for: who asked, how urgent it is, and what is tried again."""

INBOX_PRIORITY = -5
NIGHTLY_PRIORITY = -10
"""A run that a person starts has Dagster's own priority, 0, and goes first."""

WEIGHTS = "weights"
"""Who asks for a pull that a set waits for."""


def automatic_tags(origin: str, priority: int) -> dict[str, str]:
    """The tags of a run that is started by itself.

    A run whose process or machine died is started again, twice at most. The sensor `retry` decides about one that a
    step ended.
    """
    return {
        "ttv/origin": origin,
        "dagster/priority": str(priority),
        "dagster/max_retries": "2",
        "dagster/retry_on_asset_or_op_failure": "false",
    }
