"""Whether FastVideo works on this machine: a tiny clip with a tiny model, and what is wrong if that fails."""

import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from ttv_dagster.diagnostics import gpus as gpus
from ttv_dagster.engines.fastvideo.engine import FASTVIDEO
from ttv_dagster.engines.fastvideo.generator import Generator
from ttv_dagster.engines.fastvideo.messages import Ask, Load
from ttv_dagster.settings import FastVideoOptions
from ttv_dagster.weights.random_wan import RandomWan, build_random_wan

_WIDTH, _HEIGHT, _FRAMES = 64, 64, 5


@dataclass(frozen=True, slots=True)
class Cause:
    """A known cause.

    Attributes:
        name: What is wrong.
        fix: What to do.
        signs: Regular expressions; one of them is found in what FastVideo, torch or the kernel say.
    """

    name: str
    fix: str
    signs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was tried.

    Attributes:
        name: What.
        seconds: How long it took.
        found: What came of it.
    """

    name: str
    seconds: float
    found: str


@dataclass(frozen=True, slots=True)
class Failure:
    """Why the self-test failed.

    Attributes:
        step: What was being tried.
        error: What was said, in one line.
        cause: Which of the known causes it is; None for another one.
        fix: What to do.
        detail: Everything that was said.
    """

    step: str
    error: str
    cause: str | None
    fix: str
    detail: str


CAUSES = (
    Cause(
        "FastVideo is not installed",
        "pip install 'ttv-dagster[gpu]' (Linux, Python 3.12)",
        (r"FastVideo is not installed", r"No module named '(fastvideo|torch|diffusers|transformers)"),
    ),
    Cause(
        "NumPy 2 or later",
        'pip install "numpy<2"',
        (r"compiled using NumPy 1\.x cannot be run in NumPy 2", r"_ARRAY_API not found", r"NumPy \d+ is installed"),
    ),
    Cause(
        "the main module of the caller has no spawn guard",
        'put what the script does below: if __name__ == "__main__":',
        (r"before the current process has finished its bootstrapping phase",),
    ),
    Cause(
        "shared memory is too small: /dev/shm",
        "in a container: --shm-size=8g (compose: shm_size: 8g); else: mount -o remount,size=8g /dev/shm",
        (
            r"SIGBUS",
            r"[Bb]us error",
            r"unable to (write to|open|allocate|mmap|resize).{0,40}(/torch_|shared memory|shm)",
            r"No space left on device.{0,80}shm|shm.{0,80}No space left on device",
            r"_multiprocessing\.SemLock[\s\S]{0,200}(No space left|Permission denied)",
        ),
    ),
    Cause(
        "this machine lets no more processes start",
        "raise the limit of processes: ulimit -u, the container's pids limit, or its security profile",
        (
            r"BlockingIOError.{0,40}Resource temporarily unavailable",
            r"can't start new thread",
            r"PermissionError.{0,40}Operation not permitted",
            r"pthread_create failed",
            r"fork: .*(retry|unavailable|not permitted)",
        ),
    ),
    Cause(
        "the driver is too old for this torch",
        "update the NVIDIA driver, or install a torch that is built for its CUDA version",
        (
            r"NVIDIA driver on your system is too old",
            r"CUDA driver version is insufficient",
            r"forward compatibility was attempted on non supported HW",
            r"CUDA_ERROR_SYSTEM_DRIVER_MISMATCH",
        ),
    ),
    Cause(
        "this torch, or a kernel of FastVideo, has no code for this GPU",
        gpus.FIX,
        (
            r"no kernel image is available",
            r"is not compatible with the current PyTorch installation",
            r"CUDA_ERROR_NO_BINARY_FOR_GPU",
            r"invalid device function",
        ),
    ),
    Cause(
        "too little memory",
        "free it: nvidia-smi names the processes that hold it",
        (r"out of memory", r"can't allocate memory", r"ended by SIGKILL"),
    ),
    Cause(
        "there is no GPU that torch can use",
        "FastVideo needs an NVIDIA GPU here: look at nvidia-smi, and start a container with --gpus all",
        (
            r"No CUDA GPUs are available",
            r"Found no NVIDIA driver",
            r"Torch not compiled with CUDA enabled",
            r"Invalid attention backend for CPU",
            r"CUDA is not available",
            r"Cannot find .{0,20}attention backend",
            r"PyTorch is not linked with support for (mps|cuda) devices",
        ),
    ),
)
"""In the order in which they are looked for: what comes later may be the consequence of what comes before."""


def diagnose(said: str) -> Cause | None:
    """The known cause of a failure.

    Args:
        said: Everything that was said: the error, tracebacks, the end of FastVideo's log.
    """
    return next((cause for cause in CAUSES if any(re.search(sign, said) for sign in cause.signs)), None)


def run(options: FastVideoOptions) -> Iterator[Step | Failure]:
    """Try one thing after the other.

    Args:
        options: How FastVideo runs in this installation.

    Yields:
        Each step that went well; a failure ends it.
    """
    began = time.perf_counter()
    tried = "look at the packages"

    def done(found: str) -> Step:
        nonlocal began
        now = time.perf_counter()
        step, began = Step(tried, round(now - began, 3), found), now
        return step

    try:
        yield done(_packages())
        tried = "start a process"
        subprocess.run([sys.executable, "-c", ""], check=True)
        yield done("it started")
        with tempfile.TemporaryDirectory(prefix="ttv-selftest-") as folder:
            tried = "make a tiny model"
            model = Path(folder, "model")
            build_random_wan(model, RandomWan())
            size = sum(path.stat().st_size for path in model.rglob("*") if path.is_file())
            yield done(f"{size / 1e6:.1f} MB of random weights")
            tried = "start FastVideo and its workers, and load the model"
            generator = Generator(_load(model, options))
            try:
                loaded = generator.loaded
                yield done(f"GPU: {loaded.gpu}, attention: {', '.join(loaded.attention)}")
                tried = "render a tiny clip"
                clip = generator.render(_ask(), lambda _: None)
                frames = sum(len(piece) for piece in generator.frames(clip))
                came, asked = (clip.width, clip.height, frames), (_WIDTH, _HEIGHT, _FRAMES)
                if came != asked:
                    raise RuntimeError(f"width, height and frames are {came}, and {asked} were asked for")
                yield done(f"{_FRAMES} frames of {_WIDTH}x{_HEIGHT}")
                tried = "end FastVideo and its workers"
            finally:
                generator.close()
            yield done("they ended")
    except Exception as error:
        yield _failure(tried, error)


def _packages() -> str:
    try:
        found = {name: version(name) for name in ("fastvideo", "torch", "diffusers", "transformers", "numpy")}
    except PackageNotFoundError as error:
        raise RuntimeError(f"FastVideo is not installed here, or only in part: {error.name} is missing") from error
    if int(found["numpy"].partition(".")[0]) >= 2:
        raise RuntimeError(f"NumPy {found['numpy'].partition('.')[0]} is installed")
    if found["fastvideo"] != FASTVIDEO:
        raise RuntimeError(f"FastVideo is not installed in the version {FASTVIDEO}, but in {found['fastvideo']}")
    return ", ".join(f"{name} {number}" for name, number in found.items())


def _load(model: Path, options: FastVideoOptions) -> Load:
    return Load(
        snapshot=str(model),
        name="Wan2.2-TI2V-5B-Diffusers",
        num_gpus=options.num_gpus,
        executor=options.executor,
        attention=options.attention,
        offload="none",
        tiled=False,
        compile=options.compile,
        precision=options.precision,
        lora=None,
        lora_strength=1.0,
    )


def _ask() -> Ask:
    return Ask(
        prompt="a lighthouse",
        negative_prompt="",
        seed=0,
        width=_WIDTH,
        height=_HEIGHT,
        num_frames=_FRAMES,
        steps=2,
        guidance=5.0,
    )


def _failure(step: str, error: Exception) -> Failure:
    notes = "\n".join(getattr(error, "__notes__", []))
    said = f"{type(error).__name__}: {error}"
    cause = diagnose(f"{said}\n{notes}")
    fix = cause.fix if cause else "read the end of FastVideo's log, with --json: failure.detail"
    if cause is not None and "no code for this GPU" in cause.name:
        fix = f"{gpus.describe()}; {fix}"
    return Failure(step, " ".join(said.split()), cause.name if cause else None, fix, f"{said}\n{notes}")
