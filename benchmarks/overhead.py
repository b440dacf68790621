"""What Dagster costs: a set rendered by the pipeline, over a bare loop of the same engine.

Each round makes the same clips twice, in this process. Bare: make the keyframe, render, encode to a file, one shot
after another. Pipeline: what `ttv render FILE` does, on a new home: read and check the file, add it to the library,
then the job `render_film` in process, which also keeps the keyframes, decodes and inspects every clip, writes records
and manifests, and cuts the film. Half of the bare loop comes before the pipeline and half after it, so that a machine
that slows down does so for both. Then the pipeline once more, with everything in the store. What else runs on the
machine is in every figure, so the round counts in which other processes used the least CPU.
"""

import argparse
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

from benchmarks.piped import render_piped
from benchmarks.report import arguments, busy_seconds, clean_environment, deliver, surroundings
from ttv_dagster.engines.deployment import Deployment
from ttv_dagster.engines.protocol import Inputs
from ttv_dagster.engines.registry import open_engine, open_keyframe_generator
from ttv_dagster.installation import Installation
from ttv_dagster.library.intake import read_intake
from ttv_dagster.media.encode import ClipWriter
from ttv_dagster.planning.resolve import plan_set
from ttv_dagster.runs.render_set import PlannedSet
from ttv_dagster.settings import Settings
from ttv_dagster.shots.plan import PlannedShot
from ttv_dagster.storage.layout import clip_name, read_record
from ttv_dagster.storage.store import Store

GOAL = 1.05

LOADED = "import ttv_dagster.cli.app, ttv_dagster.runs.render_set, ttv_dagster.definitions, pandas, pyarrow.parquet, av"
"""What a process loads before it renders its first shot."""

SUBJECTS = ("a lighthouse on a cliff", "a red car on a desert road", "a cat on a windowsill", "an old harbour town")
LIGHTS = ("at dawn", "in the rain at night", "under a bright noon sky", "at dusk, the first lamps lit", "in fog")
MOVES = ("slow pan to the left", "the camera dollies in", "tilt up", "static shot", "slow zoom out")


@dataclass(frozen=True, slots=True)
class Timed:
    """How long something took.

    Attributes:
        seconds: On the clock.
        cpu_seconds: Of all threads of this process together.
        others_cpu_seconds: Of all other processes of this machine meanwhile.
        stages: Seconds on the clock, by stage.
    """

    seconds: float
    cpu_seconds: float
    others_cpu_seconds: float
    stages: dict[str, float]

    def __add__(self, other: "Timed") -> "Timed":
        stages = {name: seconds + other.stages[name] for name, seconds in self.stages.items()}
        return Timed(
            self.seconds + other.seconds,
            self.cpu_seconds + other.cpu_seconds,
            self.others_cpu_seconds + other.others_cpu_seconds,
            stages,
        )

    def to_dict(self, shots: int) -> dict[str, Any]:
        return {
            "seconds": round(self.seconds, 3),
            "seconds_per_shot": round(self.seconds / shots, 4),
            "cpu_seconds": round(self.cpu_seconds, 3),
            "others_cpu_seconds": round(self.others_cpu_seconds, 3),
            "stages": {name: round(seconds, 3) for name, seconds in self.stages.items()},
        }


class Meter:
    """Reads the CPU time of what happens after it is made."""

    def __init__(self) -> None:
        self._busy, self._cpu = busy_seconds(), time.process_time()

    def timed(self, stages: dict[str, float]) -> Timed:
        cpu = time.process_time() - self._cpu
        return Timed(sum(stages.values()), cpu, max(busy_seconds() - self._busy - cpu, 0.0), stages)


@dataclass(frozen=True, slots=True)
class Round:
    """The same shots: made bare, made by the pipeline, and by the pipeline when it has them all.

    Attributes:
        bare: The bare loop.
        cold: The pipeline on a new home.
        cached: The pipeline once more.
        encoder: What the pipeline's encoding thread did meanwhile: seconds by stage.
    """

    bare: Timed
    cold: Timed
    cached: Timed
    encoder: dict[str, float]

    @property
    def ratio(self) -> float:
        return self.cold.seconds / self.bare.seconds

    @property
    def other_cores(self) -> float:
        """How many CPUs the machine's other processes kept busy during the two."""
        spent = self.bare.others_cpu_seconds + self.cold.others_cpu_seconds
        return spent / (self.bare.seconds + self.cold.seconds)


def write_prompts(path: Path, *, shots: int, width: int, height: int, frames: int) -> Path:
    """A prompt file of shots that all differ."""
    lines = [f"defaults: {{width: {width}, height: {height}, num_frames: {frames}, fps: 24}}", "shots:"]
    for number in range(shots):
        words = (SUBJECTS[number % 4], LIGHTS[number % 5], MOVES[number // 2 % 5])
        lines.append(f"  - {{prompt: '{', '.join(words)}', seed: {number}}}")
    path.write_text("\n".join(lines))
    return path


def plan(file: Path, deployment: Deployment) -> list[PlannedShot]:
    return plan_set(read_intake(file).prompt_set, file=str(file), deployment=deployment)


def run_bare(planned: Sequence[PlannedShot], folder: Path, deployment: Deployment) -> Timed:
    """One shot after another: keyframe, frames, file."""
    engine = open_engine("animatic", deployment)
    illustration = open_keyframe_generator("illustration", deployment)
    clock = time.perf_counter
    keyframes = render = encode = 0.0
    meter = Meter()
    for each in planned:
        assert each.keyframe is not None
        recipe = each.recipe
        at = clock()
        keyframe = next(illustration.generate([each.keyframe]))
        keyframes += clock() - at
        at = clock()
        encoding = 0.0
        with ClipWriter(
            folder / f"{each.key}.mp4",
            width=recipe.width,
            height=recipe.height,
            fps=recipe.fps,
            comment=recipe.canonical(),
        ) as writer:
            for chunk in engine.render(recipe, Inputs(keyframe), lambda _: None):
                rendered = clock()
                writer.write(chunk)
                encoding += clock() - rendered
            rendered = clock()
        encoding += clock() - rendered
        render += clock() - at - encoding
        encode += encoding
    return meter.timed({"keyframes": keyframes, "render": render, "encode": encode})


def run_pipeline(file: Path, settings: Settings) -> Timed:
    """What `ttv render FILE` does once it is loaded."""
    meter = Meter()
    begun = time.perf_counter()
    installation = Installation(settings)
    intake = read_intake(file)
    planned = PlannedSet(intake.prompt_set.name, installation.plan(intake.prompt_set, file=str(file)))
    installation.library.add(intake, file)
    added = time.perf_counter() - begun
    _, stages = render_piped(planned, installation)
    return meter.timed({"read, check and add": added, **stages})


def run_round(file: Path, folder: Path) -> Round:
    """One round, in a folder that is not there yet."""
    settings = Settings(home=folder / "home")
    deployment = Deployment.of(settings)
    planned = plan(file, deployment)
    clips = folder / "bare"
    clips.mkdir(parents=True)
    half = len(planned) // 2
    bare = run_bare(planned[:half], clips, deployment)
    cold = run_pipeline(file, settings)
    bare += run_bare(planned[half:], clips, deployment)
    cached = run_pipeline(file, settings)

    store = Store(settings.media)
    encoder = {"encode": 0.0, "inspect": 0.0}
    for each in planned:
        if (clips / f"{each.key}.mp4").read_bytes() != store.read(clip_name(each.key)):
            raise RuntimeError(f"{each.shot.id}: the pipeline and the bare loop made different clips")
        record = read_record(store, each.key)
        assert record is not None
        for stage in encoder:
            encoder[stage] += record["seconds"][stage]
    return Round(bare, cold, cached, encoder)


def start_up() -> float:
    """Seconds until a new process has loaded what it needs."""
    begun = time.perf_counter()
    subprocess.run([sys.executable, "-c", LOADED], check=True)
    return time.perf_counter() - begun


def tables(document: dict[str, Any]) -> list[Table]:
    """The result for people."""
    shots, bare, cold, cached = (document[name] for name in ("shots", "bare", "cold", "cached"))
    title = f"{shots['number']} shots of {shots['width']}x{shots['height']}, {shots['num_frames']} frames, animatic"
    totals = Table("", "seconds", "a shot", "CPU seconds", "over bare", title=title)
    for name, timed in (("bare loop", bare), ("pipeline, cold", cold), ("pipeline, all cached", cached)):
        cells = (timed["seconds"], timed["seconds_per_shot"], timed["cpu_seconds"])
        totals.add_row(name, *(f"{cell:.3f}" for cell in cells), f"{timed['seconds'] / bare['seconds']:.3f}")
    totals.add_row("start-up, in none of them", f"{document['start_up_seconds']:.3f}", "", "", "")
    rounds = [f"{each['cold_ratio']:.3f} ({each['other_cores']:.2f})" for each in document["rounds"]]
    totals.caption = (
        f"cold over bare: {document['cold_ratio']:.3f}; goal: at most {GOAL}\n"
        f"each round, and the CPUs that other processes kept busy: {', '.join(rounds)}"
    )

    stages = Table("seconds by stage", "bare", "cold", "all cached")
    alone = bare["stages"]
    own = {"keyframes": alone["keyframes"], "clips": alone["render"] + alone["encode"]}
    for name, seconds in cold["stages"].items():
        before = f"{own[name]:.2f}" if name in own else ""
        stages.add_row(name, before, f"{seconds:.2f}", f"{cached['stages'][name]:.2f}")
        if name == "clips":
            encoder = document["cold_encoder"]
            stages.add_row("  render", f"{alone['render']:.2f}", "", "")
            stages.add_row("  encode", f"{alone['encode']:.2f}", f"{encoder['encode']:.2f}", "")
            stages.add_row("  inspect", "", f"{encoder['inspect']:.2f}", "")
    stages.caption = "the pipeline encodes and inspects one clip while the next renders"
    return [totals, stages]


def main() -> None:
    """Run the rounds and say what they took."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shots", type=int, default=100, help="shots of the set (100)")
    parser.add_argument("--rounds", type=int, default=3, help="rounds; the least disturbed counts (3)")
    parser.add_argument("--width", type=int, default=832)
    parser.add_argument("--height", type=int, default=480)
    parser.add_argument("--frames", type=int, default=49)
    options = arguments(parser)
    clean_environment()
    around = surroundings()
    size = {"width": options.width, "height": options.height, "frames": options.frames}
    with tempfile.TemporaryDirectory(prefix="ttv-overhead-") as name:
        folder = Path(name)
        # What a process loads once is loaded here.
        warm = write_prompts(folder / "warm.yaml", shots=1, width=64, height=48, frames=4)
        run_pipeline(warm, Settings(home=folder / "warm"))
        file = write_prompts(folder / "shots.yaml", shots=options.shots, **size)
        rounds = [run_round(file, folder / f"round-{number}") for number in range(options.rounds)]
        starts = [start_up() for _ in rounds]
    calmest = min(rounds, key=lambda each: each.other_cores)
    document = {
        "benchmark": "overhead",
        "cold_ratio": round(calmest.ratio, 4),
        "cold_ratio_goal": GOAL,
        "rounds": [{"cold_ratio": round(each.ratio, 4), "other_cores": round(each.other_cores, 2)} for each in rounds],
        "cold_cpu_ratio": round(calmest.cold.cpu_seconds / calmest.bare.cpu_seconds, 4),
        "cached_seconds": round(calmest.cached.seconds, 3),
        "start_up_seconds": round(statistics.median(starts), 3),
        "shots": {
            "number": options.shots,
            "engine": "animatic",
            "width": options.width,
            "height": options.height,
            "num_frames": options.frames,
        },
        "bare": calmest.bare.to_dict(options.shots),
        "cold": calmest.cold.to_dict(options.shots),
        "cached": calmest.cached.to_dict(options.shots),
        "cold_encoder": {stage: round(seconds, 3) for stage, seconds in calmest.encoder.items()},
        **around,
    }
    deliver("overhead", document, tables(document), options)


if __name__ == "__main__":
    main()
