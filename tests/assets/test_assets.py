"""The assets, materialized in this process on an instance of the test's own."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import dagster as dg
import pandas as pd
import pytest
from PIL import Image

from tests.cli.sets import renders, write_set
from ttv_dagster.definitions import make_definitions
from ttv_dagster.library.intake import read_intake
from ttv_dagster.library.library import Library
from ttv_dagster.media.decode import probe
from ttv_dagster.runs.home import open_instance, prepare_home
from ttv_dagster.settings import Settings

ASSETS = ("prompt_sets", "keyframes", "clips", "films")


class Studio:
    """An installation of the test's own."""

    def __init__(self, folder: Path, instance: dg.DagsterInstance, settings: Settings) -> None:
        self.folder = folder
        self.instance = instance
        self.settings = settings

    def add(self, name: str, *shots: dict[str, Any], **defaults: Any) -> None:
        file = write_set(self.folder / f"{name}.yaml", *shots, **defaults)
        Library(url=self.settings.library).add(read_intake(file), file)
        self.instance.add_dynamic_partitions("prompt_sets", [name])

    def materialize(
        self, *assets: str, sets: Sequence[str], config: dict[str, Any] | None = None
    ) -> dg.ExecuteInProcessResult:
        if len(sets) == 1:
            tags = {"dagster/partition": sets[0]}
        else:
            tags = {
                "dagster/asset_partition_range_start": sets[0],
                "dagster/asset_partition_range_end": sets[-1],
            }
        job = make_definitions(self.settings).resolve_job_def("render_film")
        return job.execute_in_process(
            instance=self.instance,
            tags=tags,
            asset_selection=[dg.AssetKey(asset) for asset in assets or ASSETS],
            run_config={"ops": config or {}, "loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
            raise_on_error=False,
        )

    def table(self, asset: str, name: str) -> pd.DataFrame:
        return pd.read_parquet(Path(self.settings.tables) / asset / f"{name}.parquet")

    def latest(self, asset: str, name: str) -> dg.AssetMaterialization:
        records = self.instance.fetch_materializations(
            dg.AssetRecordsFilter(asset_key=dg.AssetKey(asset), asset_partitions=[name]), limit=1
        ).records
        found = records[0].asset_materialization
        assert found is not None
        return found


@pytest.fixture
def studio(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Studio]:
    monkeypatch.setenv("TTV_TEST_RENDERS", str(tmp_path / "renders.jsonl"))
    settings = Settings()
    prepare_home(settings)
    with open_instance(settings) as instance:
        yield Studio(tmp_path, instance, settings)


def failure(result: dg.ExecuteInProcessResult, step: str) -> str:
    event = next(event for event in result.all_events if event.is_step_failure and event.step_key == step)
    data = event.step_failure_data
    if data.user_failure_data and data.user_failure_data.description:
        return data.user_failure_data.description
    return str(data.error)


def test_every_asset_shows_what_a_person_wants_to_see(studio: Studio) -> None:
    studio.add(
        "story",
        {"id": "a", "engine": "animatic"},
        {"id": "b", "continues": True, "engine": "animatic"},
        width=64,
        height=64,
        num_frames=6,
        fps=8,
    )
    assert studio.materialize(sets=["story"]).success
    sets, keyframes, clips, films = (studio.latest(asset, "story").metadata for asset in ASSETS)
    assert sets["dagster/row_count"].value == 2
    assert {"shots", "film seconds", "engines"} <= set(sets)
    assert (keyframes["made"].value, keyframes["given"].value, keyframes["failed"].value) == (1, 0, 0)
    assert (clips["rendered"].value, clips["cached"].value, clips["failed"].value) == (2, 0, 0)
    assert Path(str(films["film"].value)).is_file()
    for metadata, name in ((keyframes, "contact sheet"), (clips, "preview"), (films, "preview")):
        image = str(metadata[name].value)
        assert "data:image/webp;base64," in image
        assert len(image) < 210_000


def test_data_versions_change_with_the_content_and_with_nothing_else(studio: Studio) -> None:
    def versions() -> dict[str, str]:
        tags = {asset: studio.latest(asset, "story").tags or {} for asset in ASSETS}
        return {asset: tags[asset]["dagster/data_version"] for asset in ASSETS}

    studio.add("story", {"id": "a"}, {"id": "b"})
    studio.materialize(sets=["story"])
    first = versions()
    studio.materialize(sets=["story"])
    assert versions() == first
    studio.add("story", {"id": "a"}, {"id": "b", "seed": 1})
    studio.materialize(sets=["story"])
    assert all(versions()[asset] != first[asset] for asset in ("prompt_sets", "clips", "films"))


def test_several_sets_render_in_one_run_and_share_their_clips(studio: Studio) -> None:
    for name in ("one", "two", "three"):
        studio.add(name, {"id": "own", "prompt": name}, {"id": "shared", "prompt": "the same in all"})
    assert studio.materialize(sets=studio.instance.get_dynamic_partitions("prompt_sets")).success
    assert len(renders(studio.folder / "renders.jsonl")) == 4
    for name in ("one", "two", "three"):
        assert set(studio.table("clips", name)["shot"]) == {"own", "shared"}
        assert probe(Path(str(studio.latest("films", name).metadata["film"].value))).num_frames == 16


def test_a_failing_shot_fails_the_run_after_its_manifest_is_kept(studio: Studio) -> None:
    studio.add("story", {"id": "a"}, {"id": "broken", "params": {"fail_at": 0}}, {"id": "b"})
    result = studio.materialize(sets=["story"])
    assert not result.success
    assert list(studio.table("clips", "story")["status"]) == ["rendered", "failed", "rendered"]
    checks = {check.check_name: check for check in result.get_asset_check_evaluations()}
    assert not checks["complete"].passed
    assert checks["complete"].description == "broken: RuntimeError: the engine gave up"
    assert checks["decodes"].passed
    assert checks["matches_request"].passed
    assert [event.step_key for event in result.all_events if event.is_step_skipped or event.is_step_failure] == [
        "clips"
    ]
    assert failure(result, "clips") == "story: 1 of 3 shots failed: broken (RuntimeError: the engine gave up)"
    assert studio.instance.fetch_materializations(dg.AssetKey("films"), limit=1).records == []


def test_a_failing_shot_of_one_set_keeps_only_its_own_film_from_being_joined(studio: Studio) -> None:
    studio.add("bad", {"id": "a"}, {"id": "broken", "params": {"fail_at": 0}})
    studio.add("good", {"id": "a", "prompt": "another"})
    result = studio.materialize(sets=studio.instance.get_dynamic_partitions("prompt_sets"))
    assert not result.success
    assert failure(result, "films") == (
        "bad: the film is not joined, because 1 of 2 clips are missing: broken (RuntimeError: the engine gave up). "
        "Materialize clips for this set first."
    )
    assert probe(Path(str(studio.latest("films", "good").metadata["film"].value))).num_frames == 8
    assert studio.instance.get_materialized_partitions(dg.AssetKey("films")) == {"good"}
    assert len(studio.table("films", "good")) == 1
    found = {(each.partition, each.check_name): each.passed for each in result.get_asset_check_evaluations()}
    assert (found["bad", "complete"], found["good", "complete"]) == (False, True)
    assert found["good", "length_matches_clips"]
    assert ("bad", "length_matches_clips") not in found
    # The same film, joined in a run of its own, has the same data version.
    version = (studio.latest("films", "good").tags or {})["dagster/data_version"]
    assert studio.materialize("films", sets=["good"]).success
    assert (studio.latest("films", "good").tags or {})["dagster/data_version"] == version


def test_clips_alone_fail_the_run_of_several_sets_too(studio: Studio) -> None:
    studio.add("bad", {"id": "broken", "params": {"fail_at": 0}})
    studio.add("good", {"id": "a"})
    sets = studio.instance.get_dynamic_partitions("prompt_sets")
    result = studio.materialize("prompt_sets", "keyframes", "clips", sets=sets)
    assert failure(result, "clips") == "bad: 1 of 1 shots failed: broken (RuntimeError: the engine gave up)"
    assert list(studio.table("clips", "good")["status"]) == ["rendered"]


def test_a_black_clip_is_a_warning_and_no_obstacle(studio: Studio) -> None:
    studio.add("story", {"id": "night", "params": {"black": True}})
    result = studio.materialize(sets=["story"])
    assert result.success
    check = next(check for check in result.get_asset_check_evaluations() if check.check_name == "not_blank")
    assert (check.passed, check.severity) == (False, dg.AssetCheckSeverity.WARN)
    assert check.description == "night: black"


def test_a_film_is_never_cut_with_a_hole_even_alone(studio: Studio) -> None:
    studio.add("story", {"id": "a"}, {"id": "b"})
    assert studio.materialize(sets=["story"]).success
    lost = next(Path(studio.settings.media).glob("clips/*/*.mp4"))
    lost.unlink()
    for film in Path(studio.settings.media).glob("films/*.mp4"):
        film.unlink()
    result = studio.materialize("films", sets=["story"])
    assert not result.success
    assert "the film is not joined" in failure(result, "films")
    assert not list(Path(studio.settings.media).glob("films/*.mp4"))
    assert studio.materialize(sets=["story"]).success
    assert len(renders(studio.folder / "renders.jsonl")) == 3


def test_one_set_with_a_hole_does_not_keep_the_films_of_others_from_being_cut(studio: Studio) -> None:
    studio.add("good", {"id": "a"})
    studio.add("bad", {"id": "b", "params": {"fail_at": 0}})
    sets = studio.instance.get_dynamic_partitions("prompt_sets")
    assert not studio.materialize(sets=sets).success
    result = studio.materialize("films", sets=sets)
    assert not result.success
    assert "bad" in failure(result, "films")
    assert len(list(Path(studio.settings.media).glob("films/good.*.mp4"))) == 1


def test_keyframes_are_given_made_or_continued(studio: Studio) -> None:
    Image.new("RGB", (80, 60), (200, 30, 60)).save(studio.folder / "red.png")
    studio.add(
        "story",
        {"id": "given", "image": "red.png"},
        {"id": "continued", "continues": True},
        {"id": "made", "engine": "animatic", "width": 64, "height": 48, "num_frames": 4, "fps": 8},
        {"id": "none"},
    )
    assert studio.materialize(sets=["story"]).success
    table = studio.table("keyframes", "story").set_index("shot")
    assert dict(table["source"]) == {"given": "given", "continued": "continues", "made": "made", "none": "none"}
    assert (Path(studio.settings.media) / table["name"]["given"]).is_file()
    assert studio.materialize("keyframes", sets=["story"]).success
    table = studio.table("keyframes", "story").set_index("shot")
    assert (table["status"]["given"], table["status"]["made"]) == ("cached", "cached")


def test_only_the_images_of_the_chosen_shots_are_made(studio: Studio) -> None:
    size = {"engine": "animatic", "width": 64, "height": 48, "num_frames": 4, "fps": 8}
    studio.add("story", {"id": "a", **size}, {"id": "b", "continues": True, **size}, {"id": "c", **size})
    config = {"keyframes": {"config": {"shots": ["b"]}}}
    assert studio.materialize("prompt_sets", "keyframes", sets=["story"], config=config).success
    table = studio.table("keyframes", "story").set_index("shot")
    assert (table["status"]["a"], table["status"]["c"]) == ("published", "pending")
    assert len(list(Path(studio.settings.media).glob("keyframes/*/*.png"))) == 1
    assert not studio.materialize("clips", sets=["story"]).success
    clips = studio.table("clips", "story").set_index("shot")
    assert dict(clips["status"]) == {"a": "rendered", "b": "rendered", "c": "failed"}
    assert clips["error"]["c"] == "no keyframe yet: materialize keyframes for this set"
    assert studio.materialize(sets=["story"]).success


def test_a_lost_image_is_the_failure_of_its_shot_alone(studio: Studio) -> None:
    Image.new("RGB", (80, 60), (200, 30, 60)).save(studio.folder / "red.png")
    studio.add("story", {"id": "imaged", "image": "red.png"}, {"id": "after", "continues": True}, {"id": "plain"})
    for image in Path(studio.settings.library).glob("story/images/*"):
        image.unlink()
    assert not studio.materialize(sets=["story"]).success
    table = studio.table("clips", "story").set_index("shot")
    assert dict(table["status"]) == {"imaged": "failed", "after": "failed", "plain": "rendered"}
    assert table["error"]["imaged"].startswith("no keyframe: ")
    assert table["error"]["after"] == "continues imaged, which failed"


def test_a_set_that_the_library_lacks_is_refused_in_a_sentence(studio: Studio) -> None:
    studio.instance.add_dynamic_partitions("prompt_sets", ["ghost"])
    result = studio.materialize(sets=["ghost"])
    assert "the library has no prompt set 'ghost'" in failure(result, "prompt_sets")


def test_a_set_that_its_engine_refuses_is_refused_before_anything_renders(studio: Studio) -> None:
    studio.add("story", {"id": "a"}, {"id": "b", "width": 65})
    message = failure(studio.materialize(sets=["story"]), "prompt_sets")
    assert "width" in message
    assert "64 or 80" in message
    assert renders(studio.folder / "renders.jsonl") == []


def test_the_engine_is_written_down_once_and_not_chosen_again_later(studio: Studio) -> None:
    studio.add("story", {"id": "a"})
    config = {"prompt_sets": {"config": {"engine": "animatic"}}}
    size = {"width": 64, "height": 48, "num_frames": 4, "fps": 8}
    studio.add("story", {"id": "a"}, **size)
    assert studio.materialize(sets=["story"], config=config).success
    assert studio.materialize("clips", "films", sets=["story"]).success
    assert renders(studio.folder / "renders.jsonl") == [], "rendered with the engine of the run that planned it"


def test_shots_can_be_chosen_in_the_launchpad(studio: Studio) -> None:
    studio.add("story", {"id": "a"}, {"id": "b", "continues": True}, {"id": "c"})
    config = {"clips": {"config": {"shots": ["b"]}}}
    assert studio.materialize("prompt_sets", "keyframes", "clips", sets=["story"], config=config).success
    assert list(studio.table("clips", "story")["status"]) == ["rendered", "rendered", "pending"]
    config = {"clips": {"config": {"shots": ["zz"]}}}
    result = studio.materialize("clips", sets=["story"], config=config)
    assert "no such shot: zz" in failure(result, "clips")


def test_a_set_that_another_run_is_rendering_is_left_alone(studio: Studio) -> None:
    from ttv_dagster.storage.locks import Locks

    studio.add("story", {"id": "a"})
    with Locks(studio.settings.locks).hold(["story"]):
        result = studio.materialize(sets=["story"])
    assert "another run is rendering" in failure(result, "clips")
    assert studio.materialize(sets=["story"]).success


def test_progress_lands_in_the_log_of_the_run(studio: Studio) -> None:
    studio.add("story", {"id": "a", "params": {"sleep": 0.05}, "num_frames": 30})
    result = studio.materialize(sets=["story"])
    lines = [
        record.event_log_entry.user_message
        for record in studio.instance.get_records_for_run(result.run_id).records
        if not record.event_log_entry.is_dagster_event
    ]
    assert "1 shots: 0 cached, 1 to render" in lines
    assert any(line.startswith("[0/1] a: frames ") for line in lines)
    assert any(line.startswith("[1/1] a: rendered in ") for line in lines)
