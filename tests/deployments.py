"""Deployments that tests render with."""

from pathlib import Path

from ttv_dagster.engines.deployment import Deployment
from ttv_dagster.settings import Settings

NOWHERE = Deployment.of(Settings(home=Path("/nowhere"), engine="noise"))
"""Renders with the noise engine, and has never pulled a model."""
