"""The containers of runs, as the Docker engine reports them."""

import signal
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ttv_dagster.launching.route import GPUS_LABEL, INSTALLATION_LABEL, LAUNCHER_LABEL

if TYPE_CHECKING:
    import docker

RUN_LABEL = "dagster/run_id"
LAST_LINES = 20
LAST_CHARACTERS = 4000
STOP_SECONDS = 60
"""Seconds that a container gets to stop after its run has ended."""

_MEANING = {
    signal.SIGKILL: "killed from outside: by `docker kill`, or by a host whose memory ran out (`dmesg` says so)",
    signal.SIGQUIT: "SIGQUIT: FastVideo's `mp` executor sends it to its caller when one of its workers fails",
}


@dataclass(frozen=True, slots=True)
class RunContainer:
    """The container of one run.

    Attributes:
        run_id: The run.
        gpus: The group of GPUs that it was given; empty if it was given none.
        status: `created`, `running`, `exited` and what else the engine knows.
        handle: The container in Docker's client.
    """

    run_id: str
    gpus: str
    status: str
    handle: Any

    @property
    def lives(self) -> bool:
        """Return whether it still has the GPUs that it was given."""
        return self.status in ("running", "paused", "restarting")

    @property
    def has_ended(self) -> bool:
        """Return whether it has ended."""
        return self.status in ("exited", "dead")

    @property
    def ended_well(self) -> bool:
        """Return whether it ended on its own and without an error."""
        state = self.handle.attrs["State"]
        return self.has_ended and state["ExitCode"] == 0 and not state["OOMKilled"]

    def why_it_ended(self) -> str:
        """Return the reason, in a sentence."""
        state = self.handle.attrs["State"]
        code = state["ExitCode"]
        if state["OOMKilled"]:
            limit = self.handle.attrs["HostConfig"]["Memory"]
            of = f" of {limit / 2**30:.3g} GiB" if limit else ""
            why = f"out of memory: the kernel killed a process in it when it reached its limit{of}"
        elif code > 128 and code - 128 in set(signal.Signals):
            number = signal.Signals(code - 128)
            why = _MEANING.get(number, number.name)
        else:
            why = "on its own"
        said = f"; Docker says: {state['Error']}" if state["Error"] else ""
        return f"{why} (exit code {code}{said})"

    def last_lines(self) -> str:
        """Return the last lines that it printed."""
        printed: bytes = self.handle.logs(tail=LAST_LINES)
        return printed.decode(errors="replace").strip()[-LAST_CHARACTERS:]

    def report(self) -> str:
        """Return why it ended, and the last lines that it printed."""
        lines = self.last_lines()
        tail = f" Its last lines:\n{lines}" if lines else " It printed nothing."
        return f"The container {self.handle.short_id} of this run ended: {self.why_it_ended()}.{tail}"

    def stop(self) -> None:
        """Ask it to stop, and kill it if it does not."""
        self.handle.stop(timeout=STOP_SECONDS)

    def remove(self) -> None:
        """Remove it with its anonymous volumes."""
        from docker.errors import NotFound

        try:
            self.handle.remove(v=True, force=True)
        except NotFound:
            return


class Containers:
    """The run containers of one installation; its launchers and its reaper see the same ones."""

    def __init__(self, installation: str) -> None:
        self._installation = installation

    def _client(self) -> "docker.DockerClient":
        import docker

        return docker.from_env()

    def of_run(self, run_id: str) -> RunContainer | None:
        """Return the newest container of a run; None if there is none."""
        found = self._list(f"{RUN_LABEL}={run_id}")
        return max(found, key=lambda each: str(each.handle.attrs["Created"]), default=None)

    def of_launcher(self, name: str) -> list[RunContainer]:
        """Return every container that a launcher created, including ended ones."""
        return self._list(f"{LAUNCHER_LABEL}={name}")

    def all(self) -> list[RunContainer]:
        """Return every container of the installation, including ended ones."""
        return self._list()

    def _list(self, *labels: str) -> list[RunContainer]:
        client = self._client()
        wanted = [f"{INSTALLATION_LABEL}={self._installation}", *labels]
        found = client.containers.list(all=True, filters={"label": wanted}, ignore_removed=True)
        return [
            RunContainer(each.labels.get(RUN_LABEL, ""), each.labels.get(GPUS_LABEL, ""), each.status, each)
            for each in found
        ]
