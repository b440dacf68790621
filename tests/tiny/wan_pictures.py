"""Tiny Wan checkpoints of the models that start on a picture, each built once a session."""

from functools import cache
from pathlib import Path
from typing import Any

from tests.tiny.installation import Checkpoint
from tests.tiny.wan import new_checkpoint
from ttv_dagster.weights.snapshots import RANDOM_WEIGHTS
from ttv_dagster.weights.tiny_wan import tiny_tokenizer

TEXT_DIM = 32
IMAGE_DIM = 32


def _transformer(**fields: Any) -> Any:
    from diffusers import WanTransformer3DModel

    return WanTransformer3DModel(
        patch_size=(1, 2, 2),
        num_attention_heads=2,
        attention_head_dim=12,
        in_channels=36,  # 16 of noise, 16 of the pictures, 4 that say which frames are pictures
        out_channels=16,
        text_dim=TEXT_DIM,
        freq_dim=32,
        ffn_dim=32,
        num_layers=2,
        cross_attn_norm=True,
        qk_norm="rms_norm_across_heads",
        rope_max_seq_len=32,
        **fields,
    )


@cache
def _tiny(name: str) -> Path:
    import torch
    from diffusers import AutoencoderKLWan, UniPCMultistepScheduler, WanImageToVideoPipeline
    from transformers import CLIPImageProcessor, CLIPVisionConfig, CLIPVisionModel, UMT5Config, UMT5EncoderModel

    folder = new_checkpoint(name)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        both = name == "wan2.1-flf2v"
        # CLIP gives 17 tokens a picture; a model of two pictures has a place for each of the 34.
        transformer = _transformer(**({"image_dim": IMAGE_DIM, "pos_embed_seq_len": 2 * 17} if both else {}))
        vision = CLIPVisionConfig(
            hidden_size=IMAGE_DIM,
            intermediate_size=32,
            num_hidden_layers=2,
            num_attention_heads=4,
            image_size=32,
            patch_size=8,
        )
        text = UMT5Config(vocab_size=300, d_model=TEXT_DIM, d_kv=8, d_ff=37, num_layers=2, num_heads=4)
        WanImageToVideoPipeline(
            tokenizer=tiny_tokenizer(),
            text_encoder=UMT5EncoderModel(text),
            vae=AutoencoderKLWan(
                base_dim=3, z_dim=16, dim_mult=[1, 1, 1, 1], num_res_blocks=1, temperal_downsample=[False, True, True]
            ),
            scheduler=UniPCMultistepScheduler(prediction_type="flow_prediction", use_flow_sigmas=True, flow_shift=3.0),
            transformer=transformer,
            transformer_2=None if both else _transformer(),
            image_encoder=CLIPVisionModel(vision) if both else None,
            image_processor=CLIPImageProcessor(size=32, crop_size=32) if both else None,
            boundary_ratio=None if both else 0.9,
        ).save_pretrained(folder)
    (folder / RANDOM_WEIGHTS).touch()
    return folder


def _entry(name: str, family: str, tasks: list[str], fields: dict[str, Any]) -> dict[str, Any]:
    size = {"width": 32, "height": 32, "num_frames": 9, "fps": 8}
    return {
        "id": f"tiny/{name}",
        "engines": ["wan"],
        "tasks": tasks,
        "family": family,
        **size,
        "steps": 2,
        "guidance": 3.5,
        **fields,
    }


def tiny_a14b(**fields: Any) -> Checkpoint:
    """Wan2.2-I2V-A14B: two transformers, one for much noise and one for little."""
    entry = _entry("Wan2.2-I2V-A14B-Diffusers", "wan2.2-a14b-i2v", ["I2V"], fields)
    return Checkpoint(entry, _tiny("wan2.2-a14b-i2v"))


def tiny_flf2v(**fields: Any) -> Checkpoint:
    """Wan2.1-FLF2V: a first and a last frame."""
    entry = _entry("Wan2.1-FLF2V-14B-720P-diffusers", "wan2.1-flf2v", ["FLF2V"], fields)
    return Checkpoint(entry, _tiny("wan2.1-flf2v"))
