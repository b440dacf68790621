"""The keyframe generator `title-card`: the words of the prompt on a plain ground."""

from ttv_dagster.engines.title_card.generator import TitleCard

__all__ = ["TitleCard"]
