"""Room on disks."""

import shutil
from pathlib import Path


def free_bytes(folder: Path) -> int:
    """Return the bytes left on the disk of a folder that may not exist yet."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return shutil.disk_usage(folder).free


def gigabytes(count: int) -> str:
    """Format bytes for people: in GB (10^9), or in smaller units if there are few."""
    for unit, size in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if count >= size:
            return f"{count / size:.1f} {unit}"
    return f"{count} bytes"
