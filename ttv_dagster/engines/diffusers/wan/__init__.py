"""Wan by the pipelines of diffusers: the engine that runs on any card."""

from ttv_dagster.engines.diffusers.wan.engine import Wan

__all__ = ["Wan"]
