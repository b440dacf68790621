"""Room on disks."""

import shutil
from pathlib import Path


def free_bytes(folder: Path) -> int:
    """Bytes left on the disk of a folder that may not be there yet."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return shutil.disk_usage(folder).free


def gigabytes(count: int) -> str:
    """Bytes for people: in GB (10^9), or in smaller units where there are few."""
    for unit, size in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if count >= size:
            return f"{count / size:.1f} {unit}"
    return f"{count} bytes"
