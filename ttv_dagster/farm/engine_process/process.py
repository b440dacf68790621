"""An engine in a child process, as its parent sees it."""

import fcntl
import os
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any, Literal

from ttv_dagster.engines.deployment import Deployment
from ttv_dagster.engines.protocol import Frame, Frames, Inputs, OnProgress, Progress
from ttv_dagster.farm.engine_process.context import to_json
from ttv_dagster.farm.engine_process.errors import EngineFailed, how_it_ended
from ttv_dagster.farm.engine_process.ring import SLOT_BYTES, Ring
from ttv_dagster.farm.engine_process.wire import Array, Message, Wire, WireClosed
from ttv_dagster.shots.recipe import KeyframeRecipe, Recipe

FRAME_SLOTS = 8
IMAGE_SLOTS = 2

SEND_SECONDS = 60
"""How long a request may take to be handed over."""

CANCEL_SECONDS = 15
"""How long an engine may take to stop a render; then its process is killed, and the next render loads again."""

CLOSE_SECONDS = 20
"""How long an engine may take to free what it loaded."""

_LOG_TAIL = 8192
_LOG_LIMIT = 4 << 20


@cache
def _starter() -> ThreadPoolExecutor:
    """The thread that starts children. Linux ends a child with the *thread* that started it, so this one stays."""
    return ThreadPoolExecutor(max_workers=1, thread_name_prefix="engine-starter")


class _Child:
    """A running child process."""

    def __init__(self, kind: str, name: str, deployment: Deployment) -> None:
        self._name = name
        needed = (FRAME_SLOTS + IMAGE_SLOTS) * SLOT_BYTES
        try:
            frames, images = Ring.create(FRAME_SLOTS), Ring.create(IMAGE_SLOTS)
        except OSError as error:
            raise EngineFailed(
                f"{needed >> 20} MiB of shared memory for the frames of {name} cannot be had: {error.strerror}"
            ) from error
        ours, theirs = socket.socketpair()
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", SEND_SECONDS, 0))
        self._log = tempfile.TemporaryFile()  # noqa: SIM115
        fcntl.fcntl(self._log, fcntl.F_SETFL, fcntl.fcntl(self._log, fcntl.F_GETFL) | os.O_APPEND)
        passed = [theirs.fileno(), images.descriptor, frames.descriptor]
        with theirs:
            self._process: subprocess.Popen[bytes] = (
                _starter()
                .submit(
                    subprocess.Popen,
                    # -P: no module of the working folder stands in for one of Python's.
                    [sys.executable, "-P", "-m", f"{__package__}.child", *map(str, [os.getpid(), *passed])],
                    pass_fds=passed,
                    stdin=subprocess.DEVNULL,
                    stdout=self._log,
                    stderr=subprocess.STDOUT,
                    env={**os.environ, "HF_HUB_OFFLINE": "1", "PYTHONUNBUFFERED": "1"},
                    # An interrupt from the terminal is for this process, which then ends that one.
                    start_new_session=True,
                )
                .result()
            )
        self._wire = Wire(ours, outgoing=images, incoming=frames)
        self.send({"kind": kind, "name": name, "context": to_json(deployment)})

    def send(self, message: Message, arrays: Sequence[Array] = ()) -> None:
        """Send a message; it takes `SEND_SECONDS` at most."""
        until = time.monotonic() + SEND_SECONDS

        def check() -> None:
            if self._process.poll() is not None or time.monotonic() > until:
                raise WireClosed

        try:
            self._wire.send(message, arrays, check=check)
        except WireClosed as error:
            raise self._ended() from error

    def receive(self, until: float | None = None) -> tuple[Message, list[Array]]:
        """Return the next message.

        Args:
            until: The monotonic time at which to stop waiting; None for never, as long as the process lives.

        Raises:
            EngineFailed: The process ended.
            TimeoutError: Nothing came in time.
        """

        def check() -> None:
            if self._process.poll() is not None:
                raise WireClosed
            if until is not None and time.monotonic() > until:
                raise TimeoutError

        try:
            return self._wire.receive(check=check)
        except WireClosed as error:
            raise self._ended() from error

    def log_tail(self) -> str:
        """Return the end of what the child printed."""
        size = os.fstat(self._log.fileno()).st_size
        text = os.pread(self._log.fileno(), _LOG_TAIL, max(0, size - _LOG_TAIL)).decode(errors="replace")
        return f"The last lines that {self._name} printed:\n{text}" if text else ""

    def trim_log(self) -> None:
        """Start the log again if it has become long."""
        if os.fstat(self._log.fileno()).st_size > _LOG_LIMIT:
            os.ftruncate(self._log.fileno(), 0)

    def is_alive(self) -> bool:
        """Return whether it still runs."""
        return self._process.poll() is None

    def kill(self) -> None:
        """End the child and everything that it started, at once; what it sent can still be received."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)

    def close(self, *, kill: bool) -> None:
        """End the child and everything that it started.

        Args:
            kill: At once; otherwise it may free what it loaded.
        """
        if not kill:
            with suppress(EngineFailed, subprocess.TimeoutExpired):
                self.send({"kind": "close"})
                self._process.wait(CLOSE_SECONDS)
        self.kill()
        self._process.wait()
        self._wire.close()
        self._log.close()

    def _ended(self) -> EngineFailed:
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(5)
        return EngineFailed(f"the process of {self._name} {how_it_ended(self._process.poll())}", detail=self.log_tail())


@dataclass(frozen=True, slots=True)
class _Request:
    """A request that the child may have been given already."""

    number: int
    key: str
    child: _Child


class EngineProcess:
    """Runs one engine, or one keyframe generator, in a child process.

    The child is started at the first request. If it ends, that request fails and the next one starts another child.
    One caller at a time.

    Args:
        kind: Which of the two.
        name: Its name in the registry.
        deployment: What it may know of the installation.
    """

    def __init__(self, kind: Literal["engine", "keyframe_generator"], name: str, deployment: Deployment) -> None:
        self._kind = kind
        self._name = name
        self._deployment = deployment
        self._child: _Child | None = None
        self._ahead: _Request | None = None
        self._requests = 0
        self._busy = False
        self._report: dict[str, Any] = {}

    def prepare(self, recipe: Recipe, inputs: Inputs) -> None:
        """Hand over the render that comes next: the child begins it as soon as it is done with the current one."""
        child = self._child
        try:
            self._ahead = self._ask_render(recipe, inputs)
        except EngineFailed:
            # The current render finds out what happened; this one is asked for again when it is due.
            if child is not None:
                child.kill()

    def render(self, recipe: Recipe, inputs: Inputs, on_progress: OnProgress) -> Generator[Frames, None, None]:
        """Render the recipe, as `Engine.render` says.

        Raises:
            EngineFailed: The engine failed, or its process ended.
        """
        ahead, self._ahead = self._ahead, None
        if ahead is not None and ahead.child is not self._child:
            ahead = None  # That child is gone, and the request with it.
        if ahead is not None and ahead.key != recipe.key():
            self._cancel(ahead)
            ahead = None
        request = ahead or self._ask_render(recipe, inputs)
        return self._answers(request, on_progress)

    def generate(self, recipes: Sequence[KeyframeRecipe]) -> Iterator[Frame]:
        """Generate keyframes, as `KeyframeGenerator.generate` says.

        Raises:
            EngineFailed: The generator failed, or its process ended.
        """
        for recipe in recipes:
            request = self._ask(recipe.key(), {"kind": "generate", "recipe": asdict(recipe)})
            (image,) = self._answers(request, lambda _progress: None)
            yield image

    def report(self) -> dict[str, Any]:
        """Return what the machine did for the last render, as `Engine.report` says."""
        return dict(self._report)

    def close(self) -> None:
        """End the child."""
        if self._ahead is not None and self._ahead.child is self._child:
            self._cancel(self._ahead)
        self._ahead = None
        self._drop(kill=False)

    def _ask_render(self, recipe: Recipe, inputs: Inputs) -> _Request:
        images = {"first_frame": inputs.first_frame, "last_frame": inputs.last_frame}
        given = {name: image for name, image in images.items() if image is not None}
        message = {"kind": "render", "recipe": recipe.canonical(), "inputs": list(given)}
        return self._ask(recipe.key(), message, list(given.values()))

    def _ask(self, key: str, message: Message, arrays: Sequence[Array] = ()) -> _Request:
        self._requests += 1
        if self._child is not None and not self._busy and not self._child.is_alive():
            self._drop(kill=True)
        if self._child is None:
            self._child = _Child(self._kind, self._name, self._deployment)
        try:
            self._child.trim_log()
            self._child.send({**message, "request": self._requests}, arrays)
        except BaseException:
            if not self._busy:
                self._drop(kill=True)  # It may have half a request.
            raise
        return _Request(self._requests, key, self._child)

    def _answers(self, request: _Request, on_progress: OnProgress) -> Generator[Frames, None, None]:
        answered, self._busy = False, True
        try:
            while True:
                message, arrays = self._received(request)
                kind = message["kind"]
                answered = kind in ("done", "failed", "cancelled")
                if kind == "progress":
                    step = (message["stage"], message["done"], message["total"])
                    on_progress(Progress(*step, preview=arrays[0] if arrays else None))
                elif kind == "frames":
                    yield arrays[0]
                elif kind == "failed":
                    detail = f"{message['trace']}\n{request.child.log_tail()}"
                    raise EngineFailed(message["text"], kind=message["type"], detail=detail)
                else:
                    self._report = message.get("report", {})
                    return
        finally:
            self._busy = False
            if not answered:
                self._cancel(request)

    def _received(self, request: _Request) -> tuple[Message, list[Array]]:
        try:
            return request.child.receive()
        except BaseException:
            self._drop(kill=True)  # It is gone; or this was interrupted, perhaps in the middle of a frame.
            raise

    def _cancel(self, request: _Request) -> None:
        """Stop a render that is no longer wanted; kill the child if it does not stop in time."""
        if request.child is not self._child:
            return
        until = time.monotonic() + CANCEL_SECONDS
        try:
            request.child.send({"kind": "cancel", "request": request.number})
            while True:
                message, _ = request.child.receive(until)
                if message["request"] == request.number and message["kind"] in ("done", "failed", "cancelled"):
                    return
                if time.monotonic() > until:
                    raise TimeoutError
        except (EngineFailed, TimeoutError):
            self._drop(kill=True)

    def _drop(self, *, kill: bool) -> None:
        child, self._child = self._child, None
        if child is not None:
            child.close(kill=kill)
