"""The engine `fastvideo`: FastVideo's `VideoGenerator`, in a process of its own."""

from ttv_dagster.engines.fastvideo.engine import FastVideo

__all__ = ["FastVideo"]
