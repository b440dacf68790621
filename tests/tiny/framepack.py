"""A tiny FramePack in its three repositories, built once a session."""

from functools import cache
from pathlib import Path
from typing import Any

from tests.tiny.installation import Checkpoint
from tests.tiny.wan import new_checkpoint
from ttv_dagster.weights.random_wan import tiny_tokenizer
from ttv_dagster.weights.snapshots import RANDOM_WEIGHTS

HUNYUAN = "tiny/HunyuanVideo"
VISION = "tiny/flux_redux_bfl"


@cache
def _tiny() -> dict[str, Path]:
    import torch
    from diffusers import (
        AutoencoderKLHunyuanVideo,
        FlowMatchEulerDiscreteScheduler,
        HunyuanVideoFramepackTransformer3DModel,
        HunyuanVideoPipeline,
    )
    from transformers import (
        CLIPTextConfig,
        CLIPTextModel,
        LlamaConfig,
        LlamaModel,
        SiglipImageProcessor,
        SiglipVisionConfig,
        SiglipVisionModel,
    )

    folders = {name: new_checkpoint(f"framepack-{name}") for name in ("transformer", "hunyuan", "vision")}
    text = {
        "bos_token_id": 3,
        "eos_token_id": 1,
        "pad_token_id": 0,
        "intermediate_size": 37,
        "num_attention_heads": 4,
        "num_hidden_layers": 2,
        "vocab_size": 300,
        "hidden_act": "gelu",
    }
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        HunyuanVideoFramepackTransformer3DModel(
            in_channels=4,
            out_channels=4,
            num_attention_heads=2,
            attention_head_dim=10,
            num_layers=1,
            num_single_layers=1,
            num_refiner_layers=1,
            patch_size=2,
            patch_size_t=1,
            guidance_embeds=True,
            text_embed_dim=16,
            pooled_projection_dim=8,
            rope_axes_dim=(2, 4, 4),
            image_condition_type=None,
            has_image_proj=True,
            image_proj_dim=32,
            has_clean_x_embedder=True,
        ).save_pretrained(folders["transformer"])
        HunyuanVideoPipeline(
            transformer=None,
            vae=AutoencoderKLHunyuanVideo(
                in_channels=3,
                out_channels=3,
                latent_channels=4,
                down_block_types=("HunyuanVideoDownBlock3D",) * 4,
                up_block_types=("HunyuanVideoUpBlock3D",) * 4,
                block_out_channels=(8, 8, 8, 8),
                layers_per_block=1,
                act_fn="silu",
                norm_num_groups=4,
                scaling_factor=0.476986,
                spatial_compression_ratio=8,
                temporal_compression_ratio=4,
                mid_block_add_attention=True,
            ),
            scheduler=FlowMatchEulerDiscreteScheduler(shift=7.0),
            text_encoder=LlamaModel(LlamaConfig(hidden_size=16, **text)),
            text_encoder_2=CLIPTextModel(CLIPTextConfig(hidden_size=8, projection_dim=32, **text)),
            tokenizer=tiny_tokenizer(),
            tokenizer_2=tiny_tokenizer(),
        ).save_pretrained(folders["hunyuan"])
        SiglipVisionModel(
            SiglipVisionConfig(
                hidden_size=32,
                intermediate_size=37,
                num_hidden_layers=2,
                num_attention_heads=4,
                image_size=30,
                patch_size=2,
                num_channels=3,
            )
        ).save_pretrained(folders["vision"] / "image_encoder")
    SiglipImageProcessor(size={"height": 30, "width": 30}).save_pretrained(folders["vision"] / "feature_extractor")
    for folder in folders.values():
        (folder / RANDOM_WEIGHTS).touch()
    return folders


def tiny_framepack(family: str = "framepack", **fields: Any) -> Checkpoint:
    """FramePack of either family: both have the same layout.

    Args:
        family: ``framepack`` or ``framepack-f1``.
        fields: Fields of `weights.model.Model` that are to be others.
    """
    folders = _tiny()
    name = {"framepack": "FramePackI2V_HY", "framepack-f1": "FramePack_F1_I2V_HY_20250503"}[family]
    parts = {HUNYUAN: folders["hunyuan"], VISION: folders["vision"]}
    entry = {
        "id": f"tiny/{name}",
        "engines": ["framepack"],
        "tasks": ["I2V", "FLF2V"] if family == "framepack" else ["I2V"],
        "family": family,
        "width": 16,
        "height": 16,
        "num_frames": 37,
        "fps": 30,
        "steps": 2,
        "guidance": 4.5,
        "parts": [{"id": part, "files": ["*"]} for part in parts],
        **fields,
    }
    return Checkpoint(entry, folders["transformer"], parts)
