"""Wan by the pipelines of diffusers: the engine that runs on any GPU."""

from ttv_dagster.engines.diffusers.wan.engine import Wan

__all__ = ["Wan"]
