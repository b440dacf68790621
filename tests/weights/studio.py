"""An installation that pulls from the hub of the tests."""

import json
import subprocess
from pathlib import Path
from typing import Any

import yaml

from tests.support import TTV, ttv
from tests.weights.hub import HubServer, hub_environment, noise
from ttv_dagster.weights.hub import Hub
from ttv_dagster.weights.lock import WeightsLock
from ttv_dagster.weights.model import Model
from ttv_dagster.weights.pulling import Pulled, pull
from ttv_dagster.weights.snapshots import snapshot_folder

SMALL = {"model_index.json": b'{"_class_name": "TinyPipeline"}', "vae/config.json": b"{}"}
BIG = "vae/diffusion_pytorch_model.safetensors"


class PullStudio:
    """Pulls in this process, or with `ttv` in others.

    Args:
        folder: The test's own.
        hub: Where from.
    """

    def __init__(self, folder: Path, hub: HubServer) -> None:
        self.folder = folder
        self.server = hub
        self.hub = Hub(hub.url, folder / "hf" / "hub")
        self.lock = WeightsLock(str(folder / "home" / "weights"))
        self.said: list[str] = []
        self._number = 0
        self.models_file = folder / "models.yaml"
        self._entries: list[dict[str, Any]] = []

    def model(self, name: str, *, big: bytes | None = None, parts: tuple[str, ...] = (), **fields: Any) -> Model:
        """A model of the installation's own, on the hub under a name that no other test has."""
        # A hub for all tests: a name of the test's own.
        own = f"{self.folder.name.replace('_', '-')[:40].rstrip('-.')}/{name}"
        self.server.commit(own, SMALL, large={BIG: noise(own, 300_000) if big is None else big})
        entry = {
            "id": own, "engines": ["noise"], "tasks": ["T2V"], "family": "tiny", "width": 64, "height": 64,
            "num_frames": 4, "fps": 8, "parts": [{"id": part, "files": ["*"]} for part in parts], **fields,
        }  # fmt: skip
        self._entries.append(entry)
        self.models_file.write_text(yaml.safe_dump({"models": self._entries}))
        return Model.model_validate(entry)

    def pull(self, model: Model, **options: Any) -> Pulled:
        return pull(model, lock=self.lock, hub=self.hub, say=self.said.append, **options)

    def file(self, model: Model, path: str = BIG) -> Path:
        """A pulled file at the pinned commit."""
        return snapshot_folder(self.hub.cache, model.id, self.lock.commits()[model.id]) / path

    @property
    def env(self) -> dict[str, str]:
        own = {"TTV_MODELS_FILE": str(self.models_file), "TTV_HOME": str(self.folder / "home"), "COLUMNS": "200"}
        return hub_environment(self.server, self.folder, **own)

    def ttv(self, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        return ttv(*arguments, cwd=self.folder, env={**self.env, **more})

    def ttv_json(self, *arguments: str, code: int = 0, **more: str) -> dict[str, Any]:
        done = self.ttv(*arguments, "--json", **more)
        assert done.returncode == code, f"exit code {done.returncode}\n{done.stdout}\n{done.stderr}"
        document: dict[str, Any] = json.loads(done.stdout)
        return document

    def start(self, *arguments: str) -> "subprocess.Popen[str]":
        """`ttv`, running."""
        return subprocess.Popen(
            [*TTV, *arguments],
            cwd=self.folder,
            env=self.env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
