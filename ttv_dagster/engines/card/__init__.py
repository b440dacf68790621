"""The keyframe maker `card`: an illustration from the words of the prompt and the seed."""

from ttv_dagster.engines.card.maker import Card

__all__ = ["Card"]
