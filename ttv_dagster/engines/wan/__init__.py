"""Wan by the pipelines of diffusers: the engine that runs on any card."""

from ttv_dagster.engines.wan.engine import Wan

__all__ = ["Wan"]
