"""`weights.lock`: the commit of every repository that was ever pulled, for everybody to pull and plan with."""

import json
from collections.abc import Mapping

from ttv_dagster.media.store import Store

LOCK_NAME = "weights.lock"


class WeightsLock:
    """The pinned commits of an installation, in a folder or at any fsspec URL that its processes share.

    Args:
        url: The folder of `weights.lock`.
    """

    def __init__(self, url: str) -> None:
        self._store = Store(url)

    def commits(self) -> dict[str, str]:
        """The commit of each pinned repository.

        Raises:
            ValueError: The file is damaged.
        """
        try:
            document = json.loads(self._store.read(LOCK_NAME))
        except FileNotFoundError:
            return {}
        commits: dict[str, str] = document["commits"]
        return commits

    def pin(self, commits: Mapping[str, str]) -> None:
        """Pin repositories; what was pinned for them before is forgotten."""
        document = {"commits": dict(sorted({**self.commits(), **commits}.items()))}
        self._store.write(LOCK_NAME, json.dumps(document, indent=1).encode() + b"\n")
