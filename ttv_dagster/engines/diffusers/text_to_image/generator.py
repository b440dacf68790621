"""The keyframe generator `text-to-image`: diffusers' pipelines for any text-to-image model of the catalog."""

import inspect
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ttv_dagster.engines.deployment import Deployment
from ttv_dagster.engines.diffusers.base.host import Host
from ttv_dagster.engines.diffusers.base.installed import DIFFUSERS, require_diffusers
from ttv_dagster.engines.diffusers.text_to_image.sizes import model_size
from ttv_dagster.engines.protocol import Frame
from ttv_dagster.media.images import fit
from ttv_dagster.shots.recipe import KeyframeRecipe
from ttv_dagster.weights.model import Model
from ttv_dagster.weights.snapshots import snapshot

STEPS, GUIDANCE = 30, 5.0
"""What is taken where a model's entry says nothing."""


class TextToImage:
    """Makes images with the text-to-image models of the catalog.

    One at a time: in a batch the same recipe would give slightly other pixels than alone.

    Args:
        deployment: Its models, and how pipelines run here.
    """

    name = "text-to-image"
    version = f"{DIFFUSERS}-1"
    needs_process = True

    def __init__(self, deployment: Deployment) -> None:
        self._deployment = deployment
        self._host = Host(deployment)

    def _model(self, name: str | None) -> Model:
        if name is None:
            raise ValueError("text-to-image makes nothing without a model")
        model = self._deployment.catalog[name]
        if self.name not in model.engines:
            known = ", ".join(each.id for each in self._deployment.catalog.of_engine(self.name)) or "none"
            raise ValueError(f"text-to-image does not run {name}; it runs {known}")
        return model

    def default_params(self, model: str | None) -> Mapping[str, Any]:
        """The model's steps and guidance.

        Raises:
            ValueError: It does not run the model; the message says which it runs.
        """
        entry = self._model(model)
        guidance = GUIDANCE if entry.guidance is None else entry.guidance
        return {"steps": entry.steps or STEPS, "guidance": guidance}

    def generate(self, recipes: Sequence[KeyframeRecipe]) -> Iterator[Frame]:
        """The keyframes in order; see `KeyframeGenerator.make`.

        Raises:
            WeightsMissing: The model was never pulled to this machine.
            OutOfMemory: The GPU is too small for it.
        """
        require_diffusers()
        return map(self._make, recipes)

    def _make(self, recipe: KeyframeRecipe) -> Frame:
        model = self._model(recipe.model)
        folder = snapshot(model, recipe.commit)[model.id]
        self._host.hold((model.id, recipe.commit), lambda: _load(folder))
        width, height = model_size(recipe.width, recipe.height, model.width * model.height)
        image = self._host.run(lambda: self._call(recipe, width, height), f"an image of {width}x{height}")
        return fit(image, recipe.width, recipe.height)

    def _call(self, recipe: KeyframeRecipe, width: int, height: int) -> Frame:
        import torch

        pipeline = self._host.pipeline
        words = {"prompt": recipe.prompt}
        if recipe.negative_prompt and "negative_prompt" in inspect.signature(pipeline.__call__).parameters:
            words["negative_prompt"] = recipe.negative_prompt
        made = pipeline(
            **words,
            width=width,
            height=height,
            num_inference_steps=recipe.params["steps"],
            guidance_scale=recipe.params["guidance"],
            generator=torch.Generator("cpu").manual_seed(recipe.seed),  # the same noise on every GPU
            output_type="pt",
        )
        if any(getattr(made, "nsfw_content_detected", None) or ()):
            raise RuntimeError(f"the safety checker of {recipe.model} held this image back")
        levels = made.images[0].float().mul(255).round_().clamp_(0, 255).to(torch.uint8)
        image: Frame = levels.permute(1, 2, 0).contiguous().cpu().numpy()
        return image

    def close(self) -> None:
        """Free what was loaded."""
        self._host.close()


def _load(folder: Path) -> Any:
    """The pipeline in a folder, on the CPU. Nothing is downloaded, and nothing pickled is opened."""
    import torch
    from diffusers import AutoPipelineForText2Image

    pipeline = AutoPipelineForText2Image.from_pretrained(
        folder, dtype=torch.bfloat16, local_files_only=True, use_safetensors=True
    )
    pipeline.set_progress_bar_config(disable=True)
    return pipeline
