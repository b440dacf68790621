"""FastVideo models with random weights for the benchmarks: in a cache, pinned, and in a catalog of their own."""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from ttv_dagster.weights.lock import WeightsLock

ROOT = Path(__file__).parents[1]
COMMIT = "0" * 40

BUILD = """
import sys
from pathlib import Path
from ttv_dagster.weights.random_wan import RandomWan, build_random_wan
build_random_wan(Path(sys.argv[1]), RandomWan(size=sys.argv[2], distilled=sys.argv[3] == "distilled"))
"""


@dataclass(frozen=True, slots=True)
class RandomModel:
    """A model that is made on the spot.

    Attributes:
        name: As the Hub calls the one that it stands for: FastVideo chooses its configuration by it.
        family: Its family in the catalog.
        size: `tiny` or `full`.
        distilled: It denoises in three steps of its own.
    """

    name: str
    family: str
    size: str
    distilled: bool

    @property
    def id(self) -> str:
        """Its name in the catalog, which says that it is not the one on the Hub."""
        return f"random/{self.name}"

    def entry(self) -> dict[str, Any]:
        """Its entry in the models file."""
        schedule = {} if self.distilled else {"steps": 50, "guidance": 5.0}
        return {
            "id": self.id,
            "engines": ["fastvideo"],
            "tasks": ["T2V"],
            "family": self.family,
            "width": 1280,
            "height": 704,
            "num_frames": 121,
            "fps": 24,
            **schedule,
        }


def environment(folder: Path, model: RandomModel) -> dict[str, str]:
    """What every way to render runs in. On a machine without a GPU, FastVideo needs what the tests give it."""
    on_cpu = os.pathsep.join(filter(None, [str(ROOT), str(ROOT / "tests" / "plugins"), os.environ.get("PYTHONPATH")]))
    return {
        **os.environ,
        "PYTHONPATH": on_cpu,
        "HF_HOME": str(folder / "hf"),
        "HF_HUB_OFFLINE": "1",
        "TTV_ENGINE": "fastvideo",
        "TTV_TEXT_MODEL": model.id,
        "TTV_MODELS_FILE": str(folder / "models.yaml"),
        "TTV_WEIGHTS_LOCK_URL": str(folder / "weights"),
    }


def install(folder: Path, model: RandomModel, env: dict[str, str]) -> Path:
    """Make the model; the folder of its weights, called as FastVideo wants it."""
    weights = folder / "hf" / "hub" / f"models--{model.id.replace('/', '--')}" / "snapshots" / COMMIT
    schedule = "distilled" if model.distilled else "own"
    run([sys.executable, "-c", BUILD, str(weights), model.size, schedule], env, folder / "build.txt")
    named = folder / model.name
    named.symlink_to(weights)
    (folder / "models.yaml").write_text(yaml.safe_dump({"models": [model.entry()]}))
    WeightsLock(str(folder / "weights")).pin({model.id: COMMIT})
    return named


def run(command: Sequence[str], env: dict[str, str], log: Path) -> float:
    """Run a command to its end; how many seconds it took.

    Raises:
        RuntimeError: It failed; the message has the end of what it said.
    """
    begun = time.monotonic()
    with log.open("w") as file:
        ended = subprocess.run(command, env=env, stdout=file, stderr=subprocess.STDOUT, check=False)
    if ended.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with {ended.returncode}:\n{log.read_text()[-3000:]}")
    return time.monotonic() - begun
