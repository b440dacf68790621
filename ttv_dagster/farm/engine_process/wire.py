"""Messages between an engine's process and its parent: JSON over a socket, and arrays through shared memory."""

import json
import queue
import socket
import struct
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ttv_dagster.farm.engine_process.ring import SLOT_BYTES, Ring

_LENGTH = struct.Struct("!I")
_CHECK_SECONDS = 0.5

Message = dict[str, Any]
Array = NDArray[Any]
Check = Callable[[], None]


class WireClosed(ConnectionError):
    """The other side is gone."""


class Wire:
    """One end of a connection.

    An array is sent in pieces, each through a slot of the ring; the receiver frees a slot as soon as it has copied the
    piece. A thread reads the socket at all times, so that short messages never wait for a reader.

    Args:
        connection: The socket; the wire owns it.
        outgoing: The ring that this end fills; the wire owns it.
        incoming: The ring that this end empties; the wire owns it.
    """

    def __init__(self, connection: socket.socket, *, outgoing: Ring, incoming: Ring) -> None:
        self._socket = connection
        self._outgoing, self._incoming = outgoing, incoming
        self._free = threading.Semaphore(outgoing.slots)
        self._filled = 0
        self._emptied = 0
        self._arrived: queue.SimpleQueue[Message | None] = queue.SimpleQueue()
        self._socket_lock = threading.Lock()
        self._message_lock = threading.Lock()
        self._reader = threading.Thread(target=self._read, name="engine-wire", daemon=True)
        self._reader.start()

    def send(self, message: Message, arrays: Sequence[Array] = (), *, check: Check = lambda: None) -> None:
        """Send a message.

        Args:
            message: JSON values.
            arrays: What goes with it.
            check: Called while the receiver has no free slot; what it raises ends the wait, and the wire with it.

        Raises:
            WireClosed: The other side is gone.
        """
        described = [[array.dtype.str, list(array.shape)] for array in arrays]
        with self._message_lock:
            self._put({**message, "arrays": described})
            for array in arrays:
                content = np.ascontiguousarray(array).data.cast("B")
                for start in range(0, len(content), SLOT_BYTES):
                    piece = content[start : start + SLOT_BYTES]
                    while not self._free.acquire(timeout=_CHECK_SECONDS):
                        check()
                    self._outgoing.slot(self._filled)[: len(piece)] = piece
                    self._filled += 1
                    self._put({"piece": len(piece)})

    def receive(self, *, check: Check = lambda: None) -> tuple[Message, list[Array]]:
        """Return the next message and its arrays. One thread alone may call this.

        Args:
            check: Called while nothing comes; what it raises ends the wait.

        Raises:
            WireClosed: The other side is gone, and everything it sent was received.
        """
        message = self._next(check)
        arrays = []
        for dtype, shape in message.pop("arrays"):
            array = np.empty(shape, np.dtype(dtype))
            content = array.reshape(-1).view(np.uint8).data
            start = 0
            while start < len(content):
                length = self._next(check)["piece"]
                content[start : start + length] = self._incoming.slot(self._emptied)[:length]
                self._emptied += 1
                start += length
                with suppress(WireClosed):  # The rest of what it sent may be here already.
                    self._put({"freed": True})
            arrays.append(array)
        return message, arrays

    def close(self) -> None:
        """Close the connection and give the shared memory back."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._reader.join()
        self._socket.close()
        self._outgoing.close()
        self._incoming.close()

    def _put(self, message: Message) -> None:
        content = json.dumps(message).encode()
        try:
            with self._socket_lock:
                self._socket.sendall(_LENGTH.pack(len(content)) + content)
        except OSError as error:
            raise WireClosed(str(error)) from error

    def _next(self, check: Check) -> Message:
        while True:
            try:
                message = self._arrived.get(timeout=_CHECK_SECONDS)
            except queue.Empty:
                check()
                continue
            if message is None:
                self._arrived.put(None)
                raise WireClosed("the other side is gone")
            return message

    def _read(self) -> None:
        try:
            with self._socket.makefile("rb") as stream:
                while len(head := stream.read(_LENGTH.size)) == _LENGTH.size:
                    message = json.loads(stream.read(_LENGTH.unpack(head)[0]))
                    if "freed" in message:
                        self._free.release()
                    else:
                        self._arrived.put(message)
        except (OSError, ValueError):
            pass  # A reset, or half a message: the other side is gone.
        finally:
            self._arrived.put(None)
