"""FramePack's pipeline, with what it keeps of a clip while it works on it."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from diffusers import HunyuanVideoFramepackPipeline

from ttv_dagster.engines.diffusers.base.frames import to_uint8
from ttv_dagster.engines.diffusers.framepack.sections import SECTION, Sampling
from ttv_dagster.engines.protocol import Frames


class SectionsPipeline(HunyuanVideoFramepackPipeline):  # type: ignore[misc]
    """Keeps as floats only the frames that the next section fades into.

    diffusers' own keeps the whole clip as floats on the GPU, and copies it at every section: a minute of video would
    take more of a small GPU than the model does.
    """

    def render(self, sampling: Sampling, on_section: Callable[[Frames], None], **asked: Any) -> list[Frames]:
        """Render a clip.

        Args:
            sampling: The order of the sections.
            on_section: Called after each section with its frames, as they are before they fade into their neighbors.
            asked: What the pipeline is called with.

        Returns:
            The frames of the clip in order, in pieces: uint8 of shape (t, H, W, 3).
        """
        self._backward = sampling == "inverted_anti_drifting"
        self._settled: list[Frames] = []
        decode = self.vae.decode

        def decode_section(latents: torch.Tensor, **options: Any) -> Any:
            decoded = decode(latents, **options)
            video = decoded[0][0]
            on_section(to_uint8(video[:, :SECTION] if self._backward else video[:, -SECTION:]))
            return decoded

        self.vae.decode = decode_section
        try:
            edge = to_uint8(self(sampling_type=sampling, output_type="pt", **asked).frames[0])
            return [edge, *self._settled] if self._backward else [*self._settled, edge]
        finally:
            del self.vae.decode, self._settled

    def _soft_append(self, history: torch.Tensor, current: torch.Tensor, overlap: int = 0) -> torch.Tensor:
        """Fade two neighbors, in the order in which they are shown, into each other.

        Returns:
            What the next section will fade into: the first frames of the two, or their last.
        """
        weights = torch.linspace(1, 0, overlap, dtype=history.dtype, device=history.device).view(1, 1, -1, 1, 1)
        faded = weights * history[:, :, -overlap:] + (1 - weights) * current[:, :, :overlap]
        before, after = history[:, :, :-overlap], current[:, :, overlap:]
        if self._backward:
            settled, edge = (before[:, :, overlap:], faded, after), before[:, :, :overlap]
        else:
            settled, edge = (before, faded, after[:, :, :-overlap]), after[:, :, -overlap:]
        pieces = np.concatenate([to_uint8(each[0]) for each in settled])
        self._settled.insert(0 if self._backward else len(self._settled), pieces)
        return edge
