"""What Dagster costs: a set rendered by the pipeline, over a bare loop of the same engine.

Each round makes the same clips twice, in this process. Bare: make the keyframe, render, encode to a file, one shot
after another. Pipeline: what `ttv render FILE` does, on a new home: read and check the file, add it to the library,
then the job `render_film` in process, which also keeps the keyframes, decodes and judges every clip, writes records
and manifests, and cuts the film. Half of the bare loop comes before the pipeline and half after it, so that a machine
that slows down does so for both. Then the pipeline once more, with everything in the store.
"""

import argparse
import hashlib
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.table import Table

from benchmarks.report import arguments, deliver, surroundings
from ttv_dagster.engines.registry import open_engine, open_keyframe_maker
from ttv_dagster.engines.resolve import plan_set
from ttv_dagster.home import open_instance
from ttv_dagster.media.encode import ClipWriter
from ttv_dagster.media.layout import clip_name, read_record
from ttv_dagster.media.store import Store
from ttv_dagster.render_set import render_set
from ttv_dagster.resources.intake import read_intake
from ttv_dagster.resources.library import Library
from ttv_dagster.settings import Settings
from ttv_dagster.shots.plan import PlannedShot

GOAL = 1.05
STEPS = ("prompt_sets", "keyframes", "clips", "films")
START_UP = "import ttv_dagster.cli, ttv_dagster.render_set, ttv_dagster.definitions, pandas, pyarrow.parquet, av"

SUBJECTS = ("a lighthouse on a cliff", "a red car on a desert road", "a cat on a windowsill", "an old harbour town")
LIGHTS = ("at dawn", "in the rain at night", "under a bright noon sky", "at dusk, the first lamps lit", "in thick fog")
MOVES = ("slow pan to the left", "the camera dollies in", "tilt up", "static shot", "slow zoom out")


@dataclass(frozen=True, slots=True)
class Timed:
    """How long something took.

    Attributes:
        seconds: On the clock.
        cpu_seconds: Of this process's threads, all together.
        stages: Seconds on the clock, by stage.
    """

    seconds: float
    cpu_seconds: float
    stages: dict[str, float]

    def __add__(self, other: "Timed") -> "Timed":
        stages = {name: self.stages[name] + other.stages[name] for name in self.stages}
        return Timed(self.seconds + other.seconds, self.cpu_seconds + other.cpu_seconds, stages)


@dataclass(frozen=True, slots=True)
class Round:
    """The same shots, made bare, by the pipeline, and by the pipeline when it has them all."""

    bare: Timed
    cold: Timed
    cached: Timed
    work: dict[str, float]

    @property
    def ratio(self) -> float:
        return self.cold.seconds / self.bare.seconds


def write_prompts(path: Path, *, shots: int, width: int, height: int, frames: int) -> Path:
    """A prompt file of shots that all differ."""
    lines = [f"defaults: {{width: {width}, height: {height}, num_frames: {frames}, fps: 24}}", "shots:"]
    for number in range(shots):
        words = (SUBJECTS[number % 4], LIGHTS[number % 5], MOVES[number // 2 % 5])
        lines.append(f"  - {{prompt: '{', '.join(words)}', seed: {number}}}")
    path.write_text("\n".join(lines))
    return path


def plan(file: Path) -> list[PlannedShot]:
    return plan_set(read_intake(file).prompt_set, file=str(file), default_engine="animatic")


def render_bare(planned: Sequence[PlannedShot], folder: Path) -> Timed:
    """One shot after another: keyframe, frames, file."""
    stages = {"keyframes": 0.0, "render": 0.0, "encode": 0.0}
    engine = open_engine("animatic")
    card = open_keyframe_maker("card")
    clock, cpu = time.perf_counter, time.process_time()
    begun = clock()
    for each in planned:
        at = clock()
        assert each.keyframe is not None
        keyframe = card.make(each.keyframe)
        stages["keyframes"] += clock() - at
        recipe = each.recipe
        at = clock()
        encoding = 0.0
        with ClipWriter(
            folder / f"{each.key}.mp4",
            width=recipe.width,
            height=recipe.height,
            fps=recipe.fps,
            comment=recipe.canonical(),
        ) as writer:
            for chunk in engine.render(recipe, first_frame=keyframe, last_frame=None, on_progress=lambda _: None):
                got = clock()
                writer.write(chunk)
                encoding += clock() - got
            rendered = clock()
        stages["render"] += rendered - at - encoding
        stages["encode"] += encoding + clock() - rendered
    return Timed(clock() - begun, time.process_time() - cpu, stages)


def render_piped(file: Path, settings: Settings) -> Timed:
    """What `ttv render FILE` does once it is loaded."""
    cpu, begun = time.process_time(), time.time()
    intake = read_intake(file)
    name = intake.prompt_set.name
    plan_set(intake.prompt_set, file=str(file), default_engine=settings.engine)
    Library(url=settings.library).add(intake, file)
    added = time.time()
    result = render_set(name, settings=settings, say=lambda _: None, on_line=lambda _: None)
    ended, cpu = time.time(), time.process_time() - cpu
    assert not result.failed, result.error
    assert result.film is not None
    with open_instance(settings) as instance:
        run = instance.get_runs(limit=1)[0]
        steps = {step.step_key: step for step in instance.get_run_step_stats(run.run_id)}
    times = [(steps[step].start_time, steps[step].end_time) for step in STEPS]
    spans = [(start, end) for start, end in times if start is not None and end is not None]
    assert len(spans) == len(STEPS)
    stages = {
        "read, check and add the file": added - begun,
        "home, instance and run": spans[0][0] - added,
        **{step: end - start for step, (start, end) in zip(STEPS, spans, strict=True)},
        "between the steps": sum(after[0] - before[1] for before, after in zip(spans, spans[1:], strict=False)),
        "end of the run": ended - spans[-1][1],
    }
    return Timed(ended - begun, cpu, stages)


def measure(file: Path, folder: Path) -> Round:
    """One round, in an empty folder."""
    planned = plan(file)
    settings = Settings(home=folder / "home", library_url="", media_url="", tables_url="", engine="animatic")
    clips = folder / "bare"
    clips.mkdir(parents=True)
    half = len(planned) // 2
    bare = render_bare(planned[:half], clips)
    cold = render_piped(file, settings)
    bare += render_bare(planned[half:], clips)
    cached = render_piped(file, settings)

    store = Store(settings.media)
    work = {"render": 0.0, "encode": 0.0, "judge": 0.0}
    for each in planned:
        one, other = clips / f"{each.key}.mp4", Path(store.url(clip_name(each.key)))
        assert _digest(one) == _digest(other), "the pipeline and the bare loop made different clips"
        record = read_record(store, each.key)
        assert record is not None
        for stage in work:
            work[stage] += record["seconds"][stage]
    return Round(bare, cold, cached, work)


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def start_up() -> float:
    """Seconds until a new process has loaded what `ttv render` needs: the median of three."""
    seconds = []
    for _ in range(3):
        begun = time.perf_counter()
        subprocess.run([sys.executable, "-c", START_UP], check=True)
        seconds.append(time.perf_counter() - begun)
    return statistics.median(seconds)


def document_of(rounds: Sequence[Round], options: argparse.Namespace) -> dict[str, Any]:
    """The result: the figures of the round with the median ratio, and the ratio of each."""
    typical = sorted(rounds, key=lambda each: each.ratio)[len(rounds) // 2]
    shots = options.shots

    def timed(what: Timed) -> dict[str, Any]:
        return {
            "seconds": round(what.seconds, 3),
            "seconds_per_shot": round(what.seconds / shots, 4),
            "cpu_seconds": round(what.cpu_seconds, 3),
            "stages": {name: round(seconds, 3) for name, seconds in what.stages.items()},
        }

    return {
        "benchmark": "overhead",
        "cold_ratio": round(typical.ratio, 4),
        "cold_ratio_goal": GOAL,
        "cold_ratios": [round(each.ratio, 4) for each in rounds],
        "cold_cpu_ratio": round(typical.cold.cpu_seconds / typical.bare.cpu_seconds, 4),
        "cached_seconds": round(typical.cached.seconds, 3),
        "start_up_seconds": round(start_up(), 3),
        "shots": {
            "number": shots,
            "engine": "animatic",
            "width": options.width,
            "height": options.height,
            "num_frames": options.frames,
        },
        "bare": timed(typical.bare),
        "cold": timed(typical.cold),
        "cached": timed(typical.cached),
        "cold_clips": {name: round(seconds, 3) for name, seconds in typical.work.items()},
    }


def tables(document: dict[str, Any]) -> list[Table]:
    """The result for people."""
    shots, bare, cold, cached = (document[name] for name in ("shots", "bare", "cold", "cached"))
    title = f"{shots['number']} shots of {shots['width']}x{shots['height']}, {shots['num_frames']} frames, animatic"
    totals = Table("", "seconds", "a shot", "CPU seconds", "over bare", title=title)
    for name, timed in (("bare loop", bare), ("pipeline, cold", cold), ("pipeline, all cached", cached)):
        ratio = timed["seconds"] / bare["seconds"]
        cells = (timed["seconds"], timed["seconds_per_shot"], timed["cpu_seconds"], ratio)
        totals.add_row(name, *(f"{cell:.3f}" for cell in cells))
    totals.add_row("process start-up, in none of them", f"{document['start_up_seconds']:.3f}", "", "", "")
    ratios = ", ".join(f"{ratio:.3f}" for ratio in document["cold_ratios"])
    totals.caption = f"cold over bare, each round: {ratios}; goal: at most {GOAL}"

    stages = Table("stage", "bare", "cold", "all cached", title="seconds by stage")
    for name, seconds in cold["stages"].items():
        own = {"keyframes": bare["stages"]["keyframes"], "clips": bare["stages"]["render"] + bare["stages"]["encode"]}
        stages.add_row(
            name, f"{own[name]:.2f}" if name in own else "", f"{seconds:.2f}", f"{cached['stages'][name]:.2f}"
        )
        if name == "clips":
            for part, spent in document["cold_clips"].items():
                alone = bare["stages"].get(part)
                stages.add_row(f"  {part}", f"{alone:.2f}" if alone is not None else "", f"{spent:.2f}", "")
    stages.caption = "in the pipeline the parts of clips overlap: one clip is encoded and judged while the next renders"
    return [totals, stages]


def main() -> None:
    """Run the rounds and say what they took."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shots", type=int, default=100, help="shots of the set (100)")
    parser.add_argument("--rounds", type=int, default=3, help="rounds, of which the median counts (3)")
    parser.add_argument("--width", type=int, default=832)
    parser.add_argument("--height", type=int, default=480)
    parser.add_argument("--frames", type=int, default=49)
    options = arguments(parser)
    around = surroundings()
    for name in [name for name in os.environ if name.startswith(("TTV_", "DAGSTER_"))]:
        del os.environ[name]
    with tempfile.TemporaryDirectory(prefix="ttv-overhead-") as name:
        folder = Path(name)
        # Whatever is loaded once a process is loaded here.
        measure(write_prompts(folder / "warm.yaml", shots=2, width=64, height=48, frames=4), folder / "warm")
        size = {"width": options.width, "height": options.height, "frames": options.frames}
        file = write_prompts(folder / "shots.yaml", shots=options.shots, **size)
        rounds = [measure(file, folder / f"round-{number}") for number in range(options.rounds)]
    document = {**document_of(rounds, options), **around}
    deliver("overhead", document, [*tables(document)], options)


if __name__ == "__main__":
    main()
