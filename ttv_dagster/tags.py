"""Names that Dagster keeps: the partitions, and the tags of automatic runs (who asked, how urgent, what is retried)."""

PARTITIONS = "prompt_sets"
"""Name of the dynamic partitions: one is one prompt set."""

INBOX_PRIORITY = -5
NIGHTLY_PRIORITY = -10
"""A run that a person starts has Dagster's own priority, 0, and goes first."""

WEIGHTS = "weights"
"""Who asks for a pull that a set waits for."""


def automatic_tags(origin: str, priority: int) -> dict[str, str]:
    """Return the tags of a run that starts automatically.

    A run whose process or machine died is retried, at most twice. The sensor `retry` decides about one that a
    step ended.
    """
    return {
        "ttv/origin": origin,
        "dagster/priority": str(priority),
        "dagster/max_retries": "2",
        "dagster/retry_on_asset_or_op_failure": "false",
    }
