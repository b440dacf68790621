"""The engine `wan`: text, a first frame, or a first and a last frame, to video."""

from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from ttv_dagster.engines.deployment import Deployment
from ttv_dagster.engines.diffusers.base.caching import StepCache
from ttv_dagster.engines.diffusers.base.frames import fitted, in_chunks
from ttv_dagster.engines.diffusers.base.host import Host
from ttv_dagster.engines.diffusers.base.installed import DIFFUSERS, require_diffusers
from ttv_dagster.engines.diffusers.base.steps import Steps
from ttv_dagster.engines.diffusers.wan.families import FAMILIES, TwoStageParams
from ttv_dagster.engines.diffusers.wan.loading import as_text_to_video, load
from ttv_dagster.engines.protocol import Capabilities, Frames, Inputs, Native, OnProgress, Requirements
from ttv_dagster.engines.requirements import memory_requirements
from ttv_dagster.engines.validation import problems
from ttv_dagster.shots.problems import Problem
from ttv_dagster.shots.recipe import Recipe
from ttv_dagster.weights.model import Model
from ttv_dagster.weights.snapshots import snapshot

if TYPE_CHECKING:
    import torch

MAX_FRAMES = 257
MAX_PIXELS = 1280 * 720
MAX_SIDE = 2048


class Wan:
    """Renders Wan 2.1 and 2.2 by diffusers' `WanPipeline` and `WanImageToVideoPipeline`.

    Args:
        deployment: Its models, and how pipelines run here.
    """

    name = "wan"
    version = f"{DIFFUSERS}-1"
    needs_process = True

    def __init__(self, deployment: Deployment) -> None:
        self._deployment = deployment
        self._host = Host(deployment)
        self._stages: dict[str, float] = {}

    def default_model(self, *, image: bool) -> str | None:  # noqa: ARG002
        """The one model that renders with an image and without."""
        return "Wan-AI/Wan2.2-TI2V-5B-Diffusers"

    def _model(self, name: str | None) -> Model:
        if name is None:
            raise ValueError("wan renders nothing without a model")
        model = self._deployment.catalog[name]
        if self.name not in model.engines or model.family not in FAMILIES:
            known = [each.id for each in self._deployment.catalog.of_engine(self.name) if each.family in FAMILIES]
            raise ValueError(f"wan does not run {name} (family {model.family}); it runs {', '.join(known) or 'none'}")
        return model

    def capabilities(self, model: str | None) -> Capabilities:
        """What can be asked of `wan` with one of its models.

        Raises:
            ValueError: It does not run the model; the message says which it runs.
        """
        entry = self._model(model)
        family = FAMILIES[entry.family]
        return Capabilities(
            native=Native(entry.width, entry.height, entry.num_frames, Fraction(entry.fps)),
            size_step=family.size_step,
            min_side=family.size_step,
            max_side=MAX_SIDE,
            max_pixels=MAX_PIXELS,
            frame_step=4,
            frame_offset=1,
            min_frames=1,
            max_frames=MAX_FRAMES,
            max_fps=120,
            reads_image=entry.reads_image,
            needs_image=entry.needs_image,
            reads_last_image=entry.reads_last_image and family.last_image,
            reads_negative_prompt=True,
            params=family.params,
            default_params=family.default_params(entry),
        )

    def requirements(self, recipe: Recipe) -> Requirements:
        """Return one GPU, or none on an installation without one; see `Engine.requirements`."""
        return memory_requirements(self._model(recipe.model), recipe, gpus=int(self._deployment.accelerator == "cuda"))

    def validate(self, recipe: Recipe) -> list[Problem]:
        """Every reason not to render the recipe; empty when it will be rendered as asked."""
        capabilities = self.capabilities(recipe.model)
        found = problems(recipe, capabilities)
        if FAMILIES[self._model(recipe.model).family].needs_last_image and recipe.last_frame is None:
            found.append(
                Problem("last_image", f"{recipe.model} renders nothing without a last image", "give the shot one")
            )
        if recipe.negative_prompt and recipe.params.get("guidance") == 1:
            hint = "a guidance above 1, or no negative prompt"
            found.append(Problem("negative_prompt", "is not read where params.guidance is 1", hint))
        return found

    def render(self, recipe: Recipe, inputs: Inputs, on_progress: OnProgress) -> Iterator[Frames]:
        """Render the recipe; see `Engine.render`. Frames come when the last step is done.

        Raises:
            WeightsMissing: The model was never pulled to this machine.
            OutOfMemory: The GPU is too small for it.
        """
        require_diffusers()
        model = self._model(recipe.model)
        folder = snapshot(model, recipe.commit)[model.id]
        self._host.hold((model.id, recipe.commit), lambda: load(folder, reads_image=model.reads_image), on_progress)
        asked = f"{recipe.width}x{recipe.height}, {recipe.num_frames} frames"
        video = self._host.run(lambda: self._call(recipe, inputs, on_progress), asked)
        yield from in_chunks(video, recipe.num_frames)

    def _call(self, recipe: Recipe, inputs: Inputs, on_progress: OnProgress) -> "torch.Tensor":
        """The decoded video, (3, T, H, W), floats from -1 to 1 on the device."""
        import torch

        params = FAMILIES[self._model(recipe.model).family].params.model_validate(dict(recipe.params))
        images = {
            name: fitted(each, recipe)
            for name, each in (("image", inputs.first_frame), ("last_image", inputs.last_frame))
            if each is not None
        }
        pipeline = self._host.pipeline if images else as_text_to_video(self._host.pipeline)
        steps = Steps(on_progress, params.steps)
        with StepCache(pipeline, params.cache):
            video: torch.Tensor = pipeline(
                **images,
                prompt=recipe.prompt,
                negative_prompt=recipe.negative_prompt,
                height=recipe.height,
                width=recipe.width,
                num_frames=recipe.num_frames,
                num_inference_steps=params.steps,
                guidance_scale=params.guidance,
                **({"guidance_scale_2": params.guidance_2} if isinstance(params, TwoStageParams) else {}),
                generator=torch.Generator("cpu").manual_seed(recipe.seed),  # the same noise on every GPU
                output_type="pt",
                callback_on_step_end=steps,
            ).frames[0]
        self._stages = steps.stages()
        return video

    def report(self) -> dict[str, Any]:
        """How the last render ran; see `Engine.report`."""
        return {**self._host.report(), "stages": {name: round(each, 3) for name, each in self._stages.items()}}

    def close(self) -> None:
        """Free what was loaded."""
        self._host.close()
