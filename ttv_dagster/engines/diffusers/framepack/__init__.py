"""FramePack by diffusers: minutes of video from one image, on small GPUs."""

from ttv_dagster.engines.diffusers.framepack.engine import FramePack

__all__ = ["FramePack"]
