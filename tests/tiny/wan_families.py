"""Tiny Wan checkpoints of the families that FastVideo is not tested with, each built once a session."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from tests.tiny.installation import Checkpoint
from tests.tiny.wan import new_checkpoint
from ttv_dagster.weights.random_wan import tiny_tokenizer
from ttv_dagster.weights.snapshots import RANDOM_WEIGHTS

TEXT_DIM = 32
IMAGE_DIM = 32


@dataclass(frozen=True, slots=True)
class _Kind:
    """What tells one family from another.

    Attributes:
        reads_image: The transformer reads 16 channels of images and 4 that say which frames are images.
        clip_images: Images that it also reads through CLIP, which gives 17 tokens of each.
        stages: Its transformers.
    """

    reads_image: bool = True
    clip_images: int = 0
    stages: int = 1


KINDS = {
    "wan2.1-i2v": _Kind(clip_images=1),
    "wan2.1-flf2v": _Kind(clip_images=2),
    "wan2.2-a14b-t2v": _Kind(reads_image=False, stages=2),
    "wan2.2-a14b-i2v": _Kind(stages=2),
}


def _transformer(kind: _Kind) -> Any:
    from diffusers import WanTransformer3DModel

    through_clip = {"image_dim": IMAGE_DIM} if kind.clip_images else {}
    both_ends = {"pos_embed_seq_len": 2 * 17} if kind.clip_images == 2 else {}
    return WanTransformer3DModel(
        patch_size=(1, 2, 2),
        num_attention_heads=2,
        attention_head_dim=12,
        in_channels=36 if kind.reads_image else 16,
        out_channels=16,
        text_dim=TEXT_DIM,
        freq_dim=32,
        ffn_dim=32,
        num_layers=2,
        cross_attn_norm=True,
        qk_norm="rms_norm_across_heads",
        rope_max_seq_len=32,
        **through_clip,
        **both_ends,
    )


@cache
def _tiny(family: str) -> Path:
    import torch
    from diffusers import AutoencoderKLWan, UniPCMultistepScheduler, WanImageToVideoPipeline, WanPipeline
    from transformers import CLIPImageProcessor, CLIPVisionConfig, CLIPVisionModel, UMT5Config, UMT5EncoderModel

    folder = new_checkpoint(family)
    kind = KINDS[family]
    vision = CLIPVisionConfig(
        hidden_size=IMAGE_DIM,
        intermediate_size=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        image_size=32,
        patch_size=8,
    )
    text = UMT5Config(vocab_size=300, d_model=TEXT_DIM, d_kv=8, d_ff=37, num_layers=2, num_heads=4)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        images = {
            "image_encoder": CLIPVisionModel(vision) if kind.clip_images else None,
            "image_processor": CLIPImageProcessor(size=32, crop_size=32) if kind.clip_images else None,
        }
        (WanImageToVideoPipeline if kind.reads_image else WanPipeline)(
            tokenizer=tiny_tokenizer(),
            text_encoder=UMT5EncoderModel(text),
            vae=AutoencoderKLWan(
                base_dim=3, z_dim=16, dim_mult=[1, 1, 1, 1], num_res_blocks=1, temperal_downsample=[False, True, True]
            ),
            scheduler=UniPCMultistepScheduler(prediction_type="flow_prediction", use_flow_sigmas=True, flow_shift=3.0),
            transformer=_transformer(kind),
            transformer_2=_transformer(kind) if kind.stages == 2 else None,
            boundary_ratio=0.9 if kind.stages == 2 else None,
            **(images if kind.reads_image else {}),
        ).save_pretrained(folder)
    (folder / RANDOM_WEIGHTS).touch()
    return folder


def tiny_wan_of(family: str, tasks: list[str], **fields: Any) -> Checkpoint:
    """A tiny checkpoint of one of the families in `KINDS`, called ``tiny/<family>``."""
    entry = {
        "id": f"tiny/{family}",
        "engines": ["wan"],
        "tasks": tasks,
        "family": family,
        "width": 32,
        "height": 32,
        "num_frames": 9,
        "fps": 8,
        "steps": 2,
        "guidance": 3.5,
        **fields,
    }
    return Checkpoint(entry, _tiny(family))
