"""How FramePack divides a clip: in sections of a fixed length, each made in one go."""

from typing import Literal

Sampling = Literal["inverted_anti_drifting", "vanilla"]
"""The order of the sections: from the clip's end to its beginning, or as they are shown."""

WINDOW = 9
"""Latent frames of a section: what the models were trained with."""

SECTION = 4 * WINDOW
"""Frames that a section adds to the first frame."""

OVERLAP = 4 * (WINDOW - 1) + 1
"""Frames that a section shares with the one beside it, where one fades into the other."""

SAMPLING: dict[str, Sampling] = {"framepack": "inverted_anti_drifting", "framepack-f1": "vanilla"}
"""The sampling that the models of each family were trained for."""


def sections_for(num_frames: int) -> int:
    """The least number of sections that hold a clip."""
    return max(1, -(-(num_frames - 1) // SECTION))


def rendered_frames(sections: int) -> int:
    """The frames that so many sections make."""
    return SECTION * sections + 1
