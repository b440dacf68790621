"""The containers of runs, as the Docker engine tells of them."""

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
"""How long a container whose run has ended may take to end, once it is asked to."""

_MEANING = {
    signal.SIGKILL: "killed from outside: by `docker kill`, or by a host whose memory ran out (`dmesg` says so)",
    signal.SIGQUIT: "SIGQUIT: FastVideo's `mp` executor sends it to its caller when a worker of its own fails",
}


@dataclass(frozen=True, slots=True)
class RunContainer:
    """The container of one run.

    Attributes:
        run_id: The run.
        gpus: The group of GPUs that it was given; empty where it was given none.
        status: `created`, `running`, `exited` and what else the engine knows.
        handle: The container in Docker's client.
    """

    run_id: str
    gpus: str
    status: str
    handle: Any

    @property
    def lives(self) -> bool:
        """Whether it holds what it was given."""
        return self.status in ("running", "paused", "restarting")

    @property
    def has_ended(self) -> bool:
        """Whether it ran, and does not any more."""
        return self.status in ("exited", "dead")

    @property
    def ended_well(self) -> bool:
        """Whether it ended by itself and without an error."""
        state = self.handle.attrs["State"]
        return self.has_ended and state["ExitCode"] == 0 and not state["OOMKilled"]

    def why_it_ended(self) -> str:
        """The reason, in a sentence."""
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
            why = "by itself"
        said = f"; Docker says: {state['Error']}" if state["Error"] else ""
        return f"{why} (exit code {code}{said})"

    def last_lines(self) -> str:
        """The end of what it printed."""
        printed: bytes = self.handle.logs(tail=LAST_LINES)
        return printed.decode(errors="replace").strip()[-LAST_CHARACTERS:]

    def report(self) -> str:
        """Why it ended, and the end of what it printed."""
        lines = self.last_lines()
        tail = f" Its last lines:\n{lines}" if lines else " It printed nothing."
        return f"The container {self.handle.short_id} of this run ended: {self.why_it_ended()}.{tail}"

    def stop(self) -> None:
        """Ask it to end, and end it where it does not."""
        self.handle.stop(timeout=STOP_SECONDS)

    def remove(self) -> None:
        """Remove it, and what nobody else uses of it."""
        from docker.errors import NotFound

        try:
            self.handle.remove(v=True, force=True)
        except NotFound:
            return


class Containers:
    """The run containers of one installation; its launchers and its reaper look at the same ones."""

    def __init__(self, installation: str) -> None:
        self._installation = installation

    def _client(self) -> "docker.DockerClient":
        import docker

        return docker.from_env()

    def of_run(self, run_id: str) -> RunContainer | None:
        """The newest container of a run; None where there is none."""
        found = self._list(f"{RUN_LABEL}={run_id}")
        return max(found, key=lambda each: str(each.handle.attrs["Created"]), default=None)

    def of_launcher(self, name: str) -> list[RunContainer]:
        """Every container that a launcher made, ended ones included."""
        return self._list(f"{LAUNCHER_LABEL}={name}")

    def all(self) -> list[RunContainer]:
        """Every container of the installation, ended ones included."""
        return self._list()

    def _list(self, *labels: str) -> list[RunContainer]:
        client = self._client()
        wanted = [f"{INSTALLATION_LABEL}={self._installation}", *labels]
        found = client.containers.list(all=True, filters={"label": wanted}, ignore_removed=True)
        return [
            RunContainer(each.labels.get(RUN_LABEL, ""), each.labels.get(GPUS_LABEL, ""), each.status, each)
            for each in found
        ]
