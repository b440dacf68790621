from collections.abc import Callable
from pathlib import Path

from tests.automation.installation import Installation
from ttv_dagster.automation.clock import DAY_TAG
from ttv_dagster.library.library import Library

NIGHT = {DAY_TAG: "2026-11-25"}
NEXT_NIGHT = {DAY_TAG: "2026-11-26"}
Make = Callable[..., Installation]


def test_the_nightly_renders_every_set_that_is_not_fresh_and_no_other(installation: Make) -> None:
    studio = installation(nightly_at="02:30")
    studio.add("fresh")
    studio.render("fresh")
    studio.add("edited")
    studio.render("edited")
    studio.add("edited", {"id": "a", "prompt": "another"})
    studio.add("new")
    assert studio.run("nightly", NIGHT).success
    assert sorted(studio.render_what_is_asked("nightly_runs")) == ["edited", "new"]
    assert studio.films == {"fresh", "edited", "new"}
    assert studio.tick("nightly_runs") == []
    assert studio.run("nightly", NEXT_NIGHT).success
    assert studio.tick("nightly_runs") == []


def test_a_failed_shot_is_tried_again_each_night_and_once_a_night(installation: Make) -> None:
    studio = installation(nightly_at="02:30")
    studio.add("broken", {"id": "a", "params": {"fail_at": 0}})
    for night in (NIGHT, NEXT_NIGHT):
        studio.run("nightly", night)
        assert studio.render_what_is_asked("nightly_runs") == ["broken"]
        assert studio.tick("nightly_runs") == []
    studio.run("nightly", NEXT_NIGHT)
    assert studio.tick("nightly_runs") == []


def test_a_film_that_was_lost_is_cut_again(installation: Make) -> None:
    studio = installation(nightly_at="02:30")
    studio.add("story")
    studio.render("story")
    for film in Path(studio.settings.media).glob("films/*"):
        film.unlink()
    studio.run("nightly", NIGHT)
    assert studio.render_what_is_asked("nightly_runs") == ["story"]
    assert studio.films == {"story"}


def test_a_set_that_cannot_be_rendered_any_more_keeps_no_other_from_it(installation: Make) -> None:
    studio = installation(nightly_at="02:30")
    studio.add("story")
    studio.add("lost")
    Path(studio.settings.library, "lost", "set.json").write_text("{")
    assert studio.run("nightly", NIGHT).success
    assert studio.render_what_is_asked("nightly_runs") == ["story"]


def test_what_a_person_started_goes_before_the_nightly(installation: Make) -> None:
    studio = installation(nightly_at="02:30")
    studio.add("story")
    studio.run("nightly", NIGHT)
    (request,) = studio.tick("nightly_runs")
    assert int(request.tags["dagster/priority"]) < 0
    assert request.tags["ttv/reason"] == "it has no film"


def test_an_archived_set_comes_back_when_it_is_added_with_a_change(installation: Make) -> None:
    studio = installation()
    studio.add("story")
    library = Library(url=studio.settings.library)
    library.archive("story")
    assert library.names() == ["story"]
    assert library.live_names() == []
    studio.add("story")
    assert library.live_names() == []
    studio.add("story", {"id": "a", "prompt": "another"})
    assert library.live_names() == ["story"]
