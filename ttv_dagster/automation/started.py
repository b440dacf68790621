"""What Dagster knows of the runs that sensors ask for."""

import dagster as dg

CONTENT_TAG = "ttv/content"
"""Tag of a run: the digest of the set it was asked for."""


class StartedRuns:
    """The runs of an instance; one that was made and never launched is launched by asking for it again."""

    def __init__(self, instance: dg.DagsterInstance) -> None:
        self._instance = instance

    def _has(self, tags: dict[str, str | list[str]]) -> bool:
        found = self._instance.get_runs(dg.RunsFilter(tags=tags), limit=1)
        return any(run.status != dg.DagsterRunStatus.NOT_STARTED for run in found)

    def has_run(self, run_key: str) -> bool:
        """Return whether it has a run of this key."""
        return self._has({"dagster/run_key": run_key})

    def has_content(self, prompt_set: str, content: str) -> bool:
        """Return whether it ever had a run of this content of the set."""
        return self._has({"dagster/partition": prompt_set, CONTENT_TAG: content})
