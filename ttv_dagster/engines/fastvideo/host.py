"""The process that holds a `VideoGenerator`: ``python -m ttv_dagster.engines.fastvideo.host FD FOLDER``.

It is a process of ours between the engine and FastVideo's workers, since FastVideo does to its caller what no run of
Dagster survives or should see: a worker that fails sends its parent SIGQUIT; workers import the caller's main module
again; everything is logged to stdout; memory grows with every clip. Here the parent is a process that ignores SIGQUIT,
has a main module of its own and writes to a log file; and it can be thrown away as a whole, at any moment, from any
thread. The engine's own process never imports torch.
"""

import logging
import multiprocessing
import os
import re
import shutil
import signal
import sys
import threading
import time
import traceback
from multiprocessing.connection import Connection
from pathlib import Path
from queue import Queue
from typing import Any

from ttv_dagster.engines.fastvideo.memory import choose_offload, loaded_bytes
from ttv_dagster.engines.fastvideo.messages import Ask, Clip, Failed, Load, Loaded, Step
from ttv_dagster.engines.fastvideo.worker import prepare

PIECES = 4
"""A clip goes over in so many: the first is encoded while the next is on its way."""

_STAGES = {"prompt_encoding_stage": "text", "denoising_stage": "denoise", "decoding_stage": "decode"}
_STAGE_DONE = re.compile(r"^\[(\w+)\|\w+\] Execution completed")
_WORKER_FAILED = re.compile(r"^Worker \d+ hit an exception: ")


class _Ears:
    """Hears what FastVideo's workers log: their steps, and why they failed."""

    def __init__(self, channel: Connection) -> None:
        self.queue: Any = multiprocessing.get_context("spawn").Queue()
        self._channel = channel
        self._lock = threading.Lock()
        self._rendering = False
        self._trace = ""
        self._failed = threading.Event()
        threading.Thread(target=self._listen, daemon=True).start()

    def begin(self) -> None:
        """From now on, steps are told."""
        with self._lock:
            self._rendering = True

    def end(self) -> None:
        """From now on they are not: other messages follow."""
        with self._lock:
            self._rendering = False

    def trace(self, seconds: float) -> str:
        """The traceback of the worker that failed; empty where none came in time."""
        self._failed.wait(seconds)
        return self._trace

    def _listen(self) -> None:
        while True:
            record: logging.LogRecord = self.queue.get()
            text = record.getMessage()
            if _WORKER_FAILED.match(text):
                self._trace = _WORKER_FAILED.sub("", text)
                self._failed.set()
            step = getattr(record, "ttv_step", None)
            done = _STAGE_DONE.match(text)
            if step is not None:
                self._tell(Step("denoise", *step))
            elif done and _STAGES.get(done[1]) == "text":
                self._tell(Step("text", 1, 1))

    def _tell(self, step: Step) -> None:
        with self._lock:
            if self._rendering:
                self._channel.send(step)


def _reason(trace: str) -> str:
    """The line of a traceback that says what happened."""
    lines = [line for line in trace.strip().splitlines() if line and not line[0].isspace()]
    return lines[-1] if lines else ""


def _free_bytes() -> int:
    import psutil
    import torch

    if torch.cuda.is_available():
        free: int = torch.cuda.mem_get_info(0)[0]
        return free
    available: int = psutil.virtual_memory().available
    return available


class _Host:
    def __init__(self, channel: Connection, folder: Path) -> None:
        self._channel = channel
        self._folder = folder
        self._ears = _Ears(channel)
        self._generator: Any = None

    def load(self, load: Load) -> None:
        """Build the generator."""
        import psutil
        import torch

        began = time.perf_counter()
        gpus = torch.cuda.device_count()
        gpu, gpu_bytes = "none", 0
        if gpus:
            if load.num_gpus > gpus:
                raise ValueError(f"{load.num_gpus} GPUs are asked for (TTV_FASTVIDEO_NUM_GPUS), and there are {gpus}")
            properties = torch.cuda.get_device_properties(0)
            gpu, gpu_bytes = properties.name, properties.total_memory
        loaded = loaded_bytes(Path(load.snapshot), load.precision)
        offload = load.offload if gpu_bytes else "none"
        if offload == "auto":
            offload = choose_offload(loaded, gpu_bytes)

        from fastvideo import VideoGenerator

        # FastVideo looks its configuration up by the last part of the path, and that of a snapshot is a commit.
        model = self._folder / load.name
        model.symlink_to(load.snapshot, target_is_directory=True)
        leaves = offload != "none"
        roomy = psutil.virtual_memory().available > 2 * sum(loaded.values())
        config = {
            "model_path": str(model),
            "engine": {
                "num_gpus": load.num_gpus,
                "execution_backend": load.executor,
                "offload": {
                    "dit": False,
                    "dit_layerwise": offload == "sequential",
                    "text_encoder": leaves,
                    "image_encoder": leaves,
                    "vae": leaves,
                    "pin_cpu_memory": bool(gpu_bytes) and roomy,
                },
                "compile": {"enabled": load.compile},
            },
            "pipeline": {
                "components": {"lora_path": load.lora, "lora_strength": load.lora_strength},
                "vae_tiling": load.tiled,
                "experimental": {"precision": load.precision, "attention_backend": load.attention or None},
            },
        }
        self._generator = VideoGenerator.from_config(
            config, log_queue=self._ears.queue if load.executor == "mp" else None
        )
        found = self._generator.executor.collective_rpc(prepare)[0]
        seconds = time.perf_counter() - began
        self._channel.send(Loaded(gpu, gpu_bytes, offload, found["attention"], found["idle_lora_keys"], seconds))

    def render(self, ask: Ask) -> None:
        """Render a clip, and hand it over."""
        import numpy as np
        from PIL import Image

        sampling: dict[str, Any] = {
            "seed": ask.seed,
            "width": ask.width,
            "height": ask.height,
            "num_frames": ask.num_frames,
        }
        if ask.steps is not None:
            sampling["num_inference_steps"] = ask.steps
        if ask.guidance is not None:
            sampling["guidance_scale"] = ask.guidance
        request: dict[str, Any] = {
            "prompt": ask.prompt,
            "negative_prompt": ask.negative_prompt,
            "sampling": sampling,
            # The folder is made, and nothing is put into it.
            "output": {"save_video": False, "return_frames": True, "output_path": str(self._folder / "outputs")},
        }
        if ask.image is not None:
            request["inputs"] = {"pil_image": Image.fromarray(ask.image)}
        self._ears.begin()
        try:
            result = self._generator.generate(request)
        finally:
            self._ears.end()
        frames = result.frames
        height, width = frames[0].shape[:2]
        stages = result.logging_info.stages if result.logging_info is not None else {}
        each = -(-len(frames) // PIECES)
        pieces = [frames[start : start + each] for start in range(0, len(frames), each)]
        self._channel.send(
            Clip(
                pieces=[len(piece) for piece in pieces],
                width=width,
                height=height,
                stages={
                    _STAGES[name]: round(timing["execution_time"], 3)
                    for name, timing in stages.items()
                    if name in _STAGES
                },
                peak_bytes=int((result.peak_memory_mb or 0) * 2**20),
            )
        )
        for piece in pieces:
            self._channel.send_bytes(np.stack(piece).data.cast("B"))

    def failed(self, error: BaseException) -> Failed:
        """What to say of a failure: the worker's own words where there are any."""
        trace = "".join(traceback.format_exception(error))
        said = self._ears.trace(5 if "Forward execution thread failed" in trace else 0)
        reason = _reason(said) or _reason(trace)
        if not said and self._generator is not None:
            reason = self._ended() or reason
        return Failed(reason, said or trace, _free_bytes())

    def _ended(self) -> str:
        """How a worker ended that said nothing."""
        for worker in getattr(self._generator.executor, "workers", []):
            process = getattr(worker, "proc", None)
            if process is None:
                continue
            process.join(5)
            if process.exitcode is not None and process.exitcode < 0:
                return f"a worker of FastVideo was ended by {signal.Signals(-process.exitcode).name}"
        return ""

    def shut_down(self) -> None:
        """End the workers."""
        if self._generator is not None:
            self._generator.shutdown()


def main() -> None:
    """Do what comes through the socket, one thing after the other, until the engine says None or is gone."""
    signal.signal(signal.SIGQUIT, signal.SIG_IGN)
    descriptor, folder = int(sys.argv[1]), Path(sys.argv[2])
    os.set_inheritable(descriptor, False)
    channel = Connection(descriptor)
    asked: Queue[Load | Ask | None] = Queue()

    def listen() -> None:
        while True:
            try:
                asked.put(channel.recv())
            except (EOFError, OSError):
                # The engine's process is gone, however it ended (with a reset where it left something unread): nobody
                # waits for what is done here.
                for process in multiprocessing.active_children():
                    process.kill()
                shutil.rmtree(folder, ignore_errors=True)
                os._exit(1)

    threading.Thread(target=listen, daemon=True).start()
    host = _Host(channel, folder)
    while (message := asked.get()) is not None:
        try:
            if isinstance(message, Load):
                host.load(message)
            else:
                host.render(message)
        except BaseException as error:
            channel.send(host.failed(error))
    host.shut_down()


if __name__ == "__main__":
    main()
