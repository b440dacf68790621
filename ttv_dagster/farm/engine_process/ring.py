"""A ring of shared memory without a name: it is gone with the last process that has it open, however that ends."""

import mmap
import os
import tempfile
from typing import Self

SLOT_BYTES = 8 << 20


class Ring:
    """Slots of shared memory that one process fills in turn and another empties in turn.

    Args:
        descriptor: The open file behind it; the ring owns it.
    """

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        size = os.fstat(descriptor).st_size
        self.slots = size // SLOT_BYTES
        self._memory = mmap.mmap(descriptor, size)
        self._view = memoryview(self._memory)

    @classmethod
    def create(cls, slots: int) -> Self:
        """Reserve the memory of a new ring.

        Raises:
            OSError: There is not that much memory.
        """
        descriptor = _open_unnamed()
        try:
            if hasattr(os, "posix_fallocate"):
                # Without this, memory that is not there ends the process in the middle of a frame, by SIGBUS.
                os.posix_fallocate(descriptor, 0, slots * SLOT_BYTES)
            else:
                os.ftruncate(descriptor, slots * SLOT_BYTES)
            return cls(descriptor)
        except BaseException:
            os.close(descriptor)
            raise

    def slot(self, number: int) -> memoryview:
        """Return the memory of a slot, `SLOT_BYTES` bytes; numbers go on counting past the last slot."""
        start = number % self.slots * SLOT_BYTES
        return self._view[start : start + SLOT_BYTES]

    def close(self) -> None:
        """Give the memory back, once no slot is in use here."""
        self._view.release()
        self._memory.close()
        os.close(self.descriptor)


def _open_unnamed() -> int:
    if hasattr(os, "memfd_create"):
        return os.memfd_create("ttv-engine", os.MFD_CLOEXEC)
    with tempfile.TemporaryFile() as file:
        return os.dup(file.fileno())
