"""Plans for the tests of the farm."""

from pathlib import Path
from typing import Any

from tests.deployments import NOWHERE
from ttv_dagster.engines.deployment import Deployment
from ttv_dagster.farm.local import LocalFarm
from ttv_dagster.farm.protocol import RenderJob
from ttv_dagster.planning.resolve import plan_set
from ttv_dagster.shots.plan import PlannedShot
from ttv_dagster.shots.shot import PromptSet, Shot
from ttv_dagster.storage.locks import Locks
from ttv_dagster.storage.store import Store


def plan(*shots: dict[str, Any]) -> list[PlannedShot]:
    """Shots of the noise engine, planned; each needs an id alone."""
    filled = [Shot(**{"prompt": f"prompt of {shot['id']}", **shot}) for shot in shots]
    return plan_set(PromptSet(name="test", shots=tuple(filled)), file="test", deployment=NOWHERE)


def local_farm(deployment: Deployment, store: Store) -> LocalFarm:
    """A farm whose locks lie beside its store."""
    return LocalFarm(deployment, store, Locks(Path(store.url("locks"))))


def jobs(planned: list[PlannedShot]) -> list[RenderJob]:
    """A job for each shot, labelled by its id."""
    return [RenderJob(each.shot.id, each) for each in planned]
