"""Every lock of an installation: what keeps its processes on one machine out of each other's way."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout


class SetBusyError(RuntimeError):
    """Another run holds the set."""


@dataclass(frozen=True, slots=True)
class Locks:
    """Lock files of one installation. The kernel frees a lock when its process ends, however that ends.

    Every kind has its own prefix, so that no name of one kind is a lock of another: ``set-`` (a run renders the
    prompt set), ``queue-`` (who waits to render it), ``run-`` (the process of a run lives), ``claim-`` (a process
    renders what has this key).

    Attributes:
        folder: Where they are, on this machine.
    """

    folder: Path

    def _lock(self, kind: str, name: str) -> FileLock:
        self.folder.mkdir(parents=True, exist_ok=True)
        return FileLock(self.folder / f"{kind}-{name}.lock")

    @contextmanager
    def hold(self, prompt_sets: Sequence[str]) -> Iterator[None]:
        """Hold the sets while the block runs.

        An older run that continues beside a newer one would overwrite the newer one's manifest.

        Raises:
            SetBusyError: Another run holds one of them; none is held then.
        """
        with ExitStack() as held:
            for prompt_set in sorted(prompt_sets):
                try:
                    held.enter_context(self._lock("set", prompt_set).acquire(timeout=0))
                except Timeout:
                    raise SetBusyError(
                        f"another run is rendering the prompt set {prompt_set!r} now; run this one again when "
                        "that one has ended"
                    ) from None
            yield

    def queue(self, prompt_set: str) -> FileLock:
        """Return the lock of those who wait to render a set: one renders, and holds it from before to after."""
        return self._lock("queue", prompt_set)

    def wait(self, prompt_set: str) -> None:
        """Return as soon as no run holds the set."""
        with self._lock("set", prompt_set):
            pass

    def is_free(self, prompt_set: str) -> bool:
        """Return whether no run holds the set now."""
        try:
            with self._lock("set", prompt_set).acquire(timeout=0):
                return True
        except Timeout:
            return False

    def claim(self, key: str) -> FileLock | None:
        """Claim a render key or the key of a keyframe, for `release_claim`; None if another process holds it."""
        lock = self._lock("claim", key)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            return None
        return lock

    def release_claim(self, lock: FileLock) -> None:
        """Give a claim up, and delete its file: there is one for every clip that was ever rendered otherwise."""
        # Deleted while it is held: whoever opened it before sees, once it has the lock, that the file is gone.
        Path(lock.lock_file).unlink(missing_ok=True)
        lock.release()

    @contextmanager
    def hold_run(self, run_id: str) -> Iterator[str]:
        """Hold the lock of a run while the block runs; give its name, for `run_is_alive`."""
        lock = self._lock("run", run_id)
        try:
            with lock:
                yield Path(lock.lock_file).name
        finally:
            Path(lock.lock_file).unlink(missing_ok=True)

    def run_is_alive(self, name: str) -> bool:
        """Return whether the process that holds the run's lock lives; the file of a dead one is deleted."""
        path = self.folder / Path(name).name
        try:
            with FileLock(path).acquire(timeout=0):
                pass
        except Timeout:
            return True
        path.unlink(missing_ok=True)
        return False
