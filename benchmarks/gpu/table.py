"""The findings as short tables: a clip's seconds by stage against the floor, and what each lever was worth."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.gpu.results import Results

FLOORS = Path(__file__).resolve().parent / "floors.json"
STAGES = ("text", "denoise", "decode")
WAYS = (
    ("FastVideo, saved", "bare", " saved"),
    ("FastVideo, frames", "bare", " frames"),
    ("ttv render", "pipeline", ""),
    ("ttv render, compiled", "compiled", ""),
    ("ttv render, diffusers", "peer", ""),
)
HIDDEN = ("part", "item", "at", "log", "stages", "engine", "levers", "all")


def show(results: Results) -> str:
    """The findings for people; the JSON lines have all of them."""
    kernels = {line["item"]: line for line in results.lines() if line["part"] == "kernels"}
    product = kernels.get("product bf16", {}).get("tflops")
    lines = [f"{line['gpu'] or 'no GPU'}" for line in results.lines() if line["part"] == "call"][-1:]
    lines += ["", *_clips(results, product), "", *_levers(results), "", *_kernels(kernels, product), ""]
    newest = {(line["part"], line["item"]): line for line in results.lines()}
    for (part, item), line in newest.items():
        if part == "smoke" or item in ("part", "run", "load", "made"):
            shown = {name: value for name, value in line.items() if name not in HIDDEN}
            lines.append(f"{part:9} {item:18} {json.dumps(shown)[:150]}")
    return "\n".join(lines) + "\n"


def _cell(value: Any, width: int, digits: int = 2) -> str:
    return f"{value:{width}.{digits}f}" if isinstance(value, int | float) else f"{'-':>{width}}"


def _clips(results: Results, product: float | None) -> Iterator[str]:
    floors = json.loads(FLOORS.read_text())["tflop"] if FLOORS.exists() else {}
    head = ("size", "way", "s a clip", *STAGES, "rest", "busy", "peak GB")
    yield f"{head[0]:14}{head[1]:23}" + "".join(f"{name:>9}" for name in head[2:])
    parts = {part for _, part, _ in WAYS}
    items = [line["item"].split()[0] for line in results.lines() if line["part"] in parts and "clips" in line]
    for size in dict.fromkeys(items):
        if size in floors and product:
            minimum = [floors[size][stage] / product for stage in STAGES]
            yield f"{size:14}{'work / bf16 product':23}" + "".join(
                _cell(value, 9) for value in (sum(minimum), *minimum)
            )
        saved, frames = (results.last("bare", f"{size} {how}").get("seconds") for how in ("saved", "frames"))
        base = saved or frames
        for way, part, suffix in WAYS:
            found = results.last(part, size + suffix)
            if "seconds" not in found:
                continue
            stages = found["stages"]
            values = (
                found["seconds"],
                stages.get("text"),
                stages.get("denoise", stages.get("prompt_and_denoise")),
                stages.get("decode"),
                found["seconds"] - found["gpu"],
                found.get("busy_share"),
                found.get("peak_gb"),
            )
            ratio = f"   {found['seconds'] / base:.3f} of FastVideo" if part != "bare" and base else ""
            yield f"{size:14}{way:23}" + "".join(_cell(value, 9) for value in values) + ratio


def _levers(results: Results) -> Iterator[str]:
    newest = {line["item"]: line for line in results.lines() if line["part"] == "levers"}
    for item, line in newest.items():
        if "seconds" not in line:
            yield f"{item[:90]:90} {line.get('error', '')[:80]}"
            continue
        off = line.get("off_by") if line.get("levers") else None
        same = "" if off is None else ", identical" if off == 0 else f", off by {off:.1e}"
        yield f"{item[:90]:90} {line['seconds']:7.3f} s {line.get('of_it', '')}{same}"


def _kernels(kernels: dict[str, dict[str, Any]], product: float | None) -> Iterator[str]:
    for name, line in kernels.items():
        if "tflops" in line:
            share = f" {line['tflops'] / product:5.0%}" if product else ""
            yield f"{name:58}{line['tflops']:9.1f} TFLOP/s{share}"
        elif "gb_per_s" in line:
            yield f"{name:58}{line['gb_per_s']:9.1f} GB/s"
        elif "error" in line:
            yield f"{name:58} {line['error'][:70]}"
