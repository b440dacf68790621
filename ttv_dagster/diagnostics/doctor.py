"""What this machine can do, and what to fix."""

import importlib.metadata
import importlib.util
import os
import platform
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ttv_dagster.engines.registry import engine_names
from ttv_dagster.settings import Settings
from ttv_dagster.storage.store import Store

LOW_SPACE_GB = 5
"""Free space below which a night's clips may not fit."""

SHARED_GB = 8
"""Shared memory that FastVideo's workers want."""

UI = ("127.0.0.1", 3000)
"""The default address of the UI."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        name: What.
        state: `ok`, `warning` (works, but look at it) or `problem` (rendering will fail).
        found: What was found.
        fix: What to do; empty where nothing is.
    """

    name: str
    state: Literal["ok", "warning", "problem"]
    found: str
    fix: str = ""


def _python() -> Iterator[Finding]:
    version = platform.python_version()
    if sys.version_info[:2] in ((3, 11), (3, 12)):
        yield Finding("python", "ok", version)
    else:
        yield Finding("python", "problem", version, "use Python 3.11 or 3.12")


def _packages() -> Iterator[Finding]:
    found = {name: importlib.metadata.version(name) for name in ("dagster", "av", "numpy", "pandas")}
    listed = ", ".join(f"{name} {version}" for name, version in found.items())
    if int(found["numpy"].partition(".")[0]) >= 2:
        yield Finding("packages", "problem", listed, 'pip install "numpy<2"')
    else:
        yield Finding("packages", "ok", listed)


def _encoder() -> Iterator[Finding]:
    import av
    from av.codec.codec import UnknownCodecError

    try:
        av.Codec("libx264", "w")
    except UnknownCodecError:
        fix = "install the av package from PyPI, whose wheels have it: pip install --force-reinstall av"
        yield Finding("encoder", "problem", f"PyAV {av.__version__} has no libx264", fix)
    else:
        yield Finding("encoder", "ok", f"libx264 in PyAV {av.__version__}")


def _places(settings: Settings) -> Iterator[Finding]:
    places = {"home": str(settings.home), "library": settings.library, "media": settings.media}
    for name, url in {**places, "tables": settings.tables}.items():
        variable = f"TTV_{name.upper()}" if name == "home" else f"TTV_{name.upper()}_URL"
        existing = Path(url)
        while "://" not in url and not existing.exists():
            existing = existing.parent
        try:
            if "://" not in url and existing != Path(url):
                if not os.access(existing, os.W_OK):
                    raise PermissionError(f"{existing} cannot be written")
            else:
                Store(url).check_writable()
        except Exception as error:
            fix = f"make it writable, or set {variable} to another place"
            yield Finding(name, "problem", f"{url}: {error}", fix)
            continue
        if "://" in url:
            yield Finding(name, "ok", url)
            continue
        free = shutil.disk_usage(existing).free / 1e9
        if free < LOW_SPACE_GB:
            fix = f"free some space, or set {variable} to another place"
            yield Finding(name, "warning", f"{url}: {free:.1f} GB free", fix)
        else:
            yield Finding(name, "ok", f"{url}: {free:.0f} GB free")


def _engine(settings: Settings) -> Iterator[Finding]:
    names = engine_names()
    if settings.engine in names:
        yield Finding("engine", "ok", f"{settings.engine} (installed: {', '.join(names)})")
    else:
        fix = f"set TTV_ENGINE to one of {', '.join(names)}"
        yield Finding("engine", "problem", f"no engine is called {settings.engine!r}", fix)


def _gpu(settings: Settings) -> Iterator[Finding]:
    wanted = settings.accelerator == "cuda"
    try:
        query = ["nvidia-smi", "--query-gpu=name,memory.total,driver_version", "--format=csv,noheader"]
        done = subprocess.run(query, capture_output=True, text=True, timeout=20, check=True)
        gpus = "; ".join(line.strip() for line in done.stdout.splitlines() if line.strip())
    except (OSError, subprocess.SubprocessError):
        gpus = ""
    if gpus:
        fix = "" if wanted else "set TTV_ACCELERATOR=cuda to render on it"
        yield Finding("gpu", "ok" if wanted else "warning", gpus, fix)
    elif wanted:
        fix = "install the NVIDIA driver, give the container its GPU (--gpus all), or set TTV_ACCELERATOR=none"
        yield Finding("gpu", "problem", "TTV_ACCELERATOR is cuda, and nvidia-smi finds no GPU", fix)
    else:
        yield Finding("gpu", "ok", "none, and none is asked for")


def _torch(settings: Settings) -> Iterator[Finding]:
    if settings.accelerator != "cuda" or importlib.util.find_spec("torch") is None:
        return
    from ttv_dagster.diagnostics import gpus as gpus

    found = gpus.describe()
    if gpus.usable():
        yield Finding("torch", "ok", found)
    elif gpus.is_there():
        yield Finding("torch", "problem", f"no kernel image is available for this GPU: {found}", gpus.FIX)
    else:
        fix = (
            "look at gpu above; where that is ok, the driver is too old for this torch (update it to 580 or later), or "
            "this torch is a build for CPUs"
        )
        yield Finding("torch", "problem", f"it finds no GPU that it can use: {found}", fix)


def _shared_memory(settings: Settings) -> Iterator[Finding]:
    place = Path("/dev/shm")  # noqa: S108
    if settings.accelerator != "cuda" or not place.exists():
        return
    size = shutil.disk_usage(place).total / 1e9
    if size < SHARED_GB:
        found = f"{place}: {size:.2g} GB; `WorkerMultiprocProc failed to start` may come of it"
        fix = (
            "in a container --shm-size 8g (TTV_RENDER_SHM_SIZE=8g), or --ipc host (TTV_RENDER_IPC=host); where neither "
            "can be had, TTV_FASTVIDEO_EXECUTOR=ray"
        )
        yield Finding("shared memory", "warning", found, fix)
    else:
        yield Finding("shared memory", "ok", f"{place}: {size:.0f} GB")


def _port() -> Iterator[Finding]:
    host, port = UI
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(UI)
        except OSError as error:
            fix = f"unless it is this page that listens there: ttv ui --port {port + 1}, or TTV_PORT={port + 1} in .env"
            yield Finding("port", "warning", f"{host}:{port}: {error.strerror}", fix)
        else:
            yield Finding("port", "ok", f"{host}:{port} is free")


def _daemon(settings: Settings) -> Iterator[Finding]:
    from ttv_dagster.runs.home import open_instance
    from ttv_dagster.runs.start import daemon_is_running

    if not (settings.dagster_home / "dagster.yaml").exists():
        yield Finding("daemon", "ok", "not running: `ttv render` renders in its own process")
        return
    with open_instance(settings) as instance:
        if daemon_is_running(instance):
            yield Finding("daemon", "ok", "running: `ttv render` submits to its queue")
        else:
            yield Finding("daemon", "ok", "not running: `ttv render` renders in its own process")


def examine(settings: Settings) -> list[Finding]:
    """Look at everything that rendering here depends on; only probe files are written, and deleted again."""
    return [
        *_python(),
        *_packages(),
        *_encoder(),
        *_places(settings),
        *_engine(settings),
        *_gpu(settings),
        *_torch(settings),
        *_shared_memory(settings),
        *_port(),
        *_daemon(settings),
    ]
