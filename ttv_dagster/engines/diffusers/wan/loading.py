"""Wan pipelines out of pulled weights."""

from pathlib import Path
from typing import Any

from ttv_dagster.engines.diffusers.base.frames import AsDecoded


def load(folder: Path, *, reads_image: bool) -> Any:
    """The pipeline in a folder, on the CPU: `WanImageToVideoPipeline` where the model reads an image.

    Args:
        folder: The snapshot of its repository. Nothing is downloaded, and nothing pickled is opened.
        reads_image: The model reads a first frame.
    """
    import torch
    from diffusers import WanImageToVideoPipeline, WanPipeline

    # As Wan's own documentation has it: the VAE and the image's encoder lose detail in 16 bits.
    dtypes = {"default": torch.bfloat16, "vae": torch.float32, "image_encoder": torch.float32}
    pipeline = (WanImageToVideoPipeline if reads_image else WanPipeline).from_pretrained(
        folder, dtype=dtypes, local_files_only=True, use_safetensors=True
    )
    pipeline.set_progress_bar_config(disable=True)
    pipeline.video_processor = AsDecoded(pipeline.video_processor)
    return pipeline


def as_text_to_video(pipeline: Any) -> Any:
    """The `WanPipeline` of a loaded pipeline: its own models, not copies."""
    from diffusers import WanPipeline

    if isinstance(pipeline, WanPipeline):
        return pipeline
    parts = ("tokenizer", "text_encoder", "vae", "scheduler", "transformer", "transformer_2")
    settings = {name: pipeline.config[name] for name in ("boundary_ratio", "expand_timesteps")}
    twin = WanPipeline(**{name: getattr(pipeline, name) for name in parts}, **settings)
    twin.set_progress_bar_config(disable=True)
    twin.video_processor = pipeline.video_processor
    return twin
