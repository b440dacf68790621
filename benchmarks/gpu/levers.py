"""What each optimisation is worth: one stage, one lever at a time, in FastVideo's own worker, at the largest size.

Every lever is compared with the same stage in the same process without it. `off_by` says how far what came out is from
what came out without it: the norm of the difference over the norm.
"""

import itertools
import time
from typing import Any

from benchmarks.gpu import probes
from benchmarks.gpu.results import Results, left, middle, named, sizes, small

BEST = ("cudnn attention", "channels last", "decoder in bf16", "compiled regions", "compiled decoder")
"""What takes nothing from an image but rounding."""

PLAN: tuple[tuple[str, tuple[str, ...], int], ...] = (
    ("denoise", ("cudnn attention",), 15),
    ("decode", ("channels last",), 20),
    ("decode", ("channels last", "decoder in bf16"), 20),
    ("decode", ("channels last", "decoder in bf16", "cudnn search"), 35),
    ("denoise", ("compiled regions", "cudnn attention"), 70),
    ("decode", ("compiled decoder", "channels last", "decoder in bf16"), 100),
    ("clip", BEST, 130),
    ("both", (), 35),
    ("decode", ("vae_tiling",), 20),
    ("text", ("tf32",), 5),
    ("denoise", ("compiled blocks", "cudnn attention"), 60),
    ("denoise", ("sage attention",), 25),
    ("decode", ("tiles",), 25),
    # The weights are gone after these.
    ("denoise", ("fp8", "cudnn attention"), 20),
    ("denoise", ("fp8", "compiled regions", "cudnn attention"), 70),
)
"""Stage, levers and the seconds that are needed at least; the best guess at what matters most comes first."""


def item_of(stage: str, levers: tuple[str, ...]) -> str:
    return f"{stage} {named(sizes()[-1])}: {' + '.join(levers) or 'as it is'}"


def missing(results: Results) -> list[tuple[str, tuple[str, ...], int]]:
    """What was not measured yet; what was found not to work is not tried again."""
    lines = {line["item"]: line for line in results.lines() if line["part"] == "levers"}
    return [
        each
        for each in PLAN
        if (line := lines.get(item_of(*each[:2]))) is None or str(line.get("error", "")).startswith("not begun")
    ]


def pulled(generator: Any, levers: tuple[str, ...], work: Any) -> dict[str, Any]:
    """What `work` finds with the levers pulled; they are released again."""
    call = generator.executor.collective_rpc
    said = {}
    try:
        for lever in levers:
            said[lever] = call(probes.pull, args=(lever,))[0]
            if said[lever].startswith("no:"):
                return {"error": said[lever]}
        return {**({"levers": said} if said else {}), **work()}
    finally:
        for lever in reversed(said):
            call(probes.release, args=(lever,))


def stage_seconds(generator: Any, stage: str, repeats: int) -> dict[str, Any]:
    """A stage of the clip that was kept; `both` is denoising one clip while another is decoded."""
    probe, given = (probes.both, (repeats,)) if stage == "both" else (probes.run, (stage, repeats))
    found: dict[str, Any] = generator.executor.collective_rpc(probe, args=given)[0]
    return found if "error" in found else {**found, "all": found["seconds"], "seconds": middle(found["seconds"])}


def clip_seconds(generator: Any, request: Any, stages_of: Any) -> dict[str, Any]:
    """Whole clips, as the pipeline asks for them."""
    ended, stages = [], []
    for number in range(4):
        stages.append(stages_of(generator.generate(request(sizes()[-1], number, save=None))))
        ended.append(time.time())
    apart = [later - earlier for earlier, later in itertools.pairwise(ended)]
    return {"seconds": middle(apart), "all": [round(value, 3) for value in apart], "stages": stages[-1]}


def measure(results: Results, generator: Any, request: Any, stages_of: Any) -> bool:
    """Measure what is missing, as far as time allows.

    Args:
        results: The findings.
        generator: A loaded `VideoGenerator`.
        request: Makes the request of a clip.
        stages_of: Reads the seconds by stage of a result.

    Returns:
        Whether nothing is missing any more.
    """
    plan = missing(results)
    if not plan:
        return True
    if left() < (10 if small() else 45):
        return False
    call = generator.executor.collective_rpc
    call(probes.remember)
    generator.generate(request(sizes()[-1], 0, save=None))
    call(probes.forget)
    known = {stage: results.last("levers", item_of(stage, ())).get("seconds") for stage in ("denoise", "decode")}
    before: dict[str, float] = {stage: seconds for stage, seconds in known.items() if seconds}
    for stage in dict.fromkeys(stage for stage, _, _ in plan if stage not in ("clip", "both")):
        found = stage_seconds(generator, stage, 2)
        results.add("levers", item_of(stage, ()), **found)
        before[stage] = found.get("seconds", float("nan"))
    for stage, levers, needed in plan:
        item = item_of(stage, levers)
        if left() < (5 if small() else needed):
            results.add("levers", item, error=f"not begun: {left():.0f} s left of {needed}")
            continue
        begun = time.perf_counter()
        if stage == "clip":
            found = pulled(generator, levers, lambda: clip_seconds(generator, request, stages_of))
        else:
            found = pulled(generator, levers, lambda stage=stage: stage_seconds(generator, stage, 2))
        if stage == "both" and {"denoise", "decode"} <= set(before):
            before["both"] = before["denoise"] + before["decode"]
        if "seconds" in found and stage in before:
            found["of_it"] = round(found["seconds"] / before[stage], 3)
        results.add("levers", item, **found, took=round(time.perf_counter() - begun, 1))
    return not missing(results)
