"""Tiny Wan checkpoints, each built once a session."""

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from tests.tiny.installation import Checkpoint
from ttv_dagster.weights.random_wan import RandomWan, build_random_wan


@cache
def _checkpoints() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="ttv-tiny-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def new_checkpoint(name: str) -> Path:
    """The folder of one more tiny checkpoint of this session."""
    return _checkpoints() / name


@cache
def tiny_wan(which: RandomWan) -> Path:
    """The folder of the checkpoint. It is shared by all tests: nobody changes it."""
    folder = _checkpoints() / which.name
    build_random_wan(folder, which)
    return folder


def wan_entry(which: RandomWan, **fields: Any) -> dict[str, Any]:
    """The entry of a models file for the checkpoint, called as its large relative is: a small clip, few steps.

    Args:
        which: The checkpoint.
        fields: Fields of `weights.model.Model` that are to be others.
    """
    family, name = {
        ("2.1", False): ("wan2.1-t2v", "Wan2.1-T2V-1.3B-Diffusers"),
        ("2.1", True): ("wan2.1-t2v-dmd", "FastWan2.1-T2V-1.3B-Diffusers"),
        ("2.2", False): ("wan2.2-ti2v-5b", "Wan2.2-TI2V-5B-Diffusers"),
        ("2.2", True): ("wan2.2-ti2v-5b-dmd", "FastWan2.2-TI2V-5B-Diffusers"),
    }[which.version, which.distilled]
    reads_image = which.version == "2.2" and not which.distilled
    return {
        "id": f"tiny/{name}",
        "engines": ["fastvideo"] if which.distilled else ["fastvideo", "wan"],
        "tasks": ["T2V", "I2V"] if reads_image else ["T2V"],
        "family": family,
        "width": 64,
        "height": 64,
        "num_frames": 5,
        "fps": 8,
        **({} if which.distilled else {"steps": 2, "guidance": 5.0}),
        **fields,
    }


def tiny_wan_checkpoint(which: RandomWan, **fields: Any) -> Checkpoint:
    """The checkpoint with its entry, for an `Installation`."""
    return Checkpoint(wan_entry(which, **fields), tiny_wan(which))
