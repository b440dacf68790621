"""Runs an engine in a child process, so that a crash there costs one shot and a reload, not the run."""

from ttv_dagster.farm.engine_process.errors import EngineFailed
from ttv_dagster.farm.engine_process.process import EngineProcess

__all__ = ["EngineFailed", "EngineProcess"]
