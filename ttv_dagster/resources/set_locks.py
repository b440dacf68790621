"""Keeps two runs from rendering one prompt set at the same time on one machine."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import dagster as dg
from filelock import FileLock, Timeout


class SetBusyError(RuntimeError):
    """Another run holds the set."""


class SetLocks(dg.ConfigurableResource["SetLocks"]):
    """One lock file a prompt set. The kernel frees a lock when its process ends, however that ends."""

    folder: str

    def _lock(self, prompt_set: str) -> FileLock:
        folder = Path(self.folder)
        folder.mkdir(parents=True, exist_ok=True)
        return FileLock(folder / f"{prompt_set}.lock")

    @contextmanager
    def hold(self, prompt_sets: Sequence[str]) -> Iterator[None]:
        """Hold the sets while the block runs.

        An older run that goes on beside a newer one would overwrite the newer one's manifest.

        Raises:
            SetBusyError: Another run holds one of them; none is held then.
        """
        with ExitStack() as held:
            for prompt_set in sorted(prompt_sets):
                try:
                    held.enter_context(self._lock(prompt_set).acquire(timeout=0))
                except Timeout:
                    raise SetBusyError(
                        f"another run is rendering the prompt set {prompt_set!r} now; run this one again when "
                        "that one has ended"
                    ) from None
            yield

    def turn(self, prompt_set: str) -> FileLock:
        """The lock of those who wait for their turn at a set: one renders, and holds it from before to after."""
        return self._lock(f"{prompt_set}.turn")

    def wait(self, prompt_set: str) -> None:
        """Return as soon as no run holds the set."""
        with self._lock(prompt_set):
            pass

    def is_free(self, prompt_set: str) -> bool:
        """Whether no run holds the set now."""
        try:
            with self._lock(prompt_set).acquire(timeout=0):
                return True
        except Timeout:
            return False
