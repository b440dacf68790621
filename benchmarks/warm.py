"""What a loaded model is worth: the same clips by the pipeline, and by the other ways to run FastVideo.

The model is tiny and its weights are random, so that what is around the rendering counts. Every way begins with a new
process and ends with nothing left running; the clips of all are the same prompts, seeds, size and length.

pipeline          one materialization of `clips`: FastVideo's process starts, loads, renders, ends; every clip is also
                  encoded, decoded and inspected, recorded and published
bare              a loop over one `VideoGenerator` that saves its clips itself, from the start of its process to its end
serve             `fastvideo serve`, asked over HTTP for one clip after another, from its start to its end
process_per_clip  the bare loop with one clip, again and again; measured over a few and multiplied

`steady` is the time of one more clip, once the first is there.
"""

import argparse
import contextlib
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from rich.table import Table

from benchmarks.bare_fastvideo import RESIDENT, request, shot_arguments
from benchmarks.fastvideo_models import ROOT, RandomModel, environment, install, run
from benchmarks.report import arguments, clean_environment, deliver, surroundings
from ttv_dagster.runs.home import open_instance
from ttv_dagster.settings import Settings
from ttv_dagster.storage.layout import clip_name

GOAL = 1.0
LEAST = 1.05

MODEL = RandomModel("Wan2.2-TI2V-5B-Diffusers", "wan2.2-ti2v-5b", "tiny", distilled=False)

SERVER_STARTS = 180
CLIP_TAKES = 120


@dataclass(frozen=True, slots=True)
class Taken:
    """What one way took.

    Attributes:
        seconds: All clips, from the first process to the last.
        steady: Seconds of one more clip, once the first is there.
    """

    seconds: float
    steady: float

    def to_dict(self) -> dict[str, float]:
        return {"seconds": round(self.seconds, 3), "steady_seconds_per_clip": round(self.steady, 4)}


def steady(done: Sequence[float]) -> float:
    """Seconds of one more clip, from when each clip was done."""
    return (max(done) - min(done)) / max(len(done) - 1, 1)


def prompts(count: int) -> list[tuple[str, int]]:
    return [(f"a fox in the snow, take {number}", number) for number in range(count)]


def run_bare(
    weights: Path, clips: Sequence[tuple[str, int]], folder: Path, env: dict[str, str], options: argparse.Namespace
) -> Taken:
    folder.mkdir(parents=True)
    (folder / "prompts.json").write_text(json.dumps(clips))
    command = [sys.executable, str(ROOT / "benchmarks" / "bare_fastvideo.py"), str(weights)]
    command += [str(folder / "prompts.json"), str(folder)]
    for name in ("width", "height", "frames", "fps", "steps"):
        command += [f"--{name}", str(getattr(options, name))]
    seconds = run(command, env, folder / "log.txt")
    if len(list(folder.glob("*.mp4"))) != len(clips):
        raise RuntimeError(f"the bare loop did not make its clips: {folder / 'log.txt'}")
    return Taken(seconds, steady(json.loads((folder / "done.json").read_text())))


def run_serve(
    weights: Path, clips: Sequence[tuple[str, int]], folder: Path, env: dict[str, str], options: argparse.Namespace
) -> Taken:
    folder.mkdir(parents=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    offload = {
        "dit": RESIDENT["dit_cpu_offload"],
        "dit_layerwise": RESIDENT["dit_layerwise_offload"],
        "text_encoder": RESIDENT["text_encoder_cpu_offload"],
        "image_encoder": RESIDENT["image_encoder_cpu_offload"],
        "vae": RESIDENT["vae_cpu_offload"],
        "pin_cpu_memory": RESIDENT["pin_cpu_memory"],
    }
    config = {
        "generator": {"model_path": str(weights), "engine": {"num_gpus": 1, "offload": offload}},
        "server": {"host": "127.0.0.1", "port": port, "output_dir": str(folder / "out")},
    }
    (folder / "serve.yaml").write_text(yaml.safe_dump(config))
    command = [sys.executable, "-m", "fastvideo.entrypoints.cli.main", "serve", "--config", str(folder / "serve.yaml")]
    begun = time.monotonic()
    log = folder / "log.txt"
    with log.open("w") as file:
        server = subprocess.Popen(command, env=env, stdout=file, stderr=subprocess.STDOUT, start_new_session=True)
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_for(server, address, log)
        done = []
        for prompt, seed in clips:
            body = {**request(prompt, seed, options), "size": f"{options.width}x{options.height}"}
            _make_clip(address, body)
            done.append(time.monotonic())
        server.send_signal(signal.SIGINT)
        server.wait(60)
        return Taken(time.monotonic() - begun, steady(done))
    finally:
        # Its workers too: a server that hangs is no reason to leave them.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGKILL)
        server.wait()


def _ask(address: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    data = None if body is None else json.dumps(body).encode()
    asked = urllib.request.Request(address, data, {"Content-Type": "application/json"})  # noqa: S310
    with urllib.request.urlopen(asked, timeout=30) as response:  # noqa: S310
        answer: dict[str, Any] = json.load(response)
    return answer


def _wait_for(server: "subprocess.Popen[bytes]", address: str, log: Path) -> None:
    deadline = time.monotonic() + SERVER_STARTS
    while time.monotonic() < deadline:
        if server.poll() is not None:
            break
        try:
            _ask(f"{address}/v1/videos")
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.05)
            continue
        return
    raise RuntimeError(f"fastvideo serve did not start:\n{log.read_text()[-3000:]}")


def _make_clip(address: str, body: dict[str, Any]) -> None:
    made = _ask(f"{address}/v1/videos", body)
    deadline = time.monotonic() + CLIP_TAKES
    while made["status"] not in ("completed", "failed"):
        if time.monotonic() > deadline:
            raise RuntimeError(f"fastvideo serve did not finish {body['prompt']!r}")
        time.sleep(0.01)
        made = _ask(f"{address}/v1/videos/{made['id']}")
    if made["status"] == "failed":
        raise RuntimeError(f"fastvideo serve: {made}")


def run_pipeline(
    clips: Sequence[tuple[str, int]], folder: Path, env: dict[str, str], options: argparse.Namespace
) -> tuple[Taken, float]:
    """What the step `clips` took, and what the whole of `ttv render` did."""
    folder.mkdir(parents=True)
    size = {"width": options.width, "height": options.height, "num_frames": options.frames, "fps": options.fps}
    document = {
        "name": "warm",
        "defaults": {**size, "params": {"steps": options.steps}},
        "shots": [
            {"id": f"s{number:03}", "prompt": prompt, "seed": seed} for number, (prompt, seed) in enumerate(clips)
        ],
    }
    file = folder / "warm.yaml"
    file.write_text(yaml.safe_dump(document))
    home = folder / "home"
    command = [sys.executable, "-m", "ttv_dagster.cli", "render", str(file), "--json"]
    whole = run(command, {**env, "TTV_HOME": str(home)}, folder / "log.txt")
    settings = Settings(home=home)
    with open_instance(settings) as instance:
        newest = instance.get_runs(limit=1)[0]
        (step,) = [step for step in instance.get_run_step_stats(newest.run_id) if step.step_key == "clips"]
    if step.start_time is None or step.end_time is None:
        raise RuntimeError("the step `clips` did not end")
    result = json.loads((folder / "log.txt").read_text().splitlines()[-1])
    done = [(Path(settings.media) / clip_name(shot["key"])).stat().st_mtime for shot in result["shots"]]
    if len(done) != len(clips) or any(shot["status"] != "rendered" for shot in result["shots"]):
        raise RuntimeError(f"the pipeline did not make its clips: {folder / 'log.txt'}")
    return Taken(step.end_time - step.start_time, steady(done)), whole


def run_round(weights: Path, folder: Path, env: dict[str, str], options: argparse.Namespace) -> dict[str, Any]:
    """Every way once, the pipeline between two halves of the bare loop's time."""
    clips = prompts(options.clips)
    first = run_bare(weights, clips, folder / "bare-1", env, options)
    pipeline, whole = run_pipeline(clips, folder / "pipeline", env, options)
    second = run_bare(weights, clips, folder / "bare-2", env, options)
    bare = Taken((first.seconds + second.seconds) / 2, (first.steady + second.steady) / 2)
    serve = run_serve(weights, clips, folder / "serve", env, options)
    alone = [
        run_bare(weights, clips[number : number + 1], folder / f"alone-{number}", env, options).seconds
        for number in range(min(options.alone, options.clips))
    ]
    each = statistics.mean(alone)
    return {
        "pipeline_over_bare": round(pipeline.seconds / bare.seconds, 4),
        "pipeline_over_serve": round(pipeline.seconds / serve.seconds, 4),
        "pipeline_over_process_per_clip": round(pipeline.seconds / (each * options.clips), 4),
        "steady_pipeline_over_bare": round(pipeline.steady / bare.steady, 4),
        "steady_pipeline_over_serve": round(pipeline.steady / serve.steady, 4),
        "ttv_render_over_bare": round(whole / bare.seconds, 4),
        "pipeline": {**pipeline.to_dict(), "ttv_render_seconds": round(whole, 3)},
        "bare": bare.to_dict(),
        "serve": serve.to_dict(),
        "process_per_clip": {"seconds_per_clip": round(each, 3), "measured": len(alone)},
    }


RATIOS = (
    "pipeline_over_bare",
    "pipeline_over_serve",
    "pipeline_over_process_per_clip",
    "steady_pipeline_over_bare",
    "steady_pipeline_over_serve",
    "ttv_render_over_bare",
)


def tables(document: dict[str, Any]) -> list[Table]:
    """The result for people."""
    shown = Table("", "median", *(f"round {number}" for number, _ in enumerate(document["rounds"], 1)))
    for ratio in RATIOS:
        shown.add_row(ratio, f"{document[ratio]:.3f}", *(f"{each[ratio]:.3f}" for each in document["rounds"]))
    for way in ("pipeline", "bare", "serve"):
        cells = (f"{each[way]['seconds']:.1f} s" for each in document["rounds"])
        shown.add_row(f"{way}, all clips", "", *cells)
    shown.title = f"{document['shots']['number']} clips, random weights of {document['shots']['model']}"
    shown.caption = f"goal: pipeline_over_bare at most {GOAL:.2f}; {LEAST} is the least that will do"
    return [shown]


def main() -> None:
    """Run the rounds and say what they took."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clips", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=3, help="rounds; the median of each ratio counts (3)")
    parser.add_argument("--alone", type=int, default=3, help="clips that are made by a process each (3)")
    shot_arguments(parser)
    options = arguments(parser)
    clean_environment()
    around = surroundings()
    with tempfile.TemporaryDirectory(prefix="ttv-warm-") as name:
        folder = Path(name)
        env = {**environment(folder, MODEL), "OMP_NUM_THREADS": "1"}
        weights = install(folder, MODEL, env)
        rounds = [run_round(weights, folder / f"round-{number}", env, options) for number in range(options.rounds)]
    document = {
        "benchmark": "warm",
        **{ratio: round(statistics.median(each[ratio] for each in rounds), 4) for ratio in RATIOS},
        "goal": GOAL,
        "minimum": LEAST,
        "shots": {
            "number": options.clips,
            "engine": "fastvideo",
            "model": MODEL.id,
            "weights": "random",
            "width": options.width,
            "height": options.height,
            "num_frames": options.frames,
            "steps": options.steps,
        },
        "rounds": rounds,
        **around,
    }
    deliver("warm", document, tables(document), options)


if __name__ == "__main__":
    main()
