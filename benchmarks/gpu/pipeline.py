"""The same clips by `ttv render`: engine, farm, encoder and inspect overlapped, in a run of Dagster."""

import shutil
import sys
from typing import Any

from benchmarks.gpu import weights
from benchmarks.gpu.rendering import records, render, steady
from benchmarks.gpu.results import UNFINISHED, Results, clips, named, sizes, state

PROMPTS = (
    "A lighthouse on a cliff in a storm at night, waves breaking over the rocks, the beam sweeping through the rain",
    "Aerial shot over a harbour at dusk, warm windows coming on one after another, boats returning",
    "The camera pushes in on a small red boat drifting on a still lake in morning fog",
    "Slow zoom out from an old captain at the wheel, rain on the glass, instruments glowing green",
    "A fox walks through deep snow between birches, breath steaming, soft winter light",
)
"""Every clip has another one, so that nothing is remembered of the one before."""


def document(part: str, **fields: Any) -> dict[str, Any]:
    """A set with the clips of every size; no film is cut of it, since a film has one size."""
    shots = [
        {"id": f"{named(size)}-{number}", "prompt": PROMPTS[number % len(PROMPTS)], "seed": number, "width": size[0],
         "height": size[1], "num_frames": size[2]}
        for size in sizes()
        for number in range(clips() + 1)
    ]  # fmt: skip
    return {"name": part, "defaults": {"fps": 24, **fields}, "shots": shots}


def measure(part: str, env: dict[str, str], **fields: Any) -> None:
    """Render the set, and keep what its clips took, size by size."""
    results = Results()
    folder = state() / part
    shutil.rmtree(folder, ignore_errors=True)
    said, watch, begun, ended = render(folder, document(part, **fields), {**weights.environment(), **env})
    found = list(records(folder).values())
    failed = [f"{shot['id']}: {shot['error']}" for shot in said["shots"] if shot["error"]] if said else ["out of time"]
    results.add(
        part,
        "run",
        seconds=round(ended - begun, 2),
        to_first_clip=round(found[0]["published"] - begun, 2) if found else None,
        load=found[0]["engine"].get("load_seconds") if found else None,
        **({"error": "; ".join(failed)[:1500]} if failed else {}),
    )
    for size in sizes():
        of_size = [
            record
            for record in found
            if [record["recipe"][side] for side in ("width", "height", "num_frames")] == list(size)
        ]
        if len(of_size) < 2:
            results.add(part, named(size), error=f"{len(of_size)} of {clips() + 1} clips came")
            continue
        gpu = watch.between(of_size[0]["published"], of_size[-1]["published"])
        results.add(part, named(size), **steady(of_size), **gpu)
    if said is None:
        sys.exit(UNFINISHED)


def main() -> None:
    measure("pipeline", {})


if __name__ == "__main__":
    main()
