"""Findings, one JSON line each, written the moment they are known."""

import json
import os
import statistics
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

UNFINISHED = 75
"""The exit code of a part that had too little time: the next call goes on with it."""


class Results:
    """The findings of this call, and of those before.

    Args:
        folder: Where `results.jsonl` is; None for the folder that `measure.py` named.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._file = (folder or Path(os.environ["GPUKIT_OUT"])) / "results.jsonl"

    def lines(self) -> list[dict[str, Any]]:
        """All findings, in the order in which they were made."""
        if not self._file.exists():
            return []
        return [json.loads(line) for line in self._file.read_text().splitlines() if line.strip()]

    def read(self, files: Iterable[Path]) -> None:
        """Take over the findings of calls before, each once."""
        known = {json.dumps(line, sort_keys=True) for line in self.lines()}
        for file in files:
            for text in file.read_text().splitlines() if file.exists() else ():
                line = json.loads(text)
                if json.dumps(line, sort_keys=True) not in known:
                    known.add(json.dumps(line, sort_keys=True))
                    self._append(line)

    def add(self, part: str, item: str, **found: Any) -> None:
        """Keep a finding."""
        line = {"part": part, "item": item, "at": round(time.time(), 1), **found}
        self._append(line)
        print(
            f"    {part}: {item}: " + ", ".join(f"{name} {_brief(value)}" for name, value in found.items()), flush=True
        )

    def _append(self, line: dict[str, Any]) -> None:
        with self._file.open("a") as file:
            file.write(json.dumps(line) + "\n")
            file.flush()
            os.fsync(file.fileno())

    def has(self, part: str, item: str) -> bool:
        """Whether it was found, and no error was."""
        return any(line["part"] == part and line["item"] == item and "error" not in line for line in self.lines())

    def last(self, part: str, item: str) -> dict[str, Any]:
        """The newest finding of an item; empty where there is none."""
        found = [line for line in self.lines() if line["part"] == part and line["item"] == item]
        return found[-1] if found else {}

    def ended(self, part: str) -> bool:
        """Whether the part came to its end once."""
        return any(
            line["part"] == part and line["item"] == "part" and line.get("how") == "ended" for line in self.lines()
        )


def _brief(value: Any) -> str:
    text = (
        f"{value:.4g}"
        if isinstance(value, float)
        else json.dumps(value)
        if isinstance(value, dict | list)
        else str(value)
    )
    text = " ".join(text.split())
    return text if len(text) <= 160 else text[-160:]


def small() -> bool:
    """Whether tiny models are measured, on whatever machine."""
    return bool(os.environ.get("GPUKIT_SMALL"))


def state() -> Path:
    """The folder of what is built."""
    return Path(os.environ["GPUKIT_STATE"])


def left() -> float:
    """Seconds until this part is ended."""
    return float(os.environ.get("GPUKIT_END", "inf")) - time.time()


def clips() -> int:
    """Clips a size, after the first."""
    return int(os.environ.get("GPUKIT_CLIPS", "4"))


def sizes() -> list[tuple[int, int, int]]:
    """Width, height and frames of the clips: multiples of the model's 32 pixels beside 480x848 and 720x1280."""
    return [(64, 64, 9), (96, 64, 9)] if small() else [(832, 480, 121), (1280, 704, 121)]


def named(size: Sequence[int]) -> str:
    """A size as findings call it."""
    return "x".join(map(str, size))


def middle(values: Sequence[float]) -> float:
    """The median, to the millisecond."""
    return round(statistics.median(values), 4)
