"""The process that runs an engine: ``python -m ttv_dagster.farm.engine_process.child PARENT SOCKET INCOMING OUTGOING``.

It has a main module of its own, so nothing of the caller's script is imported again. It ends with its parent, however
that ends, and takes along what the engine started.
"""

import ctypes
import os
import signal
import socket
import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import ExitStack
from queue import SimpleQueue
from typing import Any, cast

from ttv_dagster.engines.protocol import Engine, Frames, Inputs, KeyframeGenerator, Progress, RenderCancelled
from ttv_dagster.engines.registry import open_engine, open_keyframe_generator
from ttv_dagster.farm.engine_process.context import from_json
from ttv_dagster.farm.engine_process.ring import Ring
from ttv_dagster.farm.engine_process.wire import Array, Message, Wire, WireClosed
from ttv_dagster.shots.recipe import KeyframeRecipe, Recipe

_PR_SET_PDEATHSIG = 1


def end_with_parent(parent: int) -> None:
    """Have Linux end this process when the thread that started it ends; elsewhere, the closed socket does.

    Args:
        parent: The process that started this one.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # It ended before this line.
        os._exit(1)


class _Requests:
    """What the parent asks for, read by a thread while the engine is busy."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._waiting: SimpleQueue[tuple[Message, list[Array]]] = SimpleQueue()
        self._cancelled: set[int] = set()
        threading.Thread(target=self._listen, name="engine-requests", daemon=True).start()

    def next(self) -> tuple[Message, list[Array]]:
        """Return the next request."""
        return self._waiting.get()

    def refuse_cancelled(self, number: int) -> None:
        """Raise `RenderCancelled` if the parent no longer wants a request."""
        if number in self._cancelled:
            raise RenderCancelled

    def _listen(self) -> None:
        try:
            while True:
                message, arrays = self._wire.receive()
                if message["kind"] == "cancel":
                    self._cancelled.add(message["request"])
                else:
                    self._waiting.put((message, arrays))
        except WireClosed:
            # Nobody waits for the result any more. This process leads a group: what the engine started ends with it.
            os.killpg(0, signal.SIGKILL)


class _Host:
    def __init__(self, wire: Wire, requests: _Requests, worker: Engine | KeyframeGenerator) -> None:
        self._wire = wire
        self._requests = requests
        self._worker = worker

    def answer(self, message: Message, arrays: list[Array]) -> None:
        """Do what is asked, and say how it went."""
        number = message["request"]
        try:
            self._requests.refuse_cancelled(number)
            report = self._render(message, arrays) if message["kind"] == "render" else self._generate(message)
            self._wire.send({"kind": "done", "request": number, "report": report})
        except RenderCancelled:
            self._wire.send({"kind": "cancelled", "request": number})
        except WireClosed:
            raise
        except BaseException as error:
            failure = {"type": type(error).__name__, "text": str(error), "trace": traceback.format_exc()}
            self._wire.send({"kind": "failed", "request": number, **failure})

    def _render(self, message: Message, arrays: list[Array]) -> dict[str, Any]:
        number = message["request"]
        inputs = Inputs(**dict(zip(message["inputs"], arrays, strict=True)))

        def on_progress(progress: Progress) -> None:
            self._requests.refuse_cancelled(number)
            step = {"stage": progress.stage, "done": progress.done, "total": progress.total}
            preview = [] if progress.preview is None else [progress.preview]
            self._wire.send({"kind": "progress", "request": number, **step}, preview)

        frames: Iterator[Frames] = cast(Engine, self._worker).render(
            Recipe.from_json(message["recipe"]),
            inputs,
            on_progress,
        )
        with ExitStack() as opened:
            if hasattr(frames, "close"):
                opened.callback(frames.close)
            for chunk in frames:
                self._requests.refuse_cancelled(number)
                self._wire.send({"kind": "frames", "request": number}, [chunk])
        return cast(Engine, self._worker).report()

    def _generate(self, message: Message) -> dict[str, Any]:
        for image in cast(KeyframeGenerator, self._worker).generate([KeyframeRecipe(**message["recipe"])]):
            self._wire.send({"kind": "frames", "request": message["request"]}, [image])
        return {}


def main() -> None:
    """Answer requests, one after another, until the parent closes the engine or is gone."""
    parent, descriptor, incoming, outgoing = map(int, sys.argv[1:])
    end_with_parent(parent)
    for each in (descriptor, incoming, outgoing):
        os.set_inheritable(each, False)
    wire = Wire(socket.socket(fileno=descriptor), outgoing=Ring(outgoing), incoming=Ring(incoming))
    requests = _Requests(wire)
    opening, _ = requests.next()
    open_worker = open_engine if opening["kind"] == "engine" else open_keyframe_generator
    worker = open_worker(opening["name"], from_json(opening["context"]))
    host = _Host(wire, requests, worker)
    while (request := requests.next())[0]["kind"] != "close":
        host.answer(*request)
    worker.close()


if __name__ == "__main__":
    main()
