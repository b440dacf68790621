"""`ttv render` as a process, and what the records of its clips say."""

import itertools
import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from benchmarks.gpu.results import left, middle
from benchmarks.gpu.watch import Watch


def render(
    folder: Path, document: dict[str, Any], env: dict[str, str]
) -> tuple[dict[str, Any] | None, Watch, float, float]:
    """Render a prompt set with `ttv render`.

    Args:
        folder: Where the installation is; its clips stay there.
        document: The prompt set.
        env: The settings of the installation.

    Returns:
        What `ttv render --json` said, or None where its time was over; what the GPU did meanwhile; when it began and
        ended, by `time.time`.

    Raises:
        RuntimeError: It said nothing that can be read; the message has the end of its log.
    """
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{document['name']}.yaml"
    file.write_text(yaml.safe_dump(document))
    command = [sys.executable, "-m", "ttv_dagster.cli", "render", str(file), "--json"]
    settings = {**os.environ, **env, "TTV_HOME": str(folder / "home")}
    with (folder / "log.txt").open("w") as log, Watch() as watch:
        begun = time.time()
        process = subprocess.Popen(command, env=settings, stdout=subprocess.PIPE, stderr=log, text=True)
        try:
            out, _ = process.communicate(timeout=max(5, left() - 5))
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            out = None
        ended = time.time()
    if out is None:
        return None, watch, begun, ended
    lines = [line for line in out.splitlines() if line.startswith("{")]
    if not lines:
        log_tail = (folder / "log.txt").read_text()[-3000:]
        raise RuntimeError(f"ttv render ended with {process.returncode}: {out[-500:]} {log_tail}")
    return json.loads(lines[-1]), watch, begun, ended


def records(folder: Path) -> dict[str, dict[str, Any]]:
    """The record of each clip that was published, by its render key, in the order of publishing (`published`)."""
    from ttv_dagster.settings import Settings
    from ttv_dagster.storage.layout import read_record
    from ttv_dagster.storage.store import Store

    media = Path(Settings(home=folder / "home").media)
    clips = sorted((path.stat().st_mtime, path.stem) for path in media.glob("clips/*/*.mp4"))
    found = ((key, published, read_record(Store(str(media)), key)) for published, key in clips)
    return {key: {**record, "published": published} for key, published, record in found if record is not None}


def steady(found: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """What one more clip of a size takes, from the records of its clips after the first.

    `seconds` is from one clip's publishing to the next one's; `gpu` is what its stages on the GPU add up to; the
    rest of the time the GPU has nothing to do.
    """
    published = [record["published"] for record in found]
    apart = [later - earlier for earlier, later in itertools.pairwise(published)]
    warm = found[1:]
    stages = {
        name: middle([record["engine"]["stages"].get(name, 0.0) for record in warm])
        for name in warm[-1]["engine"]["stages"]
    }
    seconds = middle(apart)
    return {
        "clips": len(warm),
        "seconds": seconds,
        "apart": [round(value, 3) for value in apart],
        "stages": stages,
        "gpu": round(sum(stages.values()), 3),
        "gpu_share": round(sum(stages.values()) / seconds, 3),
        "encode": middle([record["seconds"].get("encode", 0.0) for record in warm]),
        "inspect": middle([record["seconds"].get("inspect", 0.0) for record in warm]),
        "total": middle([record["seconds"].get("total", 0.0) for record in warm]),
        "bytes": found[-1]["bytes"],
        "engine": {name: value for name, value in found[-1]["engine"].items() if name != "stages"},
    }
