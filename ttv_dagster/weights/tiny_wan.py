"""A tiny Wan checkpoint with random weights: the real layout, the real classes, a few megabytes, and no film in it.

`ttv selftest` renders with it, and so do the tests. It shows that pipelines run; its pictures mean nothing.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ttv_dagster.weights.snapshots import RANDOM_WEIGHTS

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

_TEXT_DIM = 32
_VOCABULARY = 300


@dataclass(frozen=True, slots=True)
class TinyWan:
    """Which Wan is made tiny.

    Attributes:
        version: ``2.1`` (16 latent channels of 8 by 8 pixels) or ``2.2`` (TI2V-5B: 48 of 16 by 16 pixels).
        distilled: The pipeline of FastVideo's distilled models, which denoises in three steps of its own.
        seed: Of the weights.
    """

    version: str = "2.2"
    distilled: bool = False
    seed: int = 0

    @property
    def name(self) -> str:
        """A folder name of its own."""
        return f"wan{self.version}{'-dmd' if self.distilled else ''}-{self.seed}"


def build_tiny_wan(folder: Path, which: TinyWan) -> None:
    """Write the checkpoint in the layout of diffusers, which FastVideo reads too; the global random state is kept.

    Args:
        folder: Where its `model_index.json` will be; it is made.
        which: What to build.
    """
    import torch
    from diffusers import AutoencoderKLWan, WanTransformer3DModel
    from transformers import UMT5Config, UMT5EncoderModel
    from transformers.utils import logging

    five = which.version == "2.2"
    channels = 48 if five else 16
    residual: dict[str, Any] = {
        "decoder_base_dim": 8,
        "is_residual": True,
        "in_channels": 12,
        "out_channels": 12,
        "patch_size": 2,
        "scale_factor_spatial": 16,
        "scale_factor_temporal": 4,
        "latents_mean": [0.0] * channels,
        "latents_std": [1.0] * channels,
    }
    folder.mkdir(parents=True, exist_ok=True)
    bars = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(which.seed)
        UMT5EncoderModel(
            UMT5Config(
                vocab_size=_VOCABULARY,
                d_model=_TEXT_DIM,
                d_kv=8,
                d_ff=64,
                num_layers=2,
                num_heads=4,
                feed_forward_proj="gated-gelu",
            )
        ).save_pretrained(folder / "text_encoder")
        AutoencoderKLWan(
            base_dim=8,
            z_dim=channels,
            dim_mult=[1, 2, 4, 4],
            num_res_blocks=1,
            attn_scales=[],
            temperal_downsample=[False, True, True],
            **(residual if five else {}),
        ).save_pretrained(folder / "vae")
        WanTransformer3DModel(
            patch_size=(1, 2, 2),
            num_attention_heads=2,
            attention_head_dim=64,  # FastVideo's attention takes no head smaller than this.
            in_channels=channels,
            out_channels=channels,
            text_dim=_TEXT_DIM,
            freq_dim=32,
            ffn_dim=128,
            num_layers=2,
            cross_attn_norm=True,
            qk_norm="rms_norm_across_heads",
            eps=1e-6,
            rope_max_seq_len=1024,
        ).save_pretrained(folder / "transformer")
    if bars:
        logging.enable_progress_bar()
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
    """A tokenizer of a token a byte, with 260 tokens; what is longer than 512 of them is cut where that is asked."""
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
