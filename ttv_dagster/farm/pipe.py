"""Frames on their way from an engine to the encoder."""

import threading
from collections.abc import Iterator
from queue import Full, Queue
from typing import Any

from ttv_dagster.engines.protocol import Frames

_CHUNKS_IN_FLIGHT = 16
"""As many as let an engine go on to its next clip while this one is encoded."""


class Aborted(Exception):
    """The frames of a clip stopped coming."""


class Pipe:
    """A bounded queue of frames; either end can give up without blocking the other."""

    def __init__(self) -> None:
        self._queue: Queue[Frames | None] = Queue(maxsize=_CHUNKS_IN_FLIGHT)
        self._unread = threading.Event()
        self._aborted = threading.Event()
        self.report: dict[str, Any] = {}
        """What the engine reports of the render, once its last frame is here."""

    def put(self, chunk: Frames | None) -> bool:
        """Hand over frames, or None after the last; return False if nobody reads them anymore."""
        while not self._unread.is_set():
            try:
                self._queue.put(chunk, timeout=0.1)
            except Full:
                continue
            return True
        return False

    def abort(self) -> None:
        """Tell the reader that no more frames will come, and that what came is not a clip."""
        self._aborted.set()
        self.put(None)

    def stop_reading(self) -> None:
        """Tell the writer that nobody reads anymore."""
        self._unread.set()

    def __iter__(self) -> Iterator[Frames]:
        """Read the frames.

        Raises:
            Aborted: The writer gave up.
        """
        while (chunk := self._queue.get()) is not None:
            if self._aborted.is_set():
                raise Aborted
            yield chunk
        if self._aborted.is_set():
            raise Aborted
