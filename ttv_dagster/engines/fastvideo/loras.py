"""LoRA files of the installation, named in recipes by their digest."""

import hashlib
import json
from functools import cache
from pathlib import Path

from ttv_dagster.shots.problems import TtvError


class LoraError(TtvError, ValueError):
    """A LoRA cannot be used: the message says why.

    Attributes:
        hint: What would be right.
    """

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


def find_lora(named: str, folder: str) -> Path:
    """The file of a LoRA.

    Args:
        named: ``NAME@DIGEST``.
        folder: The installation's folder of LoRA files; empty where it has none.

    Raises:
        LoraError: There is no such file, or it has another digest, or FastVideo would ignore part of it.
    """
    name, _, digest = named.partition("@")
    if not folder:
        raise LoraError("this installation has no folder of LoRA files", "name it in TTV_FASTVIDEO_LORA_FOLDER")
    path = Path(folder) / f"{name}.safetensors"
    if not path.is_file():
        there = ", ".join(sorted(found.stem for found in Path(folder).glob("*.safetensors"))) or "none"
        raise LoraError(f"there is no file {path.name} in {folder}", f"one of these: {there}")
    changed = path.stat()
    actual, ignored = _look_at(path, changed.st_mtime_ns, changed.st_size)
    if not actual.startswith(digest):
        raise LoraError(f"is {named}, and the file has another digest", f"{name}@{actual[:12]}")
    if ignored:
        raise LoraError(
            f"FastVideo would ignore these keys of {path.name}: {', '.join(ignored)}", "a LoRA without DoRA"
        )
    return path


@cache
def _look_at(path: Path, _changed: int, _size: int) -> tuple[str, list[str]]:
    """The SHA-256 of a file, and the keys in it that FastVideo drops without a word."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        file.seek(0)
        try:
            length = int.from_bytes(file.read(8), "little")
            head = json.loads(file.read(length)) if length < path.stat().st_size else None
        except ValueError:
            head = None
    if not isinstance(head, dict):
        raise LoraError(f"{path.name} is not a safetensors file", "a LoRA in the safetensors format")
    return digest, sorted(key for key in head if key.endswith(".dora_scale"))
