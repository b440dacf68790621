"""An engine in a child process: what it gives, and what remains of it however it or its parent ends."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.deployments import NOWHERE
from tests.farm.planning import jobs, local_farm, plan
from tests.farm.test_local import Watch
from ttv_dagster.engines.protocol import Frames, Inputs, Progress, RenderCancelled
from ttv_dagster.engines.registry import open_engine
from ttv_dagster.farm.engine_process import EngineFailed, EngineProcess, process
from ttv_dagster.farm.engine_process.errors import how_it_ended
from ttv_dagster.farm.engine_process.ring import SLOT_BYTES, Ring
from ttv_dagster.shots.recipe import Recipe
from ttv_dagster.storage.store import Store

ROOT = Path(__file__).parents[3]


def named_shared_memory(process: int | str) -> list[str]:
    """What a process has open or mapped in /dev/shm; other processes may use it meanwhile."""
    opened = [str(file.readlink()) for file in Path(f"/proc/{process}/fd").iterdir() if file.is_symlink()]
    mapped = Path(f"/proc/{process}/maps").read_text().splitlines()
    return [line for line in [*opened, *mapped] if "/dev/shm" in line]  # noqa: S108


@pytest.fixture(scope="module")
def shared() -> Iterator[EngineProcess]:
    engine = EngineProcess("engine", "boxed", NOWHERE)
    yield engine
    engine.close()


@pytest.fixture
def engine() -> Iterator[EngineProcess]:
    engine = EngineProcess("engine", "boxed", NOWHERE)
    yield engine
    engine.close()


def asked(**fields: Any) -> Recipe:
    return plan({"id": "a", "engine": "boxed", **fields})[0].recipe


def frames_of(engine: Any, recipe: Recipe, on_progress: Any = lambda _progress: None) -> Frames:
    chunks = engine.render(recipe, Inputs(), on_progress)
    return np.concatenate(list(chunks))


def child_of(engine: EngineProcess) -> psutil.Process:
    frames_of(engine, asked())
    return psutil.Process(engine.report()["process"])


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(count=st.integers(1, 40), chunk=st.integers(1, 40), side=st.sampled_from([16, 48, 256]))
def test_frames_arrive_bit_for_bit_however_they_are_chunked(
    shared: EngineProcess, count: int, chunk: int, side: int
) -> None:
    recipe = asked(num_frames=count, width=side, height=side, params={"chunk": chunk})
    here = frames_of(open_engine("boxed", NOWHERE), recipe)
    assert np.array_equal(frames_of(shared, recipe), here)


def test_a_clip_larger_than_the_ring_passes_through_it_while_its_reader_is_slow(shared: EngineProcess) -> None:
    ring = process.FRAME_SLOTS * SLOT_BYTES
    recipe = asked(num_frames=2 * ring // (256 * 256 * 3), width=256, height=256, params={"chunk": 100})
    arrived = []
    for chunk in shared.render(recipe, Inputs(), lambda _progress: None):
        time.sleep(0.05)
        arrived.append(chunk)
    assert np.array_equal(np.concatenate(arrived), frames_of(open_engine("boxed", NOWHERE), recipe))


def test_steps_and_the_report_cross_the_border(shared: EngineProcess) -> None:
    steps: list[Progress] = []
    frames_of(shared, asked(num_frames=3), steps.append)
    assert steps == [Progress("frames", number, 3) for number in (1, 2, 3)]
    assert shared.report()["process"] != os.getpid()


def test_a_large_image_is_handed_over(shared: EngineProcess) -> None:
    image = np.zeros((4000, 3000, 3), np.uint8)  # larger than the ring that it passes through
    assert image.nbytes > process.IMAGE_SLOTS * SLOT_BYTES
    recipe = asked(num_frames=1)
    (frames,) = shared.render(recipe, Inputs(image, image), lambda _progress: None)
    assert len(frames) == 1


def test_an_error_keeps_its_name_and_says_where_it_happened(shared: EngineProcess) -> None:
    with pytest.raises(EngineFailed, match="the engine gave up") as caught:
        frames_of(shared, asked(params={"fail_at": 2}))
    assert caught.value.kind == "RuntimeError"
    assert "ttv_test_engines" in caught.value.__notes__[0]
    assert len(frames_of(shared, asked())) == 8


def test_what_an_engine_prints_stays_out_of_the_parents_output(
    shared: EngineProcess, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(EngineFailed) as caught:
        frames_of(shared, asked(params={"shout": "look at me", "fail_at": 0}))
    assert capfd.readouterr() == ("", "")
    assert "look at me" in caught.value.__notes__[0]


def test_the_next_render_is_begun_before_the_last_frames_of_this_one_are_taken(engine: EngineProcess) -> None:
    first, second = asked(seed=1), asked(seed=2)
    frames = engine.render(first, Inputs(), lambda _progress: None)
    began = next(frames)
    engine.prepare(second, Inputs())
    here = open_engine("boxed", NOWHERE)
    assert np.array_equal(np.concatenate([began, *frames]), frames_of(here, first))
    assert np.array_equal(frames_of(engine, second), frames_of(here, second))


def test_a_render_that_was_prepared_and_is_not_wanted_is_given_up(engine: EngineProcess) -> None:
    frames_of(engine, asked(seed=1))
    engine.prepare(asked(seed=2), Inputs())
    here = open_engine("boxed", NOWHERE)
    assert np.array_equal(frames_of(engine, asked(seed=3)), frames_of(here, asked(seed=3)))


@pytest.mark.parametrize(
    ("number", "said"), [(signal.SIGKILL, "SIGKILL: .*memory"), (signal.SIGSEGV, "SIGSEGV"), (40, "signal 40")]
)
def test_a_child_that_is_killed_costs_its_shot_and_the_next_one_starts_another(
    engine: EngineProcess, number: int, said: str
) -> None:
    with pytest.raises(EngineFailed, match=f"the process of boxed was ended by {said}"):
        frames_of(engine, asked(params={"kill_at": 3, "signal": int(number)}))
    assert len(frames_of(engine, asked())) == 8


def test_a_child_that_dies_while_nothing_renders_costs_no_shot(engine: EngineProcess) -> None:
    child = child_of(engine)
    child.kill()
    psutil.wait_procs([child])
    assert len(frames_of(engine, asked())) == 8


def test_a_child_that_dies_with_the_next_render_waiting_costs_one_shot_of_the_two(engine: EngineProcess) -> None:
    frames = engine.render(asked(params={"kill_at": 4}), Inputs(), lambda _progress: None)
    next(frames)
    engine.prepare(asked(seed=2), Inputs())
    with pytest.raises(EngineFailed, match="SIGKILL"):
        list(frames)
    assert np.array_equal(frames_of(engine, asked(seed=2)), frames_of(open_engine("boxed", NOWHERE), asked(seed=2)))


def test_an_exit_code_is_named() -> None:
    assert how_it_ended(3) == "ended with exit code 3"


def test_a_shot_whose_engine_is_killed_fails_and_every_other_one_is_there(tmp_path: Path) -> None:
    shots = [{"id": name, "engine": "boxed"} for name in "abc"]
    shots[1]["params"] = {"kill_at": 3}  # type: ignore[assignment]
    farm = local_farm(NOWHERE, Store(tmp_path / "media"))
    try:
        found = {each.label: each for each in farm.render(jobs(plan(*shots)), Watch())}
    finally:
        farm.close()
    assert {label: each.status for label, each in found.items()} == {"a": "rendered", "b": "failed", "c": "rendered"}
    assert "ended by SIGKILL" in str(found["b"].error)


def test_a_render_is_cancelled_and_the_child_stays(engine: EngineProcess) -> None:
    child = child_of(engine)

    def stop(progress: Progress) -> None:
        raise RenderCancelled

    with pytest.raises(RenderCancelled):
        frames_of(engine, asked(num_frames=1000, params={"sleep": 0.01}), stop)
    left = engine.render(asked(), Inputs(), lambda _progress: None)
    next(left)
    left.close()
    assert child_of(engine) == child


def test_an_engine_that_hangs_is_killed_when_its_render_is_cancelled(
    engine: EngineProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "CANCEL_SECONDS", 1)
    child = child_of(engine)

    def stop(progress: Progress) -> None:
        raise RenderCancelled  # The child is past its first step, and hangs before the next one.

    with pytest.raises(RenderCancelled):
        frames_of(engine, asked(params={"hang_at": 1}), stop)
    assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE
    assert len(frames_of(engine, asked())) == 8


def test_memory_that_cannot_be_had_is_one_sentence_before_anything_starts(
    engine: EngineProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int, start: int, size: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", full)
    before = set(psutil.Process().children())
    with pytest.raises(EngineFailed, match="80 MiB of shared memory for the frames of boxed cannot be had"):
        frames_of(engine, asked())
    assert set(psutil.Process().children()) <= before


def test_a_ring_has_no_name_anywhere() -> None:
    before = named_shared_memory("self")
    ring = Ring.create(2)
    assert named_shared_memory("self") == before
    ring.close()


SCRIPT = """
import sys
from tests.farm.engine_process.test_process import asked
from tests.deployments import NOWHERE
from ttv_dagster.engines.protocol import Inputs
from ttv_dagster.farm.engine_process import EngineProcess

print("imported", flush=True)
engine = EngineProcess("engine", "boxed", NOWHERE)
for _ in engine.render(
    asked(num_frames=1000, params={"sleep": 0.05}), Inputs(), lambda _: None
):
    print("frame", flush=True)
"""


def test_a_parent_that_is_killed_leaves_neither_a_child_nor_shared_memory(tmp_path: Path) -> None:
    script = tmp_path / "script.py"  # as people write them, with no `if __name__ == "__main__":`
    script.write_text(SCRIPT)
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ["PYTHONPATH"]])}
    with subprocess.Popen([sys.executable, str(script)], cwd=tmp_path, env=env, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        assert [parent.stdout.readline() for _ in range(3)] == [b"imported\n", b"frame\n", b"frame\n"]
        (child,) = psutil.Process(parent.pid).children()
        assert named_shared_memory(child.pid) == named_shared_memory(parent.pid) == []
        parent.kill()
    psutil.wait_procs([child], timeout=10)
    assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE
