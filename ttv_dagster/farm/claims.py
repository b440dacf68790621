"""Claims: of the processes that want the same key at the same moment, one renders it."""

from filelock import FileLock

from ttv_dagster.storage.locks import Locks

POLL_SECONDS = 0.2
"""How often a process that waits for another one's claim looks again."""


class Claims:
    """The keys that this process renders now. The claims of a process that dies are free at once.

    Args:
        locks: The installation's locks.
    """

    def __init__(self, locks: Locks) -> None:
        self._locks = locks
        self._held: dict[str, FileLock] = {}

    def claim(self, key: str) -> bool:
        """Claim a key; return whether it is this process's now.

        Whoever claimed it looks into the store first: another process may have published it since.
        """
        lock = self._locks.claim(key)
        if lock is not None:
            self._held[key] = lock
        return lock is not None

    def release(self, key: str) -> None:
        """Give a key up, if this process holds it."""
        lock = self._held.pop(key, None)
        if lock is not None:
            self._locks.release_claim(lock)

    def close(self) -> None:
        """Give all keys up."""
        for key in list(self._held):
            self.release(key)
