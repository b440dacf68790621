"""The engine `animatic`: a virtual camera over the keyframe, for inspecting order and pace before paying for a GPU."""

from ttv_dagster.engines.animatic.engine import Animatic

__all__ = ["Animatic"]
