"""The one `defs`: the assets of this installation, wired to its settings."""

import dagster as dg

from ttv_dagster.assets.clips import make_clips
from ttv_dagster.assets.films import films
from ttv_dagster.assets.keyframes import make_keyframes_asset
from ttv_dagster.assets.model_weights import make_model_weights
from ttv_dagster.assets.prompt_sets import prompt_sets
from ttv_dagster.automation.admission import Jobs
from ttv_dagster.automation.declared import with_declared
from ttv_dagster.automation.schedules import make_schedules
from ttv_dagster.automation.sensors import make_sensors
from ttv_dagster.installation import Installation
from ttv_dagster.observability.alerts_sensor import make_alerts_sensor
from ttv_dagster.resources.media_store import MediaStore
from ttv_dagster.resources.tables import TablesIOManager
from ttv_dagster.resources.video_generator import VideoGenerator
from ttv_dagster.resources.weights_hub import WeightsHub
from ttv_dagster.settings import Settings


def _alerts(settings: Settings) -> list[dg.SensorDefinition]:
    return [make_alerts_sensor(settings)] if settings.alerts_urls.get_secret_value() else []


def make_definitions(settings: Settings) -> dg.Definitions:
    """The definitions of an installation with these settings."""
    installation = Installation(settings)
    model_weights, weights_verified = make_model_weights(installation.catalog)
    by_the_clock = make_schedules(settings)
    jobs = Jobs(
        render=dg.define_asset_job(
            "render_film",
            selection=dg.AssetSelection.assets("films").upstream(),
            description="A prompt set, from its shots to its film.",
        ),
        pull=dg.define_asset_job(
            "pull_weights",
            selection=dg.AssetSelection.assets("model_weights").without_checks(),  # a pull checks what it fetches
            description="The weights of a model, fetched from the Hub where this machine lacks them.",
        ),
    )
    return dg.Definitions(
        assets=[
            prompt_sets,
            with_declared(make_keyframes_asset(settings), settings),
            make_clips(settings),
            with_declared(films, settings),
            model_weights,
            *by_the_clock.assets,
        ],
        asset_checks=[weights_verified],
        jobs=[
            dg.define_asset_job(
                "plan_set",
                selection=dg.AssetSelection.assets("prompt_sets"),
                description="The shots of a prompt set, every choice made and nothing refused. Holds no GPU.",
            ),
            jobs.render,
            dg.define_asset_job(
                "render_clips",
                selection=dg.AssetSelection.assets("clips").upstream(),
                description="The clips of a prompt set, or some of them, without cutting the film.",
            ),
            jobs.pull,
            *by_the_clock.jobs,
        ],
        schedules=by_the_clock.schedules,
        sensors=[*make_sensors(settings, jobs), *_alerts(settings)],
        resources={
            "library": installation.library,
            "media_store": MediaStore(url=settings.media),
            "locks": installation.locks,
            "tables": TablesIOManager(installation.tables),
            "video_generator": VideoGenerator(installation),
            "weights_hub": WeightsHub(installation),
        },
        # One process a run, so that a model loads once for all its steps.
        executor=dg.in_process_executor,
    )


@dg.definitions
def defs() -> dg.Definitions:
    """Build the definitions when Dagster asks for them: importing this module builds nothing."""
    return make_definitions(Settings())
