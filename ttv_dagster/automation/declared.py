"""What is declared of the assets rather than started: freshness, and what follows automatically."""

from datetime import timedelta

import dagster as dg

from ttv_dagster.settings import Settings


def with_declared(assets: dg.AssetsDefinition, settings: Settings) -> dg.AssetsDefinition:
    """Return the assets with the declarations of this installation.

    `keyframes` may follow `prompt_sets`: they are cheap, and people look at them before the clips are paid for. Nothing
    else follows automatically: clips cost money, and weights are many gigabytes that a person has to ask for.
    """
    hours = settings.films_fresh_hours

    def declared(spec: dg.AssetSpec) -> dg.AssetSpec:
        if hours is not None and spec.key == dg.AssetKey("films"):
            fresh: dg.AssetSpec = dg.apply_freshness_policy(
                spec, dg.FreshnessPolicy.time_window(timedelta(hours=hours))
            )
            return fresh
        if settings.auto_keyframes and spec.key == dg.AssetKey("keyframes"):
            spec = spec.replace_attributes(automation_condition=dg.AutomationCondition.eager())
        return spec

    return assets.map_asset_specs(declared)


def make_followers(settings: Settings) -> list[dg.SensorDefinition]:
    """Return the sensor for what follows automatically, if this installation turns that on."""
    if not settings.auto_keyframes:
        return []
    return [
        dg.AutomationConditionSensorDefinition(
            "follow_prompt_sets",
            target=dg.AssetSelection.assets("keyframes"),
            default_status=dg.DefaultSensorStatus.RUNNING,
        )
    ]
