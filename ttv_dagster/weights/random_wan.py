"""Wan checkpoints with random weights: the real layout, the real classes, and no film in them.

`ttv selftest` and the tests render with a tiny one of a few megabytes; a benchmark builds one of full size, since speed
does not depend on the values. It shows that pipelines run; its images are noise.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ttv_dagster.weights.snapshots import RANDOM_WEIGHTS

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast


@dataclass(frozen=True, slots=True)
class Dimensions:
    """How large the models of a checkpoint are.

    Attributes:
        text: Configuration of the text encoder, an UMT5.
        vae: Configuration of the VAE.
        transformer: Configuration of the transformer.
        bits: Of a weight in the files: 16 or 32.
    """

    text: Mapping[str, Any]
    vae: Mapping[str, Any]
    transformer: Mapping[str, Any]
    bits: int


SIZES = {
    "tiny": Dimensions(
        text={"vocab_size": 300, "d_model": 32, "d_kv": 8, "d_ff": 64, "num_layers": 2, "num_heads": 4},
        vae={"base_dim": 8, "decoder_base_dim": 8, "num_res_blocks": 1},
        # FastVideo's attention does not support heads smaller than 64.
        transformer={
            "num_attention_heads": 2,
            "attention_head_dim": 64,
            "freq_dim": 32,
            "ffn_dim": 128,
            "num_layers": 2,
        },
        bits=32,
    ),
    # TI2V-5B: github.com/Wan-Video/Wan2.2, wan/configs/wan_ti2v_5B.py and wan/modules/vae2_2.py; its text encoder is
    # UMT5-XXL: huggingface.co/google/umt5-xxl, config.json.
    "full": Dimensions(
        text={"vocab_size": 256_384, "d_model": 4096, "d_kv": 64, "d_ff": 10_240, "num_layers": 24, "num_heads": 64},
        vae={"base_dim": 160, "decoder_base_dim": 256, "num_res_blocks": 2},
        transformer={
            "num_attention_heads": 24,
            "attention_head_dim": 128,
            "freq_dim": 256,
            "ffn_dim": 14_336,
            "num_layers": 30,
        },
        bits=16,
    ),
}


@dataclass(frozen=True, slots=True)
class RandomWan:
    """Which Wan to build.

    Attributes:
        version: ``2.1`` (16 latent channels of 8 by 8 pixels) or ``2.2`` (TI2V-5B: 48 of 16 by 16 pixels).
        distilled: The pipeline of FastVideo's distilled models, which denoises in three fixed steps.
        seed: Of the weights.
        size: ``tiny``, or ``full`` (TI2V-5B alone): 23 GB of files, built in the memory of a GPU if there is one.
    """

    version: str = "2.2"
    distilled: bool = False
    seed: int = 0
    size: str = "tiny"

    @property
    def name(self) -> str:
        """Return a unique folder name."""
        return f"{self.size}-wan{self.version}{'-dmd' if self.distilled else ''}-{self.seed}"


def random_models(which: RandomWan) -> Iterator[tuple[str, Any]]:
    """Yield the models of a checkpoint, one at a time: the name of its folder, and the model.

    They are built in torch's default number format, on its default device.
    """
    from diffusers import AutoencoderKLWan, WanTransformer3DModel
    from transformers import UMT5Config, UMT5EncoderModel

    size = SIZES[which.size]
    five = which.version == "2.2"
    channels = 48 if five else 16
    residual: dict[str, Any] = {
        "decoder_base_dim": size.vae["decoder_base_dim"],
        "is_residual": True,
        "in_channels": 12,
        "out_channels": 12,
        "patch_size": 2,
        "scale_factor_spatial": 16,
        "scale_factor_temporal": 4,
        "latents_mean": [0.0] * channels,
        "latents_std": [1.0] * channels,
    }
    yield "text_encoder", UMT5EncoderModel(UMT5Config(**size.text, feed_forward_proj="gated-gelu"))
    yield (
        "vae",
        AutoencoderKLWan(
            base_dim=size.vae["base_dim"],
            z_dim=channels,
            dim_mult=[1, 2, 4, 4],
            num_res_blocks=size.vae["num_res_blocks"],
            attn_scales=[],
            temperal_downsample=[False, True, True],
            **(residual if five else {}),
        ),
    )
    yield (
        "transformer",
        WanTransformer3DModel(
            **size.transformer,
            patch_size=(1, 2, 2),
            in_channels=channels,
            out_channels=channels,
            text_dim=size.text["d_model"],
            cross_attn_norm=True,
            qk_norm="rms_norm_across_heads",
            eps=1e-6,
            rope_max_seq_len=1024,
        ),
    )


def build_random_wan(folder: Path, which: RandomWan) -> None:
    """Write the checkpoint in the layout of diffusers, which FastVideo reads too; the global random state is kept.

    Args:
        folder: Where its `model_index.json` will be; it is created.
        which: What to build.
    """
    import torch

    folder.mkdir(parents=True, exist_ok=True)
    device = "cuda" if which.size == "full" and torch.cuda.is_available() else "cpu"
    usual = torch.get_default_dtype()
    with torch.random.fork_rng(devices=[]), torch.device(device):
        torch.manual_seed(which.seed)
        torch.set_default_dtype(torch.float32 if SIZES[which.size].bits == 32 else torch.bfloat16)
        try:
            for name, model in random_models(which):
                model.save_pretrained(folder / name)
        finally:
            torch.set_default_dtype(usual)
    five = which.version == "2.2"
    tiny_tokenizer().save_pretrained(folder / "tokenizer")
    # By hand: what diffusers writes today has keys that FastVideo's scheduler refuses.
    _write(
        folder / "scheduler" / "scheduler_config.json",
        {
            "_class_name": "UniPCMultistepScheduler",
            "_diffusers_version": "0.33.0",
            "flow_shift": 5.0 if five else 3.0,
            "num_train_timesteps": 1000,
            "prediction_type": "flow_prediction",
            "solver_order": 2,
            "solver_type": "bh2",
            "use_flow_sigmas": True,
        },
    )
    _write(
        folder / "model_index.json",
        {
            "_class_name": "WanDMDPipeline" if which.distilled else "WanPipeline",
            "_diffusers_version": "0.33.0",
            "scheduler": ["diffusers", "UniPCMultistepScheduler"],
            "text_encoder": ["transformers", "UMT5EncoderModel"],
            "tokenizer": ["transformers", "PreTrainedTokenizerFast"],
            "transformer": ["diffusers", "WanTransformer3DModel"],
            "vae": ["diffusers", "AutoencoderKLWan"],
            **({"expand_timesteps": True} if five else {}),
        },
    )
    (folder / RANDOM_WEIGHTS).write_text(
        "The weights in this folder are random: it tests pipelines, and shows nothing.\n"
    )


def tiny_tokenizer() -> "PreTrainedTokenizerFast":
    """Return a tokenizer with one token per byte, 260 in all; it truncates to 512 tokens if asked."""
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    special = {"bos_token": "<s>", "eos_token": "</s>", "pad_token": "<pad>", "unk_token": "<unk>"}
    tokens = ["<pad>", "</s>", "<unk>", "<s>", *sorted(pre_tokenizers.ByteLevel.alphabet())]
    vocabulary = {token: number for number, token in enumerate(tokens)}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.post_processor = processors.TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 1)])
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, model_max_length=512, **special)


def _write(path: Path, document: dict[str, Any]) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(document, indent=1) + "\n")
