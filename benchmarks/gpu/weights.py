"""The model in full size with random values, by the project's own builder, pinned as an installation has it."""

import json
import os
import shutil
import time
from pathlib import Path
from typing import Any

import yaml

from benchmarks.gpu.results import Results, small, state

FAST = "random/FastWan2.2-TI2V-5B-Diffusers"
"""For FastVideo, which chooses its configuration by the last part of the path."""

SLOW = "random/Wan2.2-TI2V-5B-Diffusers"
"""The same files for diffusers."""

COMMIT = "0" * 40
NEEDED = 26 * 2**30


def entries() -> list[dict[str, Any]]:
    """The entries of the models file."""
    common = {"width": 1280, "height": 704, "num_frames": 121, "fps": 24}
    return [
        {"id": FAST, "engines": ["fastvideo"], "tasks": ["T2V"], "family": "wan2.2-ti2v-5b-dmd", **common},
        {"id": SLOW, "engines": ["wan"], "tasks": ["T2V", "I2V"], "family": "wan2.2-ti2v-5b", **common, "steps": 50,
         "guidance": 5.0},
    ]  # fmt: skip


def environment() -> dict[str, str]:
    """The settings of an installation that has them."""
    return {
        "TTV_MODELS_FILE": str(state() / "models.yaml"),
        "TTV_WEIGHTS_LOCK_URL": str(state() / "weights"),
        "TTV_TEXT_MODEL": FAST,
        "TTV_ENGINE": "fastvideo",
        **({} if small() else {"TTV_ACCELERATOR": "cuda"}),
    }


def folder() -> Path:
    """The weights, called as FastVideo wants it."""
    return state() / FAST.partition("/")[2]


def place() -> Path:
    """Where there is room for them: in memory where that is free, else on the disk."""
    memory = Path("/dev/shm")
    if not small() and memory.is_dir() and shutil.disk_usage(memory).free > NEEDED:
        lines = Path("/proc/meminfo").read_text().splitlines()
        available = next(int(line.split()[1]) for line in lines if line.startswith("MemAvailable")) * 1024
        if available > 2.5 * NEEDED:
            return memory / "ttv-gpu-weights"
    return state() / "made"


def main() -> None:
    from ttv_dagster.weights.lock import WeightsLock
    from ttv_dagster.weights.random_wan import RandomWan, build_random_wan

    results = Results()
    named = folder()
    if not (named / "model_index.json").exists():
        made = place()
        shutil.rmtree(made, ignore_errors=True)
        begun = time.perf_counter()
        build_random_wan(made / "fast", RandomWan(distilled=True, size="tiny" if small() else "full"))
        seconds = time.perf_counter() - begun
        # The second model is the first, but for what says which pipeline it is of.
        shutil.copytree(made / "fast", made / "slow", copy_function=os.link)
        index = made / "slow" / "model_index.json"
        document = {**json.loads(index.read_text()), "_class_name": "WanPipeline"}
        index.unlink()
        index.write_text(json.dumps(document, indent=1) + "\n")
        for model, files in ((FAST, made / "fast"), (SLOW, made / "slow")):
            snapshots = state() / "hf" / "hub" / f"models--{model.replace('/', '--')}" / "snapshots"
            snapshots.mkdir(parents=True, exist_ok=True)
            (snapshots / COMMIT).unlink(missing_ok=True)
            (snapshots / COMMIT).symlink_to(files, target_is_directory=True)
        (state() / "models.yaml").write_text(yaml.safe_dump({"models": entries()}))
        WeightsLock(str(state() / "weights")).pin({FAST: COMMIT, SLOW: COMMIT})
        named.unlink(missing_ok=True)
        named.symlink_to(made / "fast", target_is_directory=True)
        written = [path for path in (made / "fast").rglob("*") if path.is_file()]
        total = sum(path.stat().st_size for path in written)
        results.add("weights", "made", seconds=round(seconds, 1), gb=round(total / 1e9, 2), place=str(made.parent))
    begun = time.perf_counter()
    read = 0
    for path in sorted(named.rglob("*.safetensors")):
        with path.open("rb", buffering=0) as file:
            while block := len(file.read(1 << 26)):
                read += block
    seconds = time.perf_counter() - begun
    results.add("weights", "read again", seconds=round(seconds, 2), gb_per_s=round(read / seconds / 1e9, 2))


if __name__ == "__main__":
    main()
