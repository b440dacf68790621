"""The real FastVideo, with its real workers, on tiny checkpoints."""

import hashlib
import resource
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest

from tests.engines.fastvideo.processes import end_within, hosts, workers
from tests.engines.fastvideo.requests import FAST, IMAGE, image, recipe, render
from tests.tiny.installation import Checkpoint, Installation
from tests.tiny.wan import tiny_wan_checkpoint
from ttv_dagster.engines.fastvideo import FastVideo
from ttv_dagster.engines.protocol import Inputs, Progress, RenderCancelled
from ttv_dagster.settings import FastVideoOptions
from ttv_dagster.weights.random_wan import RandomWan


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with pytest.MonkeyPatch.context() as monkeypatch:
        checkpoints = [tiny_wan_checkpoint(RandomWan()), tiny_wan_checkpoint(RandomWan(distilled=True))]
        installation = Installation(tmp_path_factory.mktemp("installation"), checkpoints)
        installation.use_here(monkeypatch)
        yield installation


@pytest.fixture(scope="module")
def engine(installation: Installation) -> Iterator[FastVideo]:
    """One engine for the tests that need no other: it loads when it must, and only then."""
    engine = FastVideo(installation.deployment())
    yield engine
    engine.close()
    assert hosts() == workers() == []


@pytest.fixture
def nothing_runs(engine: FastVideo) -> None:
    """The engine of the other tests is closed: what runs from here on is the test's own."""
    engine.close()
    assert hosts() == workers() == []


@pytest.fixture
def limited(installation: Installation, nothing_runs: None) -> Iterator[FastVideo]:
    """An engine that takes a new generator after two clips."""
    engine = FastVideo(installation.deployment(fastvideo=FastVideoOptions(recycle_after=2)))
    yield engine
    engine.close()
    assert hosts() == workers() == []


def test_a_recipe_is_rendered_matches_request_and_the_same_each_time_by_one_load(
    engine: FastVideo, installation: Installation, capfd: pytest.CaptureFixture[str]
) -> None:
    told: list[Progress] = []
    asked = recipe(engine, installation, num_frames=13, width=96)
    first = render(engine, asked, on_progress=told.append)
    assert first.shape == (13, 64, 96, 3)
    assert first.dtype == np.uint8
    assert told == [
        Progress("text", 1, 1),
        Progress("denoise", 1, 2),
        Progress("denoise", 2, 2),
        Progress("decode", 1, 1),
    ]
    loaded = workers()
    assert len(loaded) == 1
    assert np.array_equal(render(engine, asked), first)
    assert not np.array_equal(render(engine, recipe(engine, installation, num_frames=13, width=96, seed=8)), first)
    assert workers() == loaded

    report = engine.report()
    assert (report["gpu"], report["offload"], report["attention"]) == ("none", "none", ["TORCH_SDPA"])
    assert set(report["stages"]) == {"text", "denoise", "decode"}
    assert not report["low_memory"]
    assert "retried_after" not in report
    # FastVideo logs to its stdout, and this is another one.
    assert capfd.readouterr().out == ""


def test_an_image_changes_the_clip_and_a_large_clip_stays_as_large_matches_request(
    engine: FastVideo, installation: Installation
) -> None:
    asked = recipe(engine, installation, first_frame=IMAGE)
    dark, light = render(engine, asked, image(20)), render(engine, asked, image(230))
    assert not np.array_equal(dark, light)
    assert not np.array_equal(dark, render(engine, recipe(engine, installation)))

    large = recipe(engine, installation, first_frame=IMAGE, width=1280, height=704, num_frames=5, params={"steps": 1})
    assert render(engine, large, image(20)).shape == (5, 704, 1280, 3)


def test_steps_and_guidance_and_a_negative_prompt_decide_pixels(engine: FastVideo, installation: Installation) -> None:
    usual = render(engine, recipe(engine, installation))
    for params in ({"steps": 3}, {"guidance": 2.0}):
        assert not np.array_equal(render(engine, recipe(engine, installation, params=params)), usual), params
    assert not np.array_equal(render(engine, recipe(engine, installation, negative_prompt="rain")), usual)


def test_a_clip_that_nobody_takes_to_its_end_leaves_nothing_behind_for_the_next(
    engine: FastVideo, installation: Installation
) -> None:
    asked = recipe(engine, installation, num_frames=13)
    whole = render(engine, asked)
    left = engine.render(asked, Inputs(), lambda _: None)
    next(left)
    left.close()  # type: ignore[attr-defined]
    loaded = workers()
    assert np.array_equal(render(engine, asked), whole)
    assert workers() == loaded


def test_a_worker_that_dies_is_replaced_and_its_shot_rendered_once_more(
    engine: FastVideo, installation: Installation
) -> None:
    asked = recipe(engine, installation)
    before = render(engine, asked)
    (worker,) = workers()
    worker.kill()
    assert np.array_equal(render(engine, asked), before)
    assert engine.report()["retried_after"] == "a worker of FastVideo was ended by SIGKILL"
    assert worker not in workers()
    render(engine, asked)
    assert "retried_after" not in engine.report()


def test_memory_that_runs_out_is_told_and_the_shot_rendered_thriftily_in_the_same_size(
    limited: FastVideo, installation: Installation
) -> None:
    small = recipe(limited, installation)
    render(limited, small)
    _leave_no_room(workers()[0])
    large = recipe(limited, installation, width=1024, height=1024, num_frames=5)
    # The worker raises, and sends SIGQUIT to its parent, which is not this process: it would end here.
    before = signal.signal(signal.SIGQUIT, signal.SIG_DFL)
    try:
        assert render(limited, large).shape == (5, 1024, 1024, 3)
    finally:
        signal.signal(signal.SIGQUIT, before)
    report = limited.report()
    assert report["low_memory"]
    assert report["offload"] == "none", "there is no GPU that anything could leave"
    assert report["retried_after"].startswith("out of memory at 1024x1024, 5 frames: ")
    assert "you tried to allocate" in report["retried_after"]
    assert "were free afterwards" in report["retried_after"]

    (second,) = workers()
    render(limited, small)
    assert workers() == [second]
    render(limited, small)
    assert workers() != [second], "a new generator after two clips"


@pytest.mark.usefixtures("nothing_runs")
def test_where_thrift_is_not_allowed_a_shot_without_memory_fails_and_the_next_is_rendered(
    installation: Installation,
) -> None:
    engine = FastVideo(installation.deployment(retry_low_memory=False))
    try:
        render(engine, recipe(engine, installation))
        _leave_no_room(workers()[0])
        with pytest.raises(RuntimeError, match=r"out of memory at 1024x1024, 5 frames: .*you tried to allocate"):
            render(engine, recipe(engine, installation, width=1024, height=1024, num_frames=5))
        assert hosts() == []
        assert render(engine, recipe(engine, installation)).shape == (9, 64, 64, 3)
        assert not engine.report()["low_memory"]

        # What is raised out of the callback cancels the render, and ends whoever is at it.
        def cancel(progress: Progress) -> None:
            raise RenderCancelled

        with pytest.raises(RenderCancelled):
            render(engine, recipe(engine, installation), on_progress=cancel)
        assert hosts() == workers() == []
    finally:
        engine.close()


def _leave_no_room(worker: psutil.Process) -> None:
    """Let a process take a little more memory, and no more: as a full GPU does.

    What the clip needs comes in pieces above 32 MiB, which glibc never takes from what the process already has.
    """
    maximum = worker.memory_info().vms + 16 * 2**20
    resource.prlimit(worker.pid, resource.RLIMIT_AS, (maximum, maximum))


@pytest.mark.usefixtures("nothing_runs")
def test_a_lora_changes_the_clip_and_one_that_would_do_nothing_is_refused_by_its_keys(
    installation: Installation, tmp_path: Path
) -> None:
    loras = tmp_path / "loras"
    loras.mkdir()
    good = _write_lora(loras / "good.safetensors", "blocks.0.attn1.to_q")
    idle = _write_lora(loras / "idle.safetensors", "transformer.blocks.0.attn1.to_q")
    engine = FastVideo(installation.deployment(fastvideo=FastVideoOptions(lora_folder=str(loras))))
    try:
        told: list[Progress] = []
        plain = render(engine, recipe(engine, installation, model=FAST), on_progress=told.append)
        assert Progress("denoise", 3, 3) in told, "three steps of its own"
        styled = render(engine, recipe(engine, installation, model=FAST, params={"lora": good}))
        assert not np.array_equal(styled, plain)
        asked = recipe(engine, installation, model=FAST, params={"lora": idle})
        for _again in range(2):
            with pytest.raises(RuntimeError, match=r"do nothing.*: transformer\.blocks\.0\.attn1\.to_q\.lora_A"):
                render(engine, asked)
            assert hosts() == []
    finally:
        engine.close()


def _write_lora(path: Path, layer: str) -> str:
    from safetensors.numpy import save_file

    values = np.random.default_rng(0).standard_normal((4, 128)).astype(np.float32)
    save_file({f"{layer}.lora_A.weight": values, f"{layer}.lora_B.weight": values.T.copy()}, path)
    return f"{path.stem}@{hashlib.sha256(path.read_bytes()).hexdigest()[:12]}"


def test_an_engine_ends_its_processes_when_it_is_closed(engine: FastVideo, installation: Installation) -> None:
    render(engine, recipe(engine, installation))
    ending = [*hosts(), *workers()]
    assert len(ending) == 2
    engine.close()
    assert end_within(ending, 0.1)


@pytest.mark.usefixtures("nothing_runs")
def test_a_model_that_does_not_load_is_not_loaded_again_for_every_shot(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = tiny_wan_checkpoint(RandomWan())
    broken = tmp_path / "broken"
    (broken / "vae").mkdir(parents=True)
    (broken / "vae" / "model.safetensors").touch()
    installation = Installation(tmp_path / "installation", [Checkpoint(whole.entry, broken)])
    installation.use_here(monkeypatch)
    engine = FastVideo(installation.deployment())
    with pytest.raises(RuntimeError, match="failed twice"):
        render(engine, recipe(engine, installation))
    started = time.monotonic()
    with pytest.raises(RuntimeError, match=r"did not load .* not tried again: json\.decoder\.JSONDecodeError"):
        render(engine, recipe(engine, installation, seed=8))
    assert time.monotonic() - started < 1
    assert hosts() == []
