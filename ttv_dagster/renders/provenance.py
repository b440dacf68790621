"""What files say of themselves that were made with random weights."""

import contextlib
from collections.abc import Collection, Iterable

from ttv_dagster.shots.plan import PlannedShot
from ttv_dagster.weights.catalog import Catalog
from ttv_dagster.weights.snapshots import WeightsMissing, has_random_weights, snapshot

RANDOM_WEIGHTS_NOTE = "Random weights: made to test the pipeline. It shows nothing of its prompt."


def random_models(planned: Iterable[PlannedShot], catalog: Catalog) -> set[str]:
    """The models of these shots, and of their keyframes, whose weights on this machine are random."""
    found = set()
    for model, commit in {pair for each in planned for pair in _models(each)}:
        known = catalog.get(model) if model else None
        with contextlib.suppress(WeightsMissing):
            if known is not None and has_random_weights(snapshot(known, commit)):
                found.add(known.id)
    return found


def note(planned: Iterable[PlannedShot], random: Collection[str]) -> str:
    """What a file made of these shots says of itself; empty where none of their models is random.

    Args:
        planned: The shots.
        random: What `random_models` found.
    """
    models = {model for each in planned for model, _ in _models(each)}
    return RANDOM_WEIGHTS_NOTE if models & set(random) else ""


def _models(planned: PlannedShot) -> list[tuple[str | None, str | None]]:
    pairs = [(planned.recipe.model, planned.recipe.commit)]
    if planned.keyframe is not None:
        pairs.append((planned.keyframe.model, planned.keyframe.commit))
    return pairs
