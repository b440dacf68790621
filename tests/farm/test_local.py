import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.deployments import NOWHERE
from tests.farm.planning import jobs, local_farm, plan
from ttv_dagster.engines.protocol import Inputs, Progress
from ttv_dagster.farm.engine_process import EngineProcess
from ttv_dagster.farm.protocol import RenderJob
from ttv_dagster.media.decode import iter_frames, last_frame, probe, read_comment
from ttv_dagster.renders.outcome import Outcome
from ttv_dagster.shots.plan import PlannedShot
from ttv_dagster.shots.recipe import Recipe
from ttv_dagster.storage.layout import clip_name, read_record
from ttv_dagster.storage.store import Store


class Watch:
    """Remembers what it is told; raises at the shot it is given."""

    def __init__(self, stop_at: str | None = None) -> None:
        self.stop_at = stop_at
        self.started_labels: list[str] = []
        self.awaited: list[str] = []
        self.steps: list[tuple[str, Progress]] = []
        self.outcomes: list[Outcome] = []

    def started(self, job: RenderJob) -> None:
        self.started_labels.append(job.label)

    def progressed(self, job: RenderJob, progress: Progress) -> None:
        self.steps.append((job.label, progress))
        if job.label == self.stop_at:
            raise TimeoutError("enough")

    def waiting(self, job: RenderJob) -> None:
        self.awaited.append(job.label)

    def finished(self, outcome: Outcome) -> None:
        self.outcomes.append(outcome)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "media")


def render(planned: list[PlannedShot], store: Store, watch: Watch | None = None) -> dict[str, Outcome]:
    farm = local_farm(NOWHERE, store)
    try:
        return {outcome.label: outcome for outcome in farm.render(jobs(planned), watch or Watch())}
    finally:
        farm.close()


def published(planned: list[PlannedShot], store: Store) -> set[str]:
    return {each.shot.id for each in planned if store.size(clip_name(each.key)) is not None}


def test_every_shot_becomes_a_clip_with_its_recipe_and_its_record(store: Store) -> None:
    planned = plan({"id": "a"}, {"id": "b", "num_frames": 5, "width": 32, "height": 32, "fps": 24})
    watch = Watch()
    found = render(planned, store, watch)
    assert {label: outcome.status for label, outcome in found.items()} == {"a": "rendered", "b": "rendered"}
    assert watch.outcomes == list(found.values())
    for each in planned:
        with store.local_copy(clip_name(each.key)) as path:
            seen = probe(path)
            assert read_comment(path) == each.recipe.canonical()
            assert (seen.width, seen.height, seen.num_frames, seen.fps) == (
                each.shot.width,
                each.shot.height,
                each.shot.num_frames,
                each.shot.fps,
            )
            size = path.stat().st_size
        record = read_record(store, each.key)
        assert record is not None
        assert record["bytes"] == size == found[each.shot.id].bytes
        assert record["recipe"] == json.loads(each.recipe.canonical())
        assert set(record["seconds"]) == {"render", "encode", "inspect", "total"}
        assert record["report"]["decodable"] is True


def test_progress_is_told_step_by_step(store: Store) -> None:
    watch = Watch()
    render(plan({"id": "a", "num_frames": 3}), store, watch)
    assert watch.steps == [("a", Progress("frames", number, 3)) for number in (1, 2, 3)]


def test_a_clip_is_told_of_while_the_next_one_still_renders(store: Store) -> None:
    told: list[tuple[str, int]] = []

    class InOrder(Watch):
        def progressed(self, job: RenderJob, progress: Progress) -> None:
            told.append((f"{job.label} renders", progress.done))

        def finished(self, outcome: Outcome) -> None:
            told.append((outcome.label, 0))

    render(plan({"id": "a"}, {"id": "b", "num_frames": 100, "params": {"sleep": 0.02}}), store, InOrder())
    assert told.index(("a", 0)) < told.index(("b renders", 100))


def test_a_failing_shot_is_named_with_its_reason_and_the_others_are_rendered(store: Store) -> None:
    planned = plan(
        {"id": "a"},
        {"id": "broken", "params": {"fail_at": 4}},
        {"id": "after", "continues": True},
        {"id": "last", "continues": True},
        {"id": "b"},
    )
    found = render(planned, store)
    assert published(planned, store) == {"a", "b"}
    assert found["broken"].error == "RuntimeError: the engine gave up"
    assert found["after"].error == found["last"].error == "continues broken, which failed"
    assert {label for label, outcome in found.items() if outcome.status == "failed"} == {"broken", "after", "last"}


def test_frames_that_are_not_what_wmatches_request_are_never_published(store: Store) -> None:
    planned = plan({"id": "short", "params": {"short": 2}}, {"id": "a"})
    found = render(planned, store)
    assert published(planned, store) == {"a"}
    assert found["short"].error is not None
    assert "6" in found["short"].error
    assert "8" in found["short"].error


def test_a_black_clip_is_published_and_told_as_such(store: Store) -> None:
    planned = plan({"id": "night", "params": {"black": True}})
    report = render(planned, store)["night"].report
    assert report is not None
    assert report.black


def test_a_shot_that_continues_starts_on_the_exact_last_frame_before_it(store: Store) -> None:
    planned = plan({"id": "a"}, {"id": "b", "continues": True, "engine": "animatic", "params": {"slate": False}})
    render(planned, store)
    with store.local_copy(clip_name(planned[0].key)) as path:
        last = last_frame(path)
    with store.local_copy(clip_name(planned[1].key)) as path:
        first = next(iter(iter_frames(path)))
        first_height = first.shape[0]
    assert first.shape[1] == planned[1].shot.width
    assert first_height == planned[1].shot.height
    # The engine was given that frame; blocks of one color survive its fitting.
    assert np.abs(first.mean(axis=(0, 1)) - last.mean(axis=(0, 1))).max() < 25


def test_chains_do_not_wait_for_each_other(store: Store) -> None:
    planned = plan(
        {"id": "a1"}, {"id": "a2", "continues": True}, {"id": "b1"}, {"id": "b2", "continues": True}, {"id": "c"}
    )
    watch = Watch()
    render(planned, store, watch)
    order = watch.started_labels
    assert order.index("b1") < order.index("a2"), "b1 was kept waiting until the clip before a2 was published"
    assert order.index("a1") < order.index("a2")
    assert order.index("b1") < order.index("b2")


def test_each_model_is_loaded_once_however_the_shots_alternate(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    planned = plan(*({"id": f"s{n}", "model": f"noise/{'xy'[n % 2]}"} for n in range(6)))
    watch = Watch()
    found = render(planned, store, watch)
    assert all(outcome.status == "rendered" for outcome in found.values())
    assert watch.started_labels == ["s0", "s2", "s4", "s1", "s3", "s5"]


def test_stopping_keeps_what_is_rendered_and_publishes_nothing_half(store: Store) -> None:
    planned = plan({"id": "a"}, {"id": "b"}, {"id": "c"})
    with pytest.raises(TimeoutError):
        render(planned, store, Watch(stop_at="b"))
    assert published(planned, store) == {"a"}
    assert [path for path in store.root.rglob("*") if path.is_file() and ".work" in path.parts] == []


def test_a_clip_that_another_run_published_meanwhile_is_not_rendered_again(store: Store) -> None:
    planned = plan({"id": "a"})
    render(planned, store)
    watch = Watch()
    assert render(planned, store, watch)["a"].status == "cached"
    assert watch.started_labels == []


def test_the_next_job_is_handed_over_while_the_last_frames_of_this_one_arrive(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepared: list[str] = []
    prepare = EngineProcess.prepare

    def noted(self: EngineProcess, recipe: Recipe, inputs: Inputs) -> None:
        prepared.append(recipe.prompt)
        prepare(self, recipe, inputs)

    monkeypatch.setattr(EngineProcess, "prepare", noted)
    planned = plan(*({"id": name, "engine": "boxed"} for name in "abc"))
    found = render(planned, store)
    assert {outcome.status for outcome in found.values()} == {"rendered"}
    assert prepared == ["prompt of b", "prompt of c"]


def test_a_damaged_clip_is_rendered_again(store: Store) -> None:
    planned = plan({"id": "a"})
    render(planned, store)
    name = clip_name(planned[0].key)
    store.write(name, store.read(name)[:-100])
    assert render(planned, store)["a"].status == "rendered"
    with store.local_copy(name) as path:
        assert len(list(iter_frames(path))) == planned[0].shot.num_frames


def test_an_engine_of_another_version_does_not_render_what_was_planned_for_this_one(store: Store) -> None:
    (each,) = plan({"id": "a"})
    recipe = replace(each.recipe, engine_version="0")
    stale = replace(each, recipe=recipe, key=recipe.key())
    error = render([stale], store)["a"].error
    assert error is not None
    assert "materialize prompt_sets again" in error


def test_a_blocked_shot_fails_with_its_reason_and_so_does_what_continues_it(store: Store) -> None:
    planned = plan({"id": "a"}, {"id": "b", "continues": True})
    blocked = [RenderJob("a", planned[0], "no keyframe: it is lost"), RenderJob("b", planned[1])]
    found = list(local_farm(NOWHERE, store).render(blocked, Watch()))
    assert [outcome.error for outcome in found] == ["no keyframe: it is lost", "continues a, which failed"]


def test_a_store_that_cannot_be_read_fails_the_shots_it_is_asked_for_and_no_other(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    planned = plan({"id": "a"}, {"id": "b"}, {"id": "c", "continues": True}, {"id": "d"})
    # What lies where the folder of b's clip would be makes its store unusable for b alone.
    shard = store.root / "clips" / planned[1].key[:2]
    shard.parent.mkdir(parents=True)
    shard.write_text("not a folder")
    found = render(planned, store)
    assert {label: outcome.status for label, outcome in found.items()} == {
        "a": "rendered", "b": "failed", "c": "failed", "d": "rendered",
    }  # fmt: skip
    assert "Not a directory" in (found["b"].error or "")
