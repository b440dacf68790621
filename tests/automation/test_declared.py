from collections.abc import Callable
from datetime import timedelta

import dagster as dg
from dagster._core.definitions.asset_daemon_cursor import AssetDaemonCursor

from tests.automation.installation import Installation
from ttv_dagster.definitions import make_definitions
from ttv_dagster.settings import Settings

Make = Callable[..., Installation]
KEYFRAMES = dg.AssetKey("keyframes")


def test_keyframes_follow_a_prompt_set_that_was_materialized_where_that_is_turned_on(installation: Make) -> None:
    studio = installation(auto_keyframes=True)
    studio.add("before")
    studio.render("before")

    def follow(cursor: AssetDaemonCursor | None = None) -> dg.EvaluateAutomationConditionsResult:
        selection = dg.AssetSelection.assets(KEYFRAMES)
        return dg.evaluate_automation_conditions(studio.definitions, studio.instance, selection, cursor=cursor)

    first = follow()
    studio.add("story")
    job = studio.definitions.resolve_job_def("render_film")
    job.execute_in_process(
        instance=studio.instance, asset_selection=[dg.AssetKey("prompt_sets")], tags={"dagster/partition": "story"}
    )
    second = follow(first.cursor)
    assert second.get_requested_partitions(KEYFRAMES) == {"story"}
    assert [sensor.name for sensor in studio.definitions.sensors or []] == ["follow_prompt_sets"]


def test_films_are_declared_fresh_for_as_long_as_the_installation_says() -> None:
    def policy(settings: Settings) -> object:
        films = make_definitions(settings).get_assets_def(dg.AssetKey("films"))
        return films.specs_by_key[dg.AssetKey("films")].freshness_policy

    assert policy(Settings()) is None
    assert policy(Settings(films_fresh_hours=36)) == dg.FreshnessPolicy.time_window(timedelta(hours=36))


def test_nothing_follows_by_itself_unless_that_is_turned_on() -> None:
    keyframes = make_definitions(Settings()).get_assets_def(KEYFRAMES)
    assert keyframes.specs_by_key[KEYFRAMES].automation_condition is None
