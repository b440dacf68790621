"""Tiny text-to-image checkpoints, each built once a session."""

from functools import cache
from pathlib import Path
from typing import Any

from tests.tiny.installation import Checkpoint
from tests.tiny.wan import new_checkpoint
from ttv_dagster.weights.snapshots import RANDOM_WEIGHTS
from ttv_dagster.weights.tiny_wan import tiny_tokenizer


@cache
def _tiny(seed: int) -> Path:
    import torch
    from diffusers import AutoencoderKL, EulerDiscreteScheduler, StableDiffusionPipeline, UNet2DConditionModel
    from transformers import CLIPTextConfig, CLIPTextModel

    folder = new_checkpoint(f"text-to-image-{seed}")
    tokenizer = tiny_tokenizer()
    tokenizer.model_max_length = 77
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        StableDiffusionPipeline(
            vae=AutoencoderKL(
                in_channels=3,
                out_channels=3,
                latent_channels=4,
                block_out_channels=(8, 8, 8, 8),
                down_block_types=("DownEncoderBlock2D",) * 4,
                up_block_types=("UpDecoderBlock2D",) * 4,
                norm_num_groups=4,
            ),
            text_encoder=CLIPTextModel(
                CLIPTextConfig(
                    bos_token_id=3,
                    eos_token_id=1,
                    pad_token_id=0,
                    hidden_size=32,
                    intermediate_size=37,
                    num_attention_heads=4,
                    num_hidden_layers=2,
                    vocab_size=300,
                )
            ),
            tokenizer=tokenizer,
            unet=UNet2DConditionModel(
                sample_size=8,
                in_channels=4,
                out_channels=4,
                block_out_channels=(8, 16),
                layers_per_block=1,
                down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
                up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
                cross_attention_dim=32,
                attention_head_dim=4,
                norm_num_groups=4,
            ),
            scheduler=EulerDiscreteScheduler(
                beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", steps_offset=1
            ),
            safety_checker=None,
            feature_extractor=None,
            requires_safety_checker=False,
        ).save_pretrained(folder)
    (folder / RANDOM_WEIGHTS).touch()
    return folder


def tiny_text_to_image(name: str = "tiny/text-to-image", *, seed: int = 0, **fields: Any) -> Checkpoint:
    """A text-to-image model with the layout of Stable Diffusion.

    Args:
        name: Its id.
        seed: Of its weights.
        fields: Fields of `weights.model.Model` that are to be others.
    """
    entry = {
        "id": name,
        "engines": ["text-to-image"],
        "tasks": ["T2I"],
        "family": "text-to-image",
        "width": 64,
        "height": 64,
        "num_frames": 1,
        "fps": 0,
        "steps": 2,
        "guidance": 5.0,
        **fields,
    }
    return Checkpoint(entry, _tiny(seed))
