"""Which models a render would load."""

from collections.abc import Iterable, Sequence

from ttv_dagster.engines.deployment import Deployment
from ttv_dagster.renders.manifest import cached_rows
from ttv_dagster.shots.plan import PlannedShot
from ttv_dagster.storage.layout import keyframe_name
from ttv_dagster.storage.store import Store
from ttv_dagster.weights.model import Model


def models_named(planned: Iterable[PlannedShot], deployment: Deployment) -> list[Model]:
    """The models of these shots and of their keyframes, each once. What no catalog has cannot be pulled.

    Args:
        planned: The shots.
        deployment: Knows the models.
    """
    names = (name for each in planned for name in (each.shot.model, each.shot.keyframe_model) if name)
    return [model for name in dict.fromkeys(names) if (model := deployment.catalog.get(name))]


def models_to_render(planned: Iterable[PlannedShot], deployment: Deployment, store: Store) -> list[Model]:
    """The models that a render of these shots would load, each once: none for what is in the store.

    Args:
        planned: The shots.
        deployment: Knows the models.
        store: The media store.
    """
    capabilities: Sequence[PlannedShot] = [each for each in planned if each.shot.model or each.shot.keyframe_model]
    cached = cached_rows(capabilities, store, repair=False)
    names: dict[str, None] = {}
    for each in capabilities:
        if each.key in cached:
            continue
        if each.shot.model:
            names[each.shot.model] = None
        if each.keyframe and each.keyframe.model and store.size(keyframe_name(each.keyframe.key())) is None:
            names[each.keyframe.model] = None
    return [model for name in names if (model := deployment.catalog.get(name))]
