"""Installations that have pulled tiny checkpoints, as a user's has pulled large ones."""

import hashlib
import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from ttv_dagster.engines.deployment import Deployment
from ttv_dagster.settings import Settings
from ttv_dagster.weights.lock import WeightsLock


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """One model as an installation has it.

    Attributes:
        entry: Its entry in the installation's models file: the fields of `weights.model.Model`.
        folder: Its files.
        parts: The files of its other repositories, by their id.
    """

    entry: dict[str, Any]
    folder: Path
    parts: dict[str, Path] | None = None


class Installation:
    """A models file, a Hugging Face cache and a `weights.lock` under one folder.

    Args:
        folder: The installation's own, such as `tmp_path`.
        checkpoints: What it has pulled.
    """

    def __init__(self, folder: Path, checkpoints: Iterable[Checkpoint]) -> None:
        self._folder = folder
        self.hf_home = folder / "hf"
        self._models_file = folder / "models.yaml"
        self._weights = folder / "weights"
        held = list(checkpoints)
        document = {"models": [checkpoint.entry for checkpoint in held]}
        folder.mkdir(parents=True, exist_ok=True)
        self._models_file.write_text(yaml.safe_dump(document, sort_keys=False))
        self.commits: dict[str, str] = {}
        for checkpoint in held:
            for repository, files in {checkpoint.entry["id"]: checkpoint.folder, **(checkpoint.parts or {})}.items():
                if repository not in self.commits:  # Models share parts.
                    self.commits[repository] = put_into_cache(self.hf_home, repository, files)
        WeightsLock(str(self._weights)).pin(self.commits)

    def env(self, **more: str) -> dict[str, str]:
        """The environment of this installation's processes."""
        return {
            "HF_HOME": str(self.hf_home),
            "HF_HUB_OFFLINE": "1",
            "OMP_NUM_THREADS": "1",
            "TTV_MODELS_FILE": str(self._models_file),
            "TTV_WEIGHTS_LOCK_URL": str(self._weights),
            **more,
        }

    def use_here(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Let this process find the pulled weights; it has read `HF_HOME` long ago."""
        monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(self.hf_home / "hub"))
        for name, value in self.env().items():
            monkeypatch.setenv(name, value)

    def deployment(self, **settings: Any) -> Deployment:
        """The deployment of engines in this process, which `use_here` has shown the cache."""
        return Deployment.of(
            Settings(
                home=self._folder / "home",
                models_file=self._models_file,
                weights_lock_url=str(self._weights),
                **settings,
            )
        )


def put_into_cache(hf_home: Path, repository: str, files: Path) -> str:
    """Put a checkpoint into a Hugging Face cache as a pull would have.

    Args:
        hf_home: The `HF_HOME`.
        repository: Its id.
        files: Its files; they are linked, not copied.

    Returns:
        The commit that it is filed under: 40 hexadecimal digits.
    """
    commit = hashlib.sha1(str(files).encode(), usedforsecurity=False).hexdigest()
    folder = hf_home / "hub" / f"models--{repository.replace('/', '--')}"
    shutil.copytree(files, folder / "snapshots" / commit, copy_function=os.link)
    (folder / "refs").mkdir()
    (folder / "refs" / "main").write_text(commit)
    return commit
