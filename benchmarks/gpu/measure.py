"""Measures the project on a machine with one NVIDIA GPU and no network, part by part, the most valuable first.

    python3 -m benchmarks.gpu.measure --out OUT --seconds 560      on the machine, in the checkout
    python3 -m benchmarks.gpu.measure --out OUT --small            without a GPU: shows that every part works

Each finding is a line of JSON in OUT/results.jsonl the moment it is known. A part that fails or takes too long is a
line too, and the next one goes on. What is done already is not done again: `--out` of a call before, or a file named
by `--resume`, is read first; what was built (packages, weights) stays in `--state` while the machine is held.
"""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from benchmarks.gpu.results import Results
from benchmarks.gpu.table import show

ROOT = Path(__file__).resolve().parents[2]
CARRIED = ROOT / ".gpu"
"""What `prepare.sh` makes."""
WEIGHTS = "FastWan2.2-TI2V-5B-Diffusers"


@dataclass(frozen=True)
class Part:
    """One process that measures something.

    Attributes:
        name: Its module in this folder, and its lines in the results.
        what: In a few words.
        minimum: Seconds without which it is not begun on a GPU.
        maximum: Seconds after which it is ended on a GPU.
    """

    name: str
    what: str
    minimum: int
    maximum: int


PARTS = (
    Part("kernels", "ceilings of the GPU, and the kernels that the models need", 25, 100),
    Part("weights", "full-size weights with random values", 30, 150),
    Part("pipeline", "clips by `ttv render`, warm, by stage", 70, 240),
    Part("bare", "the same by FastVideo alone, then what each optimisation is worth", 70, 600),
    Part("peer", "the same work by diffusers' Wan, through `ttv render`", 60, 200),
    Part("smoke", "tiny models through every engine on the GPU", 40, 150),
    Part("compiled", "the pipeline with TTV_FASTVIDEO_COMPILE", 90, 200),
)


def unpack(archive: Path, site: Path) -> float:
    import tarfile

    begun = time.monotonic()
    with tarfile.open(archive, "r:xz") as tar:
        tar.extractall(site, filter="data")
    for program in site.glob("imageio_ffmpeg/binaries/ffmpeg-*"):
        program.chmod(0o755)
    return time.monotonic() - begun


def install(state: Path) -> Path:
    """The carried packages, unpacked side by side; again only where they are others."""
    site = state / "site"
    archives = sorted(CARRIED.glob("*.tar.xz"))
    stamp = " ".join(f"{path.name}:{path.stat().st_size}" for path in archives)
    if not archives or ((site / ".unpacked").exists() and (site / ".unpacked").read_text() == stamp):
        return site
    begun = time.monotonic()
    shutil.rmtree(site, ignore_errors=True)
    site.mkdir(parents=True)
    with ProcessPoolExecutor(len(archives)) as pool:
        list(pool.map(unpack, archives, [site] * len(archives)))
    compiling = [sys.executable, "-m", "compileall", "-q", "-j", "0", "fastvideo", "diffusers", "dagster", "sqlalchemy"]
    subprocess.run(compiling, cwd=site, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    (site / ".unpacked").write_text(stamp)
    print(f"unpacked {len(archives)} archives in {time.monotonic() - begun:.0f} s", flush=True)
    return site


def gpu() -> str:
    """Name, memory and driver of the first GPU; empty where there is none."""
    if shutil.which("nvidia-smi") is None:
        return ""
    asked = ["nvidia-smi", "-i", "0", "--query-gpu=name,memory.total,driver_version", "--format=csv,noheader"]
    done = subprocess.run(asked, capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else ""


def environment(options: argparse.Namespace, site: Path) -> dict[str, str]:
    """What every part runs in: nothing of this user's installation, nothing from a network."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("TTV_", "DAGSTER_", "FASTVIDEO_"))
    }
    # The checkout first: a wheel may bring a package `tests` or `benchmarks` of its own.
    path = [str(ROOT), str(site)]
    if not options.gpu:
        path.append(str(ROOT / "tests" / "plugins"))  # what FastVideo needs where there is no GPU
    return {
        **kept,
        "PYTHONPATH": os.pathsep.join([*path, *filter(None, [os.environ.get("PYTHONPATH")])]),
        "PYTHONUNBUFFERED": "1",
        "PYTHONWARNINGS": "ignore",
        "HF_HOME": str(options.state / "hf"),
        "HF_HUB_OFFLINE": "1",
        "TOKENIZERS_PARALLELISM": "false",
        # A machine without a network may have no other interface, and the only worker talks to itself.
        "NCCL_SOCKET_IFNAME": "lo",
        "GLOO_SOCKET_IFNAME": "lo",
        **({} if options.gpu else {"OMP_NUM_THREADS": "1"}),
        "GPUKIT_OUT": str(options.out),
        "GPUKIT_STATE": str(options.state),
        "GPUKIT_SMALL": "1" if options.small else "",
        "GPUKIT_CLIPS": str(options.clips),
    }


def end_group(group: int) -> None:
    """End a process group, whatever is left of it."""
    for strong in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(group, strong)
        except (ProcessLookupError, PermissionError):
            break
        time.sleep(1 if strong == signal.SIGTERM else 0)


def end_leftovers(state: Path) -> None:
    """End the part of a call before that was cut off: it is a process group of its own, and would run on."""
    running = state / "running"
    if running.exists():
        group, name = running.read_text().split()
        command = Path("/proc", group, "cmdline")
        if command.exists() and f"benchmarks.gpu.{name}".encode() in command.read_bytes():
            end_group(int(group))
        running.unlink()


def run(part: Part, options: argparse.Namespace, env: dict[str, str], seconds: float) -> tuple[str, str]:
    """Run a part in a process group of its own, which is ended as a whole; how it ended, and the end of its log."""
    log = options.state / f"{part.name}.log"
    with log.open("w") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", f"benchmarks.gpu.{part.name}"],
            env={**env, "GPUKIT_END": str(time.time() + seconds)},
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    (options.state / "running").write_text(f"{process.pid} {part.name}")
    try:
        code = process.wait(seconds + 2)
        how = {0: "ended", 75: "unfinished"}.get(code, f"failed with {code}")
    except subprocess.TimeoutExpired:
        how = "out of time"
    end_group(process.pid)
    process.wait()
    (options.state / "running").unlink(missing_ok=True)
    return how, log.read_text(errors="replace")[-3000:]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--out", type=Path, default=Path(os.environ.get("OUT", Path(tempfile.gettempdir(), "ttv-gpu-out")))
    )
    parser.add_argument(
        "--state", type=Path, default=Path(tempfile.gettempdir(), "ttv-gpu"), help="folder of what is built"
    )
    parser.add_argument("--seconds", type=float, default=560, help="all that this call may take")
    parser.add_argument("--clips", type=int, default=0, help="clips a size after the first (4 on a GPU, else 2)")
    parser.add_argument("--parts", default="", help="only these, in their order: bare,levers")
    parser.add_argument("--again", default="", help="parts to measure although they were")
    parser.add_argument("--resume", type=Path, action="append", default=[], help="results.jsonl of a call before")
    parser.add_argument("--small", action="store_true", help="tiny models and clips, for a machine without a GPU")
    options = parser.parse_args()
    begun = time.time()
    options.end = begun + options.seconds
    options.gpu = gpu()
    options.clips = options.clips or (4 if options.gpu and not options.small else 2)
    options.out, options.state = options.out.resolve(), options.state.resolve()
    if not options.gpu and not options.small:
        parser.error("nvidia-smi finds no GPU here; --small shows that the parts work")
    for folder in (options.out, options.state):
        folder.mkdir(parents=True, exist_ok=True)
    (options.state / "hf").mkdir(exist_ok=True)
    end_leftovers(options.state)
    site = install(options.state)
    env = environment(options, site)
    (options.out / "results.jsonl").touch()
    results = Results(options.out)
    results.read([*options.resume, *sorted(CARRIED.glob("results*.jsonl")), options.state / "results.jsonl"])
    wanted = set(filter(None, options.parts.split(",")))
    again = set(filter(None, options.again.split(",")))
    unknown = (wanted | again) - {part.name for part in PARTS}
    if unknown:
        parser.error(f"no such part: {', '.join(sorted(unknown))}; there are {', '.join(p.name for p in PARTS)}")
    installed = round(time.time() - begun, 1)
    results.add("call", "begun", gpu=options.gpu, seconds=options.seconds, installing=installed, small=options.small)
    full = bool(options.gpu) and not options.small
    due = [
        part
        for part in PARTS
        if (part.name in wanted if wanted else part.name in again or not results.ended(part.name))
        # The weights of a call before are gone with its machine.
        or (part.name == "weights" and not wanted and not (options.state / WEIGHTS / "model_index.json").exists())
    ]
    for part in due:
        left = options.end - time.time() - 8  # to end what runs, and to print
        if left < (part.minimum if full else 10):
            results.add(part.name, "part", how="not begun", left=round(left, 1))
            continue
        print(f"[{time.time() - begun:5.0f} s] {part.name}: {part.what}", flush=True)
        started = time.monotonic()
        how, tail = run(part, options, env, min(left, part.maximum if full else 550))
        took = round(time.monotonic() - started, 1)
        results.add(
            part.name, "part", how=how, seconds=took, **({} if how in ("ended", "unfinished") else {"log": tail})
        )
        shutil.copyfile(options.out / "results.jsonl", options.state / "results.jsonl")
    logs = [options.state / f"{part.name}.log" for part in PARTS]
    with (options.out / "logs.txt").open("w") as file:
        for log in logs:
            if log.exists():
                file.write(f"===== {log.name}\n{log.read_text(errors='replace')[-200_000:]}\n")
    (options.out / "table.txt").write_text(show(results))
    print(f"[{time.time() - begun:5.0f} s] done")
    print(show(results))


if __name__ == "__main__":
    main()
