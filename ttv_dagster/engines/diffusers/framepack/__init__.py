"""FramePack by diffusers: minutes of video from one picture, on small cards."""

from ttv_dagster.engines.diffusers.framepack.engine import FramePack

__all__ = ["FramePack"]
