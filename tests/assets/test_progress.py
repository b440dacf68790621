import io
import time
from fractions import Fraction
from typing import cast

import dagster as dg
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from ttv_dagster.assets.progress import PREVIEW_BYTES, KeyframeLog, ProgressLine, RunLog
from ttv_dagster.engines.protocol import Progress, RenderCancelled
from ttv_dagster.farm.protocol import KeyframeOutcome, RenderJob
from ttv_dagster.renders.outcome import Outcome
from ttv_dagster.shots.plan import PlannedShot, ResolvedShot, plan_shots

SHOT = ResolvedShot("a", "a prompt", 1, 64, 48, 8, Fraction(8), "noise", "1", "h264-1")
PLANNED: PlannedShot = next(plan_shots([SHOT]))


class Lines(list[str]):
    """A log that keeps its lines."""

    info = error = debug = list.append


def no_preview(job: RenderJob, progress: Progress, webp: bytes) -> None:
    raise AssertionError("nothing is to be seen")


def log(total: int) -> tuple[RunLog, Lines]:
    lines = Lines()
    return RunLog(cast("dg.DagsterLogManager", lines), total, lambda: False, no_preview), lines


@given(st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,40}", fullmatch=True), st.integers(1, 10**6), st.integers(1, 10**6))
def test_a_line_is_read_back(label: str, step: int, steps: int) -> None:
    run_log, lines = log(3)
    run_log.progressed(RenderJob(label, PLANNED), Progress("frames", step, steps))
    run_log.finished(Outcome(label, "rendered", seconds=1.0))
    run_log.finished(Outcome(label, "failed", error="it broke: [1/2] twice\nand again"))
    run_log.finished(Outcome(label, "cached"))
    read = [ProgressLine.parse(line) for line in lines]
    assert read == [
        ProgressLine(0, 3, label, "frames", step, steps),
        ProgressLine(1, 3, label, status="rendered"),
        ProgressLine(2, 3, label, status="failed"),
        ProgressLine(3, 3, label, status="cached"),
    ]


@pytest.mark.parametrize("line", ["", "9 shots: 4 cached, 5 to render", "[x/2] a: rendered", "[1/2] a: exploded"])
def test_other_lines_are_none_of_ours(line: str) -> None:
    assert ProgressLine.parse(line) is None


def test_steps_are_not_logged_faster_than_people_read() -> None:
    run_log, lines = log(1)
    for step in range(1000):
        run_log.progressed(RenderJob("a", PLANNED), Progress("frames", step, 1000))
    assert len(lines) == 1
    run_log.finished(Outcome("a", "rendered"))
    assert len(lines) == 2


def test_a_canceled_run_ends_at_its_next_shot_or_step() -> None:
    run_log = RunLog(cast("dg.DagsterLogManager", Lines()), 1, lambda: True, no_preview)
    with pytest.raises(RenderCancelled):
        run_log.started(RenderJob("a", PLANNED))
    with pytest.raises(RenderCancelled):
        run_log.progressed(RenderJob("a", PLANNED), Progress("frames", 1, 2))


def test_the_newest_frames_are_shown_small_and_not_too_often(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[tuple[str, int, bytes]] = []
    run_log = RunLog(
        cast("dg.DagsterLogManager", Lines()),
        1,
        lambda: False,
        lambda job, progress, webp: shown.append((job.label, progress.done, webp)),
    )
    frames = np.random.default_rng(0).integers(0, 256, (36, 240, 320, 3), np.uint8)
    for done in range(1, 4):
        run_log.progressed(RenderJob("a", PLANNED), Progress("denoise", done, 3, frames))
    ((label, done, webp),) = shown
    assert (label, done) == ("a", 1)
    assert len(webp) <= PREVIEW_BYTES
    with Image.open(io.BytesIO(webp)) as image:
        assert getattr(image, "n_frames", 1) == 24
    monkeypatch.setattr("ttv_dagster.assets.progress.time.monotonic", lambda: time.time() + 10**6)
    run_log.progressed(RenderJob("a", PLANNED), Progress("denoise", 3, 3, frames))
    assert [done for _label, done, _webp in shown] == [1, 3]


def test_keyframes_are_counted_failures_are_named_and_a_canceled_run_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ttv_dagster.assets.progress.EVERY_SECONDS", 0.0)
    lines, canceled = Lines(), [False, False, True]
    keyframes = KeyframeLog(
        cast("dg.DagsterLogManager", lines), {"k1": "a", "k2": "b", "k3": "c"}, lambda: canceled.pop(0)
    )
    keyframes.finished(KeyframeOutcome("k1", 1.0))
    keyframes.finished(KeyframeOutcome("k2", 1.0, RuntimeError("it broke")))
    with pytest.raises(RenderCancelled, match="after 3 of 3"):
        keyframes.finished(KeyframeOutcome("k3", 1.0))
    said = [line for line in lines if "Error" not in line or "no keyframe" in line]
    assert said[1] == "b: no keyframe: RuntimeError: it broke"
    assert ProgressLine.parse(said[0]) == ProgressLine(1, 3, "a", "keyframe", 1, 3)


def test_the_fraction_grows_to_one() -> None:
    fractions = [
        ProgressLine(0, 2, "a", "frames", 0, 4).fraction,
        ProgressLine(0, 2, "a", "frames", 2, 4).fraction,
        ProgressLine(1, 2, "a", status="rendered").fraction,
        ProgressLine(1, 2, "b", "frames", 3, 4).fraction,
        ProgressLine(2, 2, "b", status="cached").fraction,
    ]
    assert fractions == [0.0, 0.25, 0.5, 0.875, 1.0]
