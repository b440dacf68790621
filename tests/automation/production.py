"""A studio that runs by itself, driven from outside: files dropped into its inbox while its processes are killed."""

import signal
import time
from collections.abc import Callable
from pathlib import Path

import dagster as dg
import pandas as pd
import psutil

from tests.ui.service import Service
from ttv_dagster.runs.home import open_instance
from ttv_dagster.settings import Settings

ENDED = {dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED}


class Production:
    """`ttv ui` with settings of the test's own; it can be killed and started again."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder = folder
        self.inbox = folder / "inbox"
        self.inbox.mkdir(exist_ok=True)
        self.env = {
            "OMP_NUM_THREADS": "1",
            "TTV_TEST_RENDERS": str(folder / "renders.jsonl"),
            "TTV_INBOX_URL": str(self.inbox),
            "TTV_ENGINE": "noise",
            **settings,
        }
        self.settings = Settings(home=folder / "home")
        self.service = Service(folder, self.env)
        self.service.wait()

    def kill(self, *, everything: bool) -> None:
        """Kill the daemon with SIGKILL, or every process as a power cut does; then start again."""
        tree = psutil.Process(self.service.process.pid).children(recursive=True)
        if everything:
            # Not `ttv ui`, which waits for them: it notes that the daemon is gone, as it does when a machine starts.
            for process in tree:
                process.kill()
        else:
            next(process for process in tree if "dagster._daemon" in process.cmdline()).send_signal(signal.SIGKILL)
        self.service.process.wait(90)
        if everything:
            psutil.wait_procs(tree, 30)
        self.service = Service(self.folder, self.env)
        self.service.wait()

    def stop(self) -> None:
        if self.service.process.poll() is None:
            self.service.stop()

    def runs(self) -> list[dg.DagsterRun]:
        with open_instance(self.settings) as instance:
            return list(instance.get_runs())

    def until(self, what: Callable[[], bool], *, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while not what():
            if time.monotonic() > deadline:
                counts: dict[str, int] = {}
                for run in self.runs():
                    counts[run.status.value] = counts.get(run.status.value, 0) + 1
                log = (self.folder / "ui.log").read_text()
                raise TimeoutError(f"{counts} {sorted(path.name for path in self.inbox.iterdir())}\n{log[-4000:]}")
            time.sleep(1)

    def quiet(self) -> bool:
        """Whether every run has ended."""
        return all(run.status in ENDED for run in self.runs())

    def table(self, asset: str, prompt_set: str) -> pd.DataFrame | None:
        """The table that an asset last made for a set; None without one."""
        path = self.folder / "home" / "tables" / asset / f"{prompt_set}.parquet"
        return pd.read_parquet(path) if path.exists() else None

    def has_film_of(self, prompt_set: str, prompt: str) -> bool:
        """Whether the newest film of a set was cut from a clip of this prompt."""
        planned, clips, films = (self.table(asset, prompt_set) for asset in ("prompt_sets", "clips", "films"))
        if planned is None or clips is None or films is None:
            return False
        return (
            planned["prompt"].tolist() == [prompt]
            and set(clips["status"]) <= {"rendered", "cached"}
            and self.film(prompt_set).exists()
        )

    def film(self, prompt_set: str) -> Path:
        table = self.table("films", prompt_set)
        assert table is not None
        return self.folder / "home" / "media" / str(table["name"].iloc[0])
