"""FastWan2.2-TI2V-5B on a GPU: seconds a clip by stage, and the pipeline against a bare loop of FastVideo.

The model has the full size and random weights, made on the spot: speed does not depend on their values. Sizes are those
of the model's grid of 32 pixels next to 480x848 and 720x1280. Without a GPU, `--small` runs the same on the CPU with a
tiny model, which shows that the benchmark works and gives no figure of a GPU.
"""

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml
from rich.table import Table

from benchmarks.fastvideo_models import ROOT, RandomModel, environment, install, run
from benchmarks.report import arguments, clean_environment, deliver, surroundings
from ttv_dagster.settings import Settings
from ttv_dagster.storage.layout import read_record
from ttv_dagster.storage.store import Store

FULL = RandomModel("FastWan2.2-TI2V-5B-Diffusers", "wan2.2-ti2v-5b-dmd", "full", distilled=True)
SMALL = RandomModel("FastWan2.2-TI2V-5B-Diffusers", "wan2.2-ti2v-5b-dmd", "tiny", distilled=True)

ENGINE_STAGES = ("text", "denoise", "decode")
STAGES = (*ENGINE_STAGES, "encode")
SAMPLE_SECONDS = 0.1

Size = tuple[int, int]


def gpu() -> dict[str, Any] | None:
    """The first GPU of this machine, as its driver tells of it; None where there is none."""
    if shutil.which("nvidia-smi") is None:
        return None
    query = ["nvidia-smi", "--query-gpu=name,memory.total,driver_version", "--format=csv,noheader,nounits", "-i", "0"]
    done = subprocess.run(query, capture_output=True, text=True, check=False)
    if done.returncode:
        return None
    name, memory, driver = (part.strip() for part in done.stdout.split(","))
    return {"name": name, "memory_gb": round(int(memory) * 2**20 / 1e9, 1), "driver": driver}


class Busy:
    """Samples what a GPU does, every tenth of a second."""

    def __init__(self) -> None:
        self._samples: list[tuple[int, int]] = []

    @contextmanager
    def watch(self) -> Iterator[None]:
        """Sample while the block runs; without a GPU there is nothing to sample."""
        if gpu() is None:
            yield
            return
        query = ["nvidia-smi", "--query-gpu=utilization.gpu,memory.used", "--format=csv,noheader,nounits", "-i", "0"]
        with subprocess.Popen(
            [*query, f"--loop-ms={SAMPLE_SECONDS * 1000:.0f}"], stdout=subprocess.PIPE, text=True
        ) as process:
            reader = threading.Thread(target=self._read, args=(process,), daemon=True)
            reader.start()
            try:
                yield
            finally:
                process.terminate()
                reader.join()

    def _read(self, process: "subprocess.Popen[str]") -> None:
        for line in process.stdout or ():
            busy, memory = (int(part) for part in line.split(","))
            self._samples.append((busy, memory))

    def to_dict(self) -> dict[str, float | None]:
        """The share of the time that it was busy, and the most memory that was in use."""
        if not self._samples:
            return {"gpu_busy_share": None, "gpu_peak_gb": None}
        return {
            "gpu_busy_share": round(statistics.mean(busy for busy, _ in self._samples) / 100, 3),
            "gpu_peak_gb": round(max(memory for _, memory in self._samples) * 2**20 / 1e9, 2),
        }


def run_pipeline(size: Size, frames: int, clips: int, folder: Path, env: dict[str, str]) -> dict[str, Any]:
    """`ttv render` of a batch: seconds a clip by stage, once the first has loaded the model."""
    folder.mkdir(parents=True)
    width, height = size
    shots = [{"id": f"s{number:03}", "prompt": prompt(number), "seed": number} for number in range(clips)]
    document = {
        "name": "gpu",
        "defaults": {"width": width, "height": height, "num_frames": frames, "fps": 24},
        "shots": shots,
    }
    file = folder / "gpu.yaml"
    file.write_text(yaml.safe_dump(document))
    settings = Settings(home=folder / "home")
    command = [sys.executable, "-m", "ttv_dagster.cli", "render", str(file), "--json"]
    busy = Busy()
    with busy.watch():
        seconds = run(command, {**env, "TTV_HOME": str(settings.home)}, folder / "log.txt")
    result = json.loads((folder / "log.txt").read_text().splitlines()[-1])
    store = Store(settings.media)
    records = [read_record(store, shot["key"]) for shot in result["shots"]]
    found = [record for record in records if record is not None]
    if len(found) != clips:
        raise RuntimeError(f"the pipeline did not make its clips: {folder / 'log.txt'}")
    warm = found[1:] or found
    stages = {
        name: statistics.mean(record["engine"]["stages"].get(name, 0.0) for record in warm) for name in STAGES[:3]
    }
    stages["encode"] = statistics.mean(record["seconds"]["encode"] for record in warm)
    done = [
        (Path(settings.media) / "clips" / shot["key"][:2] / f"{shot['key']}.mp4").stat().st_mtime
        for shot in result["shots"]
    ]
    return {
        "seconds": round(seconds, 2),
        "load_seconds": found[0]["engine"]["load_seconds"],
        "seconds_per_clip": round((max(done) - min(done)) / max(clips - 1, 1), 3),
        "stages": {name: round(value, 3) for name, value in stages.items()},
        "peak_gb": found[-1]["engine"].get("peak_gb"),
        "attention": found[-1]["engine"]["attention"],
        "offload": found[-1]["engine"]["offload"],
        **busy.to_dict(),
    }


def prompt(number: int) -> str:
    return f"a lighthouse on a cliff in a storm, take {number}"


def run_bare(weights: Path, size: Size, frames: int, clips: int, folder: Path, env: dict[str, str]) -> dict[str, Any]:
    """A loop over one `VideoGenerator` that saves its clips itself."""
    folder.mkdir(parents=True)
    (folder / "prompts.json").write_text(json.dumps([(prompt(number), number) for number in range(clips)]))
    command = [sys.executable, str(ROOT / "benchmarks" / "bare_fastvideo.py"), str(weights)]
    command += [str(folder / "prompts.json"), str(folder), "--fps", "24", "--frames", str(frames)]
    command += ["--width", str(size[0]), "--height", str(size[1])]
    busy = Busy()
    with busy.watch():
        seconds = run(command, env, folder / "log.txt")
    done: Sequence[float] = json.loads((folder / "done.json").read_text())
    return {
        "seconds": round(seconds, 2),
        "seconds_per_clip": round((done[-1] - done[0]) / max(clips - 1, 1), 3),
        **busy.to_dict(),
    }


def tables(document: dict[str, Any]) -> list[Table]:
    """The result for people."""
    shown = Table("size", "way", "s a clip", *STAGES, "GPU busy", "peak GB")
    for row in document["sizes"]:
        name = f"{row['width']}x{row['height']}"
        for way in ("pipeline", "bare"):
            found = row[way]
            stages = found.get("stages", {})
            cells = (f"{stages[stage]:.2f}" if stage in stages else "" for stage in STAGES)
            busy = "" if found["gpu_busy_share"] is None else f"{found['gpu_busy_share']:.0%}"
            peak = "" if found["gpu_peak_gb"] is None else f"{found['gpu_peak_gb']:.1f}"
            shown.add_row(name, way, f"{found['seconds_per_clip']:.2f}", *cells, busy, peak)
    where = document["card"]["name"] if document["card"] else "CPU: no figure of a GPU"
    shown.title = f"{document['clips']} clips of {document['num_frames']} frames, random weights, {where}"
    return [shown]


def main() -> None:
    """Render both sizes both ways, and say what it took."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--small", action="store_true", help="tiny model and clips, for a machine without a GPU")
    parser.add_argument("--clips", type=int, help="clips of a batch (8, or 3 with --small)")
    parser.add_argument("--frames", type=int, help="frames of a clip (121, or 9 with --small)")
    parser.add_argument("--keep", type=Path, help="folder to make the weights in, and to find them in the next time")
    options = arguments(parser)
    found = gpu()
    if found is None and not options.small:
        parser.error("there is no GPU here (nvidia-smi finds none): --small shows that the benchmark works")
    clean_environment()
    around = surroundings()
    model = SMALL if options.small else FULL
    sizes: list[Size] = [(64, 64)] if options.small else [(832, 480), (1280, 704)]
    clips = options.clips or (3 if options.small else 8)
    frames = options.frames or (9 if options.small else 121)
    with tempfile.TemporaryDirectory(prefix="ttv-gpu-") as name:
        folder = Path(name)
        kept = options.keep or folder / "model"
        env = environment(kept, model)
        begun = time.monotonic()
        kept.mkdir(parents=True, exist_ok=True)
        weights = kept / model.name
        if not weights.exists():
            weights = install(kept, model, env)
        made = time.monotonic() - begun
        rows = []
        for size in sizes:
            pipeline = run_pipeline(size, frames, clips, folder / f"{size[0]}-pipeline", env)
            bare = run_bare(weights, size, frames, clips, folder / f"{size[0]}-bare", env)
            over = round(pipeline["seconds_per_clip"] / bare["seconds_per_clip"], 4)
            rows.append(
                {"width": size[0], "height": size[1], "pipeline_over_bare": over, "pipeline": pipeline, "bare": bare}
            )
    document = {
        "benchmark": "gpu",
        "card": found,
        "note": "" if found else "Run on a CPU with a tiny model: no figure of a GPU exists yet.",
        "model": model.id,
        "weights": "random",
        "clips": clips,
        "num_frames": frames,
        "making_weights_seconds": round(made, 1),
        "sizes": rows,
        **around,
    }
    deliver("gpu" if found else "gpu-small", document, tables(document), options)


if __name__ == "__main__":
    main()
