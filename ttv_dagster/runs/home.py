"""The home of an installation: its folder, and the Dagster instance in it."""

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock

from ttv_dagster.configuration.settings_file import VARIABLE, find_settings_file
from ttv_dagster.settings import Settings

if TYPE_CHECKING:
    import dagster as dg

LOCATION = "ttv_dagster"
"""The code location's name, as `workspace.yaml` has it."""


def shipped(name: str) -> Path:
    """A configuration file that comes with this project: in an installed wheel, or in its source tree."""
    package = Path(__file__).parents[1]
    for path in (package / name, package.parent / name):
        if path.is_file():
            return path
    raise FileNotFoundError(f"{name} is missing from this installation of ttv_dagster; install it again")


def _copy_settings(folder: Path) -> None:
    for name in ("dagster.yaml", "workspace.yaml"):
        target = folder / name
        if not target.exists():
            beside = target.with_suffix(f".{os.getpid()}")
            shutil.copyfile(shipped(name), beside)
            beside.replace(target)


def _make_instance(folder: Path) -> None:
    """Make a Dagster instance with its storage, so that no process after this makes it."""
    import dagster as dg

    _copy_settings(folder)
    with dg.DagsterInstance.from_config(str(folder)) as instance:
        instance.get_dynamic_partitions("prompt_sets")
        instance.get_runs(limit=1)
        instance.all_asset_keys()


def prepare_home(settings: Settings) -> None:
    """Make the home, with copies of `dagster.yaml` and `workspace.yaml` that are the user's to edit.

    From then on this process and its children use the instance in it.
    """
    settings.home.mkdir(parents=True, exist_ok=True)
    # Two processes that make Dagster's storage at once, or one that is killed meanwhile, leave one that never opens:
    # so one at a time makes it beside its place, and moves it there whole.
    with FileLock(settings.home / "dagster.lock"):
        if not settings.dagster_home.exists():
            beside = settings.home / ".dagster"
            shutil.rmtree(beside, ignore_errors=True)
            beside.mkdir()
            _make_instance(beside)
            beside.rename(settings.dagster_home)
        _copy_settings(settings.dagster_home)
    # Before `TTV_HOME`, which would have the processes that this one starts look for the file there.
    if (file := find_settings_file()) is not None:
        os.environ[VARIABLE] = str(file)
    os.environ["DAGSTER_HOME"] = str(settings.dagster_home)
    os.environ["TTV_HOME"] = str(settings.home)


def open_instance(settings: Settings) -> "dg.DagsterInstance":
    """The Dagster instance of a prepared home."""
    import dagster as dg

    return dg.DagsterInstance.from_config(str(settings.dagster_home))
