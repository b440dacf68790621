"""How the house bears large sets: time and memory of parsing, planning and rendering what is already rendered.

Every figure is of a process of its own. Planning is what `ttv plan FILE` does on an empty home: read and check the
file, then decide shot by shot what to render. Rendering is what `ttv render NAME` does where the store has every clip:
once without a manifest of the set (every record is read, and the film is cut), and once more (nothing is to be done).

The clips of those runs are copies (hard links) of one tiny clip, published under each shot's render key with a record
that is true of the copy in all but its recipe, which is the shot's; so are their keyframes.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from rich.table import Table

from benchmarks.report import arguments, clean_environment, deliver, surroundings

PLAN_SECONDS_GOAL = 10.0
PLAN_MIB_GOAL = 1024
GOAL_SHOTS = 100_000

WIDTH, HEIGHT, FRAMES = 64, 48, 4
LINKS = 10_000
"""Names of one file: file systems end somewhere above that (ext4 at 65,000)."""

FORMATS = ("csv", "yaml")
JOBS = ("plan csv", "plan yaml", "render, no manifest", "render, all cached")


def write_prompts(path: Path, shots: int) -> Path:
    """A prompt file of shots that all differ, as large sets are written: by a program."""
    with path.open("w") as file:
        if path.suffix == ".csv":
            file.write("id,prompt,seed,width,height,num_frames,fps\n")
        else:
            size = f"width: {WIDTH}, height: {HEIGHT}, num_frames: {FRAMES}, fps: 24"
            file.write(f"defaults: {{{size}}}\nshots:\n")
        for number in range(shots):
            shot = f"take-{number:06d}"
            prompt = f"A lighthouse on a cliff at dusk as the lamp is lit, take {number}, slow pan to the left"
            if path.suffix == ".csv":
                file.write(f'{shot},"{prompt}",{number},{WIDTH},{HEIGHT},{FRAMES},24\n')
            else:
                file.write(f"  - id: {shot}\n    prompt: {prompt}\n    seed: {number}\n")
    return path


def plan(file: Path, home: Path) -> dict[str, float]:
    """What `ttv plan FILE` does; seconds by stage."""
    from ttv_dagster.installation import Installation
    from ttv_dagster.library.intake import read_intake
    from ttv_dagster.settings import Settings

    installation = Installation(Settings(home=home))
    begun = time.perf_counter()
    prompt_set = read_intake(file).prompt_set
    parsed = time.perf_counter()
    actions = installation.actions(prompt_set.name, installation.plan(prompt_set, file=str(file)))
    planned = time.perf_counter()
    assert all(each.action == "render" for each in actions)
    return {"parse": parsed - begun, "plan": planned - parsed}


def publish(file: Path, home: Path) -> dict[str, float]:
    """Put a set into the library and every clip of it into the store: copies of its first one."""
    from ttv_dagster.engines.deployment import Deployment
    from ttv_dagster.engines.protocol import Inputs
    from ttv_dagster.engines.registry import open_engine, open_keyframe_generator
    from ttv_dagster.library.intake import read_intake
    from ttv_dagster.library.library import Library
    from ttv_dagster.media.encode import ClipWriter
    from ttv_dagster.media.images import write_png
    from ttv_dagster.planning.resolve import plan_set
    from ttv_dagster.renders.records import inspect_clip, make_record
    from ttv_dagster.settings import Settings
    from ttv_dagster.storage.layout import clip_name, keyframe_name, record_name

    begun = time.perf_counter()
    settings = Settings(home=home)
    deployment = Deployment.of(settings)
    intake = read_intake(file)
    planned = plan_set(intake.prompt_set, file=str(file), deployment=deployment)
    Library(url=settings.library).add(intake, file)

    media = Path(settings.media)
    for folder in ("clips", "keyframes"):
        for shard in range(256):
            (media / folder / f"{shard:02x}").mkdir(parents=True)
    clip, keyframe = home / "clip.mp4", home / "keyframe.png"
    first = planned[0]
    assert first.keyframe is not None
    image = next(open_keyframe_generator("illustration", deployment).generate([first.keyframe]))
    write_png(image, keyframe)
    recipe = first.recipe
    with ClipWriter(clip, width=WIDTH, height=HEIGHT, fps=recipe.fps, comment=recipe.canonical()) as writer:
        for chunk in open_engine("animatic", deployment).render(recipe, Inputs(image), lambda _: None):
            writer.write(chunk)
    record = make_record(recipe, clip, inspect_clip(clip, recipe), {})
    link_clip, link_keyframe = _linker(clip), _linker(keyframe)
    for each in planned:
        assert each.keyframe is not None
        link_clip(media / clip_name(each.key))
        link_keyframe(media / keyframe_name(each.keyframe.key()))
        (media / record_name(each.key)).write_text(json.dumps({**record, "recipe": each.recipe.as_dict()}, indent=1))
    return {"publish": time.perf_counter() - begun}


def _linker(file: Path) -> Callable[[Path], None]:
    """Gives a file other names, and copies it where it has enough of them."""
    source, names = file, 0

    def link(target: Path) -> None:
        nonlocal source, names
        if names % LINKS == 0:
            target.write_bytes(file.read_bytes())
            source = target
        else:
            os.link(source, target)
        names += 1

    return link


def render(name: str, home: Path) -> dict[str, float]:
    """What `ttv render NAME` does where the store has every clip; seconds by stage."""
    from benchmarks.piped import render_piped
    from ttv_dagster.installation import Installation
    from ttv_dagster.runs.render_set import plan_library_set
    from ttv_dagster.settings import Settings

    installation = Installation(Settings(home=home))
    begun = time.perf_counter()
    planned = plan_library_set(name, installation)
    planning = time.perf_counter() - begun
    result, stages = render_piped(planned, installation)
    assert all(shot.row.status == "cached" for shot in result.shots)
    return {"plan": planning, **stages}


def run_job(job: str, file: Path, home: Path) -> None:
    """Do one job in this process, and print what it took."""
    cpu = time.process_time()
    if job == "publish":
        seconds = publish(file, home)
    elif job.startswith("plan"):
        seconds = plan(file, home)
    else:
        seconds = render(file.stem, home)
    # On Linux in KiB, on macOS in bytes.
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
    document = {
        "seconds": round(sum(seconds.values()), 3),
        "cpu_seconds": round(time.process_time() - cpu, 3),
        "peak_mib": round(peak),
        "stages": {stage: round(value, 3) for stage, value in seconds.items()},
    }
    print(json.dumps(document))


def in_process(job: str, file: Path, home: Path) -> dict[str, Any]:
    """Do one job in a process of its own."""
    command = [sys.executable, __file__, "--job", job, "--file", str(file), "--home", str(home)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    document: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return document


def measure(shots: int, folder: Path) -> list[dict[str, Any]]:
    """Every job at one size, in an empty folder."""
    files = {kind: write_prompts(folder / f"takes.{kind}", shots) for kind in FORMATS}
    home = folder / "home"
    found = []
    for job in JOBS:
        if job.startswith("plan"):
            taken = in_process(job, files[job.split()[1]], folder / "empty")
        else:
            if not home.exists():
                home.mkdir()
                in_process("publish", files["csv"], home)
            taken = in_process(job, files["csv"], home)
        found.append({"job": job, "shots": shots, **taken})
    return found


def growth(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Time per shot at each size over that at the size before: 1 where time grows as the shots do."""
    found = []
    for job in JOBS:
        own = [row for row in rows if row["job"] == job]
        for before, after in pairwise(own):
            per_shot = (after["seconds"] / after["shots"]) / (before["seconds"] / before["shots"])
            found.append({"job": job, "from": before["shots"], "to": after["shots"], "ratio": round(per_shot, 3)})
    return found


def tables(document: dict[str, Any]) -> list[Table]:
    """The result for people."""
    shown = Table("", "shots", "seconds", "ms a shot", "over the size before", "peak MiB")
    stages = Table("", "shots", "seconds by stage")
    ratios = {(each["job"], each["to"]): f"{each['ratio']:.2f}" for each in document["growth"]}
    for row in document["rows"]:
        job, shots = row["job"], row["shots"]
        per_shot = f"{1000 * row['seconds'] / shots:.3f}"
        seconds, peak = f"{row['seconds']:.2f}", f"{row['peak_mib']:,}"
        shown.add_row(job, f"{shots:,}", seconds, per_shot, ratios.get((job, shots), ""), peak)
        parts = ", ".join(f"{stage} {taken:.2f}" for stage, taken in row["stages"].items())
        stages.add_row(job, f"{shots:,}", parts)
    goal = f"{GOAL_SHOTS:,} shots planned in at most {PLAN_SECONDS_GOAL:g} s and {PLAN_MIB_GOAL:,} MiB"
    shown.caption = f"goal: {goal}; the clips that are not rendered again are copies of one"
    return [shown, stages]


def main() -> None:
    """Measure every size and say what it took."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    sizes = "1000,10000,100000"
    parser.add_argument("--sizes", default=sizes, help=f"numbers of shots, separated by commas ({sizes})")
    for name in ("--job", "--file", "--home"):
        parser.add_argument(name, help=argparse.SUPPRESS)
    options = arguments(parser)
    if options.job:
        run_job(options.job, Path(options.file), Path(options.home))
        return
    around = surroundings()
    clean_environment()
    rows: list[dict[str, Any]] = []
    for shots in sorted(int(size) for size in options.sizes.split(",")):
        with tempfile.TemporaryDirectory(prefix="ttv-scale-") as folder:
            rows += measure(shots, Path(folder))
    document = {
        "benchmark": "scale",
        "goals": {"shots": GOAL_SHOTS, "plan_seconds": PLAN_SECONDS_GOAL, "plan_mib": PLAN_MIB_GOAL},
        "clips": f"copies of one: {WIDTH}x{HEIGHT}, {FRAMES} frames",
        "rows": rows,
        "growth": growth(rows),
        **around,
    }
    deliver("scale", document, tables(document), options)


if __name__ == "__main__":
    main()
