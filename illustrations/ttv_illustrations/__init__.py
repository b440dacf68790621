"""The keyframe generator `illustration`: a drawing from the words of the prompt and the seed."""

from ttv_illustrations.generator import Illustration

__all__ = ["Illustration"]
