"""The models that this installation knows: those of this table, and those of its own file."""

from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import yaml
from pydantic import ValidationError

from ttv_dagster.shots.problems import TtvError
from ttv_dagster.weights.model import Memory, Model, Part

_FASTVIDEO = "FastVideo 0.2.1, pipelines/basic/wan/presets.py"
_WAN22 = "github.com/Wan-Video/Wan2.2 README"
_WAN21 = "huggingface.co/Wan-AI/Wan2.1-T2V-1.3B model card"
_FRAMEPACK = "diffusers 0.42.1, the example of HunyuanVideoFramepackPipeline"
_RTX5090 = "measured on an RTX 5090 with FastVideo, 121 frames (16-18 GB at 480p, 28-30 GB at 720p)"

_FRAMEPACK_PARTS = (
    Part(
        id="hunyuanvideo-community/HunyuanVideo",
        # Its transformer is not needed: FramePack brings its own.
        files=("model_index.json", "scheduler/*", "text_encoder/*", "text_encoder_2/*", "tokenizer/*", "tokenizer_2/*",
               "vae/*"),
    ),
    Part(id="lllyasviel/flux_redux_bfl", files=("feature_extractor/*", "image_encoder/*")),
)  # fmt: skip

MODELS = (
    Model(
        id="FastVideo/FastWan2.2-TI2V-5B-Diffusers",
        engines=("fastvideo",),
        # It takes an image and ignores it: its denoising stage never reads one.
        tasks=("T2V",),
        family="wan2.2-ti2v-5b-dmd",
        width=1280,
        height=704,
        num_frames=121,
        fps=24,
        native_source=_FASTVIDEO,
        memory=(
            Memory(width=848, height=480, num_frames=121, gb=18, source=_RTX5090),
            Memory(width=1280, height=720, num_frames=121, gb=30, source=_RTX5090),
        ),
        license="apache-2.0",
        license_source="hao-ai-lab.github.io/blogs/fastvideo_post_training: all FastWan weights",
    ),
    Model(
        id="Wan-AI/Wan2.2-TI2V-5B-Diffusers",
        engines=("fastvideo", "wan"),
        tasks=("T2V", "I2V"),
        family="wan2.2-ti2v-5b",
        width=1280,
        height=704,
        num_frames=121,
        fps=24,
        steps=50,
        guidance=5.0,
        native_source=_FASTVIDEO,
        memory=(Memory(width=1280, height=704, gb=24, source=f"{_WAN22}: with offloading"),),
        license="apache-2.0",
        license_source=_WAN22,
    ),
    Model(
        id="FastVideo/FastWan2.1-T2V-1.3B-Diffusers",
        engines=("fastvideo",),
        tasks=("T2V",),
        family="wan2.1-t2v-dmd",
        width=832,
        height=448,
        num_frames=61,
        fps=16,
        native_source=_FASTVIDEO,
        bytes=26_200_000_000,
        bytes_source="huggingface.co/FastVideo/FastWan2.1-T2V-1.3B-Diffusers/tree/main: the whole repository",
        license="apache-2.0",
        license_source="huggingface.co/FastVideo/FastWan2.1-T2V-1.3B-Diffusers",
    ),
    Model(
        id="Wan-AI/Wan2.1-T2V-1.3B-Diffusers",
        engines=("fastvideo", "wan"),
        tasks=("T2V",),
        family="wan2.1-t2v",
        width=832,
        height=480,
        num_frames=81,
        fps=16,
        steps=50,
        guidance=3.0,
        native_source=_FASTVIDEO,
        memory=(Memory(width=832, height=480, num_frames=81, gb=8.19, source=f"{_WAN21}: 5 seconds of 480P"),),
        license="apache-2.0",
        license_source=_WAN21,
    ),
    Model(
        id="Wan-AI/Wan2.2-I2V-A14B-Diffusers",
        engines=("wan",),
        tasks=("I2V", "FLF2V"),
        family="wan2.2-a14b-i2v",
        width=1280,
        height=720,
        num_frames=81,
        fps=16,
        steps=40,
        guidance=3.5,
        native_source=f"{_FASTVIDEO}; size: {_WAN22}; frames: diffusers 0.42.1, WanImageToVideoPipeline",
        memory=(Memory(width=1280, height=720, gb=80, source=_WAN22),),
        license="apache-2.0",
        license_source=_WAN22,
    ),
    Model(
        id="Wan-AI/Wan2.1-FLF2V-14B-720P-diffusers",
        engines=("wan",),
        tasks=("FLF2V",),
        family="wan2.1-flf2v",
        width=1280,
        height=720,
        num_frames=81,
        fps=16,
        steps=50,
        guidance=5.5,
        native_source="diffusers documentation, api/pipelines/wan; frames and steps: WanImageToVideoPipeline's own",
        license="apache-2.0",
        license_source="huggingface.co/Wan-AI/Wan2.1-FLF2V-14B-720P-diffusers",
    ),
    Model(
        id="lllyasviel/FramePackI2V_HY",
        engines=("framepack",),
        tasks=("I2V", "FLF2V"),
        family="framepack",
        width=480,
        height=832,
        num_frames=91,
        fps=30,
        steps=30,
        guidance=9.0,
        native_source=_FRAMEPACK,
        parts=_FRAMEPACK_PARTS,
        license="tencent-hunyuan-community",
        license_source="huggingface.co/tencent/HunyuanVideo, which it derives from; its own repository was not read",
    ),
    Model(
        id="lllyasviel/FramePack_F1_I2V_HY_20250503",
        engines=("framepack",),
        tasks=("I2V",),
        family="framepack-f1",
        width=480,
        height=832,
        num_frames=91,
        fps=30,
        steps=30,
        guidance=9.0,
        native_source=_FRAMEPACK,
        parts=_FRAMEPACK_PARTS,
        license="tencent-hunyuan-community",
        license_source="huggingface.co/tencent/HunyuanVideo, which it derives from; its own repository was not read",
    ),
    Model(
        # The light one: half of Stable Diffusion XL.
        id="segmind/SSD-1B",
        engines=("text-to-image",),
        tasks=("T2I",),
        family="text-to-image",
        width=1024,
        height=1024,
        num_frames=1,
        fps=0,
        steps=30,
        guidance=9.0,
        native_source=(
            "size: github.com/segmind/SSD-1B README; guidance: its model card; steps: "
            "huggingface.co/datasets/sayakpaul/sample-datasets, ssd-1b_patrick"
        ),
        # The repository also has halves of the same weights, and three single files for other programs.
        files=(
            "model_index.json",
            "*/*.json",
            "*/*.txt",
            "*/model.safetensors",
            "*/diffusion_pytorch_model.safetensors",
        ),
        memory=(
            Memory(
                width=1024,
                height=1024,
                gb=6.603,
                source="huggingface.co/datasets/sayakpaul/sample-datasets, ssd-1b_patrick: bf16, one image",
            ),
        ),
        license="apache-2.0",
        license_source="huggingface.co/segmind/SSD-1B",
    ),
    Model(
        # The good one: 6 billion parameters in 8 steps.
        id="Tongyi-MAI/Z-Image-Turbo",
        engines=("text-to-image",),
        tasks=("T2I",),
        family="text-to-image",
        width=1024,
        height=1024,
        num_frames=1,
        fps=0,
        steps=8,
        guidance=0.0,
        native_source="diffusers 0.42.1, the example of ZImagePipeline (older versions ran 8 steps of 9)",
        bytes=32_900_000_000,
        bytes_source=(
            "huggingface.co/Tongyi-MAI/Z-Image-Turbo/tree/main/text_encoder (8.05 GB) and /tokenizer; transformer "
            "(24.62 GB) and VAE: huggingface.co/mashbox-labs/Z-Image-Turbo-TPU"
        ),
        license="apache-2.0",
        license_source="huggingface.co/Tongyi-MAI/Z-Image-Turbo",
    ),
)
"""Every figure names its source, and is empty if none is known."""


class CatalogError(TtvError, ValueError):
    """The installation's own models cannot be read; the message says where and why."""


class Catalog:
    """Models by their Hub id.

    Args:
        models: The models; a later model replaces an earlier one with the same id.
    """

    def __init__(self, models: Iterable[Model]) -> None:
        self._models = {model.id: model for model in models}

    def __iter__(self) -> Iterator[Model]:
        return iter(self._models.values())

    def __getitem__(self, name: str) -> Model:
        """Return the model with this Hub id.

        Raises:
            ValueError: There is none; the message says which there are.
        """
        if name not in self._models:
            raise ValueError(f"there is no model {name!r}; the catalog has {', '.join(self._models)}")
        return self._models[name]

    def get(self, name: str) -> Model | None:
        """Return the model with this Hub id; None if there is none."""
        return self._models.get(name)

    def of_engine(self, engine: str) -> list[Model]:
        """Return the models that an engine runs."""
        return [model for model in self._models.values() if engine in model.engines]


@cache
def _own_models(path: Path, _changed: float) -> tuple[Model, ...]:
    try:
        document = yaml.safe_load(path.read_text())
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise CatalogError(f"{path}: {error}") from error
    if not isinstance(document, dict) or not isinstance(document.get("models"), list) or len(document) > 1:
        raise CatalogError(f"{path}: a mapping with the one key `models`, a list, is expected")
    found = []
    for number, entry in enumerate(document["models"], 1):
        try:
            found.append(Model.model_validate(entry))
        except ValidationError as error:
            first = error.errors()[0]
            where = ": ".join([f"model {number}", *filter(None, [".".join(str(part) for part in first["loc"])])])
            raise CatalogError(f"{path}: {where}: {first['msg']}") from error
        if any(model.id == found[-1].id for model in found[:-1]):
            raise CatalogError(
                f"{path}: model {number}: id: {found[-1].id} is in this file twice; name all its engines in `engines`"
            )
    return tuple(found)


def read_catalog(own: Path | None) -> Catalog:
    """Return the catalog of an installation.

    Args:
        own: A YAML file with the installation's own models, a list under `models` with the fields of `Model`;
            None if it does not have any.

    Raises:
        CatalogError: The file cannot be read, or a model in it is wrong.
    """
    if own is None:
        return Catalog(MODELS)
    try:
        changed = own.stat().st_mtime
    except OSError as error:
        raise CatalogError(f"{own}: {error.strerror}; TTV_MODELS_FILE names the file of the own models") from error
    return Catalog([*MODELS, *_own_models(own, changed)])
