"""One way to start runs: a launcher of Dagster's, or the same launcher once for each group of GPUs."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml
from dagster._core.launcher import RunLauncher
from dagster._serdes import ConfigurableClassData

INSTALLATION_LABEL = "ttv/installation"
LAUNCHER_LABEL = "ttv/launcher"
GPUS_LABEL = "ttv/gpus"

ANY = ""
"""Stands for the GPUs of a launcher that does not have any."""


@dataclass(frozen=True, slots=True)
class Route:
    """A named launcher.

    Attributes:
        name: Its name, which a run that it started carries.
        launchers: By group of GPUs (`0`, or `0,1` for models that need two), each of which runs one run at a time;
            or one under `ANY`, which runs any number.
        in_docker: Whether its runs are containers of this machine's Docker engine.
    """

    name: str
    launchers: Mapping[str, RunLauncher]
    in_docker: bool

    @property
    def launcher(self) -> RunLauncher:
        """Return the launcher that ends and examines its runs: they differ in their GPUs alone."""
        return next(iter(self.launchers.values()))


def from_environment(value: Any) -> Any:
    """Return a configuration with the variables' values in place of each ``{env: NAME}``, however deep.

    Dagster itself does so in fields that it declares, and not in `container_kwargs`. Digits become a number; an
    entry whose variable is empty is omitted.

    Raises:
        ValueError: A variable is not set.
    """
    if isinstance(value, Mapping):
        if set(value) == {"env"}:
            name = value["env"]
            if name not in os.environ:
                raise ValueError(
                    f"dagster.yaml, run_launcher: the environment does not have {name}: set it, or set it to nothing"
                )
            found = os.environ[name]
            return int(found) if found.isdecimal() else found or None
        filled = {key: from_environment(each) for key, each in value.items()}
        return {key: each for key, each in filled.items() if each is not None}
    if isinstance(value, list):
        return [each for each in map(from_environment, value) if each is not None]
    return value


def gpu_groups(gpus: str) -> list[str]:
    """Return the groups of ``0;1`` or ``0,1;2,3``.

    Raises:
        ValueError: A GPU is in two groups, or a group is empty.
    """
    if not gpus.strip():
        return []
    groups = [[gpu.strip() for gpu in group.split(",")] for group in gpus.split(";")]
    every = [gpu for group in groups for gpu in group]
    if "" in every or len(set(every)) < len(every):
        raise ValueError(
            f"dagster.yaml, run_launcher: GPUs {gpus!r} name a GPU twice or not at all; "
            "write one group a run at a time, as in 0;1 or 0,1;2,3"
        )
    return [",".join(group) for group in groups]


def make_route(name: str, settings: Mapping[str, Any], installation: str) -> Route:
    """Return the route that a configuration describes.

    Args:
        name: Its name.
        settings: `module`, `class` and `config` of the launcher, and `gpus`.
        installation: Marks the containers of this installation.

    Raises:
        ValueError: The configuration asks for what cannot be.
    """
    in_docker = settings["class"] == "DockerRunLauncher"
    groups = gpu_groups(settings.get("gpus", ""))
    if groups and not in_docker:
        raise ValueError(
            f"dagster.yaml, run_launcher: {name} has GPUs, and {settings['class']} cannot be given any; "
            "only DockerRunLauncher can"
        )
    launchers = {}
    for gpus in groups or [ANY]:
        config = from_environment(settings.get("config", {}))
        if in_docker:
            own = {INSTALLATION_LABEL: installation, LAUNCHER_LABEL: name, GPUS_LABEL: gpus}
            given = config.get("container_kwargs", {})
            options = {**given, "labels": {**given.get("labels", {}), **own}}
            if gpus:
                options["device_requests"] = [{"DeviceIDs": gpus.split(","), "Capabilities": [["gpu"]]}]
            config = {**config, "container_kwargs": options}
        data = ConfigurableClassData(settings["module"], settings["class"], yaml.safe_dump(config))
        launchers[gpus] = data.rehydrate(as_type=RunLauncher)  # type: ignore[type-abstract]
    return Route(name, launchers, in_docker)
