"""The deployment as JSON, for a child process that opens its engine from it."""

from typing import Any

from pydantic import BaseModel

from ttv_dagster.engines.deployment import Deployment
from ttv_dagster.settings import DiffusersOptions, FastVideoOptions
from ttv_dagster.weights.catalog import Catalog
from ttv_dagster.weights.model import Model

_PLAIN = ("lock_url", "engine", "text_model", "image_model", "accelerator", "vram_gb", "retry_low_memory")


def to_json(deployment: Deployment) -> dict[str, Any]:
    """Return the deployment as JSON values."""
    return {
        **{name: getattr(deployment, name) for name in _PLAIN},
        "fastvideo": _dump(FastVideoOptions, deployment.fastvideo),
        "diffusers": _dump(DiffusersOptions, deployment.diffusers),
        "catalog": [model.model_dump(mode="json") for model in deployment.catalog],
    }


def from_json(values: dict[str, Any]) -> Deployment:
    """Return the deployment that `to_json` was given."""
    return Deployment(
        **{name: values[name] for name in _PLAIN},
        fastvideo=FastVideoOptions(**values["fastvideo"]),
        diffusers=DiffusersOptions(**values["diffusers"]),
        catalog=Catalog([Model.model_validate(model) for model in values["catalog"]]),
    )


def _dump(model: type[BaseModel], options: BaseModel) -> dict[str, Any]:
    """Return the fields of `model` alone: Dagster's resources add their own."""
    return {name: getattr(options, name) for name in model.model_fields}
