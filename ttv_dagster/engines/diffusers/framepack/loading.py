"""FramePack's pipeline out of the pulled weights of its three repositories."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ttv_dagster.engines.diffusers.base.frames import AsDecoded


def load(folders: Sequence[Path]) -> Any:
    """The pipeline, on the CPU. Nothing is downloaded, and nothing pickled is opened.

    Args:
        folders: The snapshots of FramePack's transformer, of HunyuanVideo, and of the image's encoder.
    """
    import torch
    from diffusers import HunyuanVideoFramepackTransformer3DModel
    from transformers import SiglipImageProcessor, SiglipVisionModel

    from ttv_dagster.engines.diffusers.framepack.pipeline import SectionsPipeline

    transformer, hunyuan, vision = folders
    pulled = {"local_files_only": True, "use_safetensors": True}
    # The types that FramePack's authors run it with.
    pipeline = SectionsPipeline.from_pretrained(
        hunyuan,
        transformer=HunyuanVideoFramepackTransformer3DModel.from_pretrained(
            transformer, dtype=torch.bfloat16, **pulled
        ),
        feature_extractor=SiglipImageProcessor.from_pretrained(
            vision, subfolder="feature_extractor", local_files_only=True
        ),
        image_encoder=SiglipVisionModel.from_pretrained(
            vision, subfolder="image_encoder", dtype=torch.float16, **pulled
        ),
        dtype=torch.float16,
        **pulled,
    )
    pipeline.set_progress_bar_config(disable=True)
    pipeline.video_processor = AsDecoded(pipeline.video_processor)
    return pipeline
