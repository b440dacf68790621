"""A `VideoGenerator` in a process of its own, as the engine sees it."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np

from ttv_dagster.engines.fastvideo.messages import Ask, Clip, Failed, Load, Loaded, Step
from ttv_dagster.engines.protocol import Frames, OnProgress, Progress

_SHUTDOWN_SECONDS = 20
"""FastVideo gives its workers 8 to end."""

_LOG_TAIL = 8192

_OUT_OF_MEMORY = ("out of memory", "outofmemory", "can't allocate memory", "cannot allocate memory", "memoryerror")


class GeneratorFailed(RuntimeError):
    """The generator failed, and is to be thrown away.

    Attributes:
        out_of_memory: It had too little memory.
    """

    def __init__(self, reason: str, detail: str, free_bytes: int | None = None) -> None:
        super().__init__(reason)
        # Where Python shows a traceback, it shows this too.
        self.add_note(detail)
        self.out_of_memory = any(words in reason.lower() for words in _OUT_OF_MEMORY)
        self.free_bytes = free_bytes


class Generator:
    """A process with a loaded generator. Whatever goes wrong with it, `close` it and make another one.

    Args:
        load: What to build it from.

    Raises:
        GeneratorFailed: It could not be built.
    """

    def __init__(self, load: Load) -> None:
        self.clips = 0
        """Clips that it has rendered."""
        self._folder = tempfile.TemporaryDirectory(prefix="ttv-fastvideo-")
        self._log = Path(self._folder.name, "log")
        ours, theirs = socket.socketpair()
        with theirs, self._log.open("ab") as log:
            self._channel = Connection(ours.detach())
            command = [sys.executable, "-m", f"{__package__}.host", str(theirs.fileno()), self._folder.name]
            self._process = subprocess.Popen(
                command,
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=_environment(),
                # An interrupt at the terminal is for this process, which then ends that one.
                start_new_session=True,
            )
        try:
            self._send(load)
            self.loaded: Loaded = self._receive()
        except BaseException:
            self.close(kill=True)
            raise

    def render(self, ask: Ask, on_progress: OnProgress) -> Clip:
        """Render a clip; `frames` then hands it over.

        Raises:
            GeneratorFailed: It was not rendered.
        """
        self._send(ask)
        while isinstance(message := self._receive(), Step):
            on_progress(Progress(message.stage, message.done, message.total))
        self.clips += 1
        clip: Clip = message
        return clip

    def frames(self, clip: Clip) -> Iterator[Frames]:
        """The frames of the clip that was rendered last, in a few pieces.

        Raises:
            GeneratorFailed: The process ended meanwhile.
        """
        left = list(clip.pieces)
        try:
            while left:
                yield self._piece(clip, left.pop(0))
        finally:
            # What nobody took would be read as the answer to the next request.
            for count in left:
                self._piece(clip, count)

    def close(self, *, kill: bool = False) -> None:
        """End the process and its workers.

        Args:
            kill: At once; else they may shut down.
        """
        if not kill:
            with suppress(OSError):
                self._channel.send(None)
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(_SHUTDOWN_SECONDS)
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._channel.close()
        self._folder.cleanup()

    def _piece(self, clip: Clip, count: int) -> Frames:
        piece = np.empty((count, clip.height, clip.width, 3), np.uint8)
        try:
            self._channel.recv_bytes_into(piece.data.cast("B"))
        except (EOFError, OSError) as error:
            raise self._ended() from error
        return piece

    def _send(self, message: Load | Ask) -> None:
        try:
            self._channel.send(message)
        except OSError as error:
            raise self._ended() from error

    def _receive(self) -> Any:
        try:
            message = self._channel.recv()
        except (EOFError, OSError) as error:
            raise self._ended() from error
        if isinstance(message, Failed):
            raise GeneratorFailed(message.reason, f"{message.trace}\n{self._log_tail()}", message.free_bytes)
        return message

    def _ended(self) -> GeneratorFailed:
        """Why the process is gone."""
        try:
            code = self._process.wait(5)
        except subprocess.TimeoutExpired:
            return GeneratorFailed("FastVideo's process does not answer", self._log_tail())
        how = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
        return GeneratorFailed(f"FastVideo's process {how}", self._log_tail())

    def _log_tail(self) -> str:
        with self._log.open("rb") as log:
            log.seek(max(0, log.seek(0, os.SEEK_END) - _LOG_TAIL))
            return "FastVideo's log ends so:\n" + log.read().decode(errors="replace")


def _environment() -> dict[str, str]:
    """The environment of the process: FastVideo downloads nothing, and is set by the installation's settings alone."""
    kept = {name: value for name, value in os.environ.items() if name != "FASTVIDEO_ATTENTION_BACKEND"}
    return {**kept, "FASTVIDEO_STAGE_LOGGING": "1", "HF_HUB_OFFLINE": "1", "PYTHONUNBUFFERED": "1"}
