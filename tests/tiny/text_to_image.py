"""Tiny text-to-image checkpoints, each built once a session."""

from functools import cache
from pathlib import Path
from typing import Any, Literal

from tests.tiny.installation import Checkpoint
from tests.tiny.wan import new_checkpoint
from ttv_dagster.weights.random_wan import tiny_tokenizer
from ttv_dagster.weights.snapshots import RANDOM_WEIGHTS

Layout = Literal["stable-diffusion", "stable-diffusion-xl", "z-image"]

_CLIP = {
    "bos_token_id": 3,
    "eos_token_id": 1,
    "pad_token_id": 0,
    "hidden_size": 32,
    "intermediate_size": 37,
    "num_attention_heads": 4,
    "num_hidden_layers": 2,
    "projection_dim": 32,
    "vocab_size": 300,
}


def _vae(**fields: Any) -> Any:
    from diffusers import AutoencoderKL

    return AutoencoderKL(
        in_channels=3,
        out_channels=3,
        latent_channels=4,
        block_out_channels=(8, 8, 8, 8),
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        norm_num_groups=4,
        **fields,
    )


def _unet(**fields: Any) -> Any:
    from diffusers import UNet2DConditionModel

    return UNet2DConditionModel(
        sample_size=8,
        in_channels=4,
        out_channels=4,
        block_out_channels=(8, 16),
        layers_per_block=1,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        attention_head_dim=4,
        norm_num_groups=4,
        **fields,
    )


def _stable_diffusion() -> Any:
    from diffusers import EulerDiscreteScheduler, StableDiffusionPipeline
    from transformers import CLIPTextConfig, CLIPTextModel

    tokenizer = tiny_tokenizer()
    tokenizer.model_max_length = 77
    return StableDiffusionPipeline(
        vae=_vae(),
        text_encoder=CLIPTextModel(CLIPTextConfig(**_CLIP)),
        tokenizer=tokenizer,
        unet=_unet(cross_attention_dim=32),
        scheduler=EulerDiscreteScheduler(beta_schedule="scaled_linear", steps_offset=1),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )


def _stable_diffusion_xl() -> Any:
    from diffusers import EulerDiscreteScheduler, StableDiffusionXLPipeline
    from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

    tokenizer = tiny_tokenizer()
    tokenizer.model_max_length = 77
    return StableDiffusionXLPipeline(
        vae=_vae(),
        text_encoder=CLIPTextModel(CLIPTextConfig(**_CLIP)),
        text_encoder_2=CLIPTextModelWithProjection(CLIPTextConfig(**_CLIP)),
        tokenizer=tokenizer,
        tokenizer_2=tokenizer,
        unet=_unet(
            cross_attention_dim=64,
            addition_embed_type="text_time",
            addition_time_embed_dim=8,
            projection_class_embeddings_input_dim=6 * 8 + 32,
            use_linear_projection=True,
        ),
        scheduler=EulerDiscreteScheduler(beta_schedule="scaled_linear", steps_offset=1),
    )


def _z_image() -> Any:
    from diffusers import FlowMatchEulerDiscreteScheduler, ZImagePipeline, ZImageTransformer2DModel
    from transformers import Qwen3Config, Qwen3Model

    tokenizer = tiny_tokenizer()
    tokenizer.chat_template = "{% for message in messages %}{{ message['content'] }}{% endfor %}"
    return ZImagePipeline(
        vae=_vae(shift_factor=0.1),
        text_encoder=Qwen3Model(
            Qwen3Config(
                vocab_size=300,
                hidden_size=32,
                intermediate_size=37,
                num_hidden_layers=2,
                num_attention_heads=4,
                num_key_value_heads=2,
                head_dim=8,
            )
        ),
        tokenizer=tokenizer,
        transformer=ZImageTransformer2DModel(
            in_channels=4,
            dim=32,
            n_layers=2,
            n_refiner_layers=1,
            n_heads=2,
            n_kv_heads=2,
            cap_feat_dim=32,
            axes_dims=[8, 4, 4],
            axes_lens=[256, 32, 32],
        ),
        scheduler=FlowMatchEulerDiscreteScheduler(shift=3.0),
    )


_BUILD = {"stable-diffusion": _stable_diffusion, "stable-diffusion-xl": _stable_diffusion_xl, "z-image": _z_image}


@cache
def _tiny(layout: Layout, seed: int) -> Path:
    import torch

    folder = new_checkpoint(f"{layout}-{seed}")
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        _BUILD[layout]().save_pretrained(folder)
    (folder / RANDOM_WEIGHTS).touch()
    return folder


def tiny_text_to_image(
    name: str = "tiny/text-to-image", *, layout: Layout = "stable-diffusion", seed: int = 0, **fields: Any
) -> Checkpoint:
    """A text-to-image model.

    Args:
        name: Its id.
        layout: Whose pipeline it has.
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
    return Checkpoint(entry, _tiny(layout, seed))
