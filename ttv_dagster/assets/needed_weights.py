"""Refuses to begin where weights are missing, so that nothing is downloaded in the middle of a set."""

from collections.abc import Collection, Iterable, Mapping

import dagster as dg

from ttv_dagster.engines.deployment import Deployment
from ttv_dagster.shots.plan import PlannedShot
from ttv_dagster.weights.snapshots import WeightsMissing, snapshot
from ttv_dagster.weights.state import is_pulled


def refuse_unpinned(planned: Mapping[str, Collection[PlannedShot]], deployment: Deployment) -> None:
    """Make sure that every render key is known.

    Args:
        planned: The shots of each prompt set.
        deployment: The installation.

    Raises:
        dg.Failure: A set was planned before weights that it needs were pulled.
    """
    unpinned = {model: name for name, shots in planned.items() for each in shots for model in each.unpinned}
    if not unpinned:
        return
    pinned = deployment.lock.commits()
    lines = []
    for model, name in sorted(unpinned.items()):
        known = deployment.catalog.get(model)
        if known is not None and known.commit(pinned) is not None:
            lines.append(
                f"{name} was planned before the weights of {model} were pulled: materialize prompt_sets for it"
            )
        else:
            lines.append(
                f"{name} needs the weights of {model}, which were never pulled: `ttv weights pull {model}` (or "
                f"materialize model_weights for it), then materialize prompt_sets for {name} again"
            )
    raise dg.Failure("\n".join(lines), allow_retries=False) from WeightsMissing(", ".join(sorted(unpinned)))


def require_weights(recipes: Iterable[tuple[str | None, str | None]], deployment: Deployment) -> None:
    """Make sure that weights are on this machine.

    Args:
        recipes: Model and commit of what will be made; pairs without a model need nothing.
        deployment: The installation.

    Raises:
        dg.Failure: Weights are missing; the message names each, and the command that pulls it.
    """
    missing = []
    pins = deployment.lock.read()
    for model, commit in sorted({(model, commit) for model, commit in recipes if model and commit}):
        known = deployment.catalog.get(model)
        if known is None:
            missing.append(f"{model} is no longer in the catalog (TTV_MODELS_FILE): materialize prompt_sets again")
            continue
        try:
            snapshot(known, commit)
        except WeightsMissing as error:
            missing.append(str(error))
            continue
        if commit == known.commit(pins.commits) and not is_pulled(known, pins):
            missing.append(f"the weights of {model} are not whole on this machine: ttv weights pull {model}")
    if missing:
        said = "\n".join(missing)
        raise dg.Failure(said, allow_retries=False) from WeightsMissing(said)
