import os
import time
from collections.abc import Callable
from pathlib import Path

import dagster as dg
import pytest

from tests.automation.installation import Installation
from ttv_dagster.automation.prune import Findings, delete, find
from ttv_dagster.storage.store import Store

Make = Callable[..., Installation]


def age(folder: str | Path, days: float = 40) -> None:
    """Make everything in a folder look as if it was written so many days ago."""
    for path in Path(folder).rglob("*"):
        then = time.time() - days * 86_400
        os.utime(path, (then, then))


def files(store: Store) -> set[str]:
    return {name for name, _, _ in store.files("clips")} | {name for name, _, _ in store.files("films")}


def edited(make: Make, **settings: object) -> tuple[Installation, set[str]]:
    """An installation with one set that was rendered, edited and rendered again; the files of its first content."""
    studio = make(prune_at="04:00", **settings)
    store = Store(studio.settings.media)
    studio.add("story")
    studio.render("story")
    first = files(store)
    studio.add("story", {"id": "a", "prompt": "another"})
    studio.render("story")
    return studio, first


def test_pruning_only_says_what_it_would_delete_unless_that_is_turned_on(installation: Make) -> None:
    studio, first = edited(installation)
    age(studio.settings.media)
    before = files(Store(studio.settings.media))
    assert set(find(studio.settings, studio.instance).media) == first
    assert studio.run("prune").success
    assert files(Store(studio.settings.media)) == before


def test_media_that_no_manifest_names_go_and_all_others_stay(installation: Make) -> None:
    studio, first = edited(installation, prune_delete=True)
    age(studio.settings.media)
    before = files(Store(studio.settings.media))
    assert studio.run("prune").success
    assert files(Store(studio.settings.media)) == before - first
    assert studio.render("story").success
    assert files(Store(studio.settings.media)) == before - first


def test_young_media_stay_whoever_names_them(installation: Make) -> None:
    studio, _ = edited(installation)
    assert find(studio.settings, studio.instance).media == {}


def test_media_that_a_set_would_take_from_the_store_again_stay(installation: Make) -> None:
    studio, first = edited(installation)
    age(studio.settings.media)
    studio.add("story", {"id": "a", "prompt": "story"})
    gone = find(studio.settings, studio.instance).media
    assert not [name for name in gone if name.startswith("clips") and name in first]


def test_old_runs_go_but_for_the_one_that_last_made_each_set(
    installation: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio, _ = edited(installation, prune_delete=True)
    newest, oldest = (run.run_id for run in studio.instance.get_runs())
    later = time.time() + 40 * 86_400
    monkeypatch.setattr("ttv_dagster.automation.prune.time.time", lambda: later)
    findings = find(studio.settings, studio.instance)
    assert findings.runs == [oldest]
    delete(Findings(runs=findings.runs), studio.settings, studio.instance)
    assert [run.run_id for run in studio.instance.get_runs()] == [newest]
    assert studio.instance.get_materialized_partitions(dg.AssetKey("films")) == {"story"}


def test_partitions_without_a_set_go(installation: Make) -> None:
    studio = installation(prune_at="04:00", prune_delete=True)
    studio.instance.add_dynamic_partitions("prompt_sets", ["nobody"])
    studio.add("story")
    assert studio.run("prune").success
    assert studio.instance.get_dynamic_partitions("prompt_sets") == ["story"]


def test_delivered_sets_are_archived_and_kept_in_the_library(installation: Make) -> None:
    studio = installation(prune_at="04:00", prune_delete=True, archive_after_days=7)
    for name in ("delivered", "edited", "young"):
        studio.add(name)
        studio.render(name)
        if name != "young":
            age(studio.settings.tables, days=8)
    studio.add("edited", {"id": "a", "prompt": "another"})
    studio.add("unrendered")
    assert studio.run("prune").success
    assert studio.instance.get_dynamic_partitions("prompt_sets") == ["edited", "young", "unrendered"]
    assert "delivered" in studio.library.names()
    assert studio.films == {"delivered", "edited", "young"}
