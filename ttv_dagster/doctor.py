"""What this machine can do, and what to fix."""

import importlib.metadata
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ttv_dagster.engines.registry import engine_names
from ttv_dagster.media.store import Store
from ttv_dagster.settings import Settings

LOW_SPACE_GB = 5
"""Free space below which a night's clips may not fit."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        name: What.
        state: `ok`, `warning` (works, but look at it) or `problem` (rendering will fail).
        found: What was found.
        cure: What to do; empty where nothing is.
    """

    name: str
    state: Literal["ok", "warning", "problem"]
    found: str
    cure: str = ""


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
        cure = "install the av package from PyPI, whose wheels have it: pip install --force-reinstall av"
        yield Finding("encoder", "problem", f"PyAV {av.__version__} has no libx264", cure)
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
            cure = f"make it writable, or set {variable} to another place"
            yield Finding(name, "problem", f"{url}: {error}", cure)
            continue
        if "://" in url:
            yield Finding(name, "ok", url)
            continue
        free = shutil.disk_usage(existing).free / 1e9
        if free < LOW_SPACE_GB:
            cure = f"free some space, or set {variable} to another place"
            yield Finding(name, "warning", f"{url}: {free:.1f} GB free", cure)
        else:
            yield Finding(name, "ok", f"{url}: {free:.0f} GB free")


def _engine(settings: Settings) -> Iterator[Finding]:
    names = engine_names()
    if settings.engine in names:
        yield Finding("engine", "ok", f"{settings.engine} (installed: {', '.join(names)})")
    else:
        cure = f"set TTV_ENGINE to one of {', '.join(names)}"
        yield Finding("engine", "problem", f"no engine is called {settings.engine!r}", cure)


def _gpu(settings: Settings) -> Iterator[Finding]:
    wanted = settings.accelerator == "cuda"
    try:
        query = ["nvidia-smi", "--query-gpu=name,memory.total,driver_version", "--format=csv,noheader"]
        done = subprocess.run(query, capture_output=True, text=True, timeout=20, check=True)
        cards = "; ".join(line.strip() for line in done.stdout.splitlines() if line.strip())
    except (OSError, subprocess.SubprocessError):
        cards = ""
    if cards:
        cure = "" if wanted else "set TTV_ACCELERATOR=cuda to render on it"
        yield Finding("gpu", "ok" if wanted else "warning", cards, cure)
    elif wanted:
        cure = "install the NVIDIA driver, give the container its GPU (--gpus all), or set TTV_ACCELERATOR=none"
        yield Finding("gpu", "problem", "TTV_ACCELERATOR is cuda, and nvidia-smi finds no card", cure)
    else:
        yield Finding("gpu", "ok", "none, and none is asked for")


def _daemon(settings: Settings) -> Iterator[Finding]:
    from ttv_dagster.home import open_instance
    from ttv_dagster.runs import daemon_is_running

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
        *_daemon(settings),
    ]
