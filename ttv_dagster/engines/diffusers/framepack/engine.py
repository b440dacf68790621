"""The engine `framepack`: image to video, section by section."""

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from pydantic import BaseModel, Field

from ttv_dagster.engines.deployment import Deployment
from ttv_dagster.engines.diffusers.base.caching import CACHE_HELP, StepCache
from ttv_dagster.engines.diffusers.base.frames import fitted
from ttv_dagster.engines.diffusers.base.host import Host
from ttv_dagster.engines.diffusers.base.installed import DIFFUSERS, require_diffusers
from ttv_dagster.engines.diffusers.base.steps import Steps
from ttv_dagster.engines.diffusers.framepack.loading import load
from ttv_dagster.engines.diffusers.framepack.sections import OVERLAP, SAMPLING, WINDOW, rendered_frames, sections_for
from ttv_dagster.engines.protocol import Capabilities, Frame, Frames, Inputs, Native, OnProgress, Requirements
from ttv_dagster.engines.requirements import memory_requirements
from ttv_dagster.engines.validation import problems
from ttv_dagster.shots.problems import Problem
from ttv_dagster.shots.recipe import Recipe
from ttv_dagster.weights.model import Model
from ttv_dagster.weights.snapshots import snapshot

STEPS, GUIDANCE = 25, 10.0
"""What is taken where a model's entry says nothing."""

MAX_SECTIONS = 100
"""Two minutes at 30 frames a second."""

MAX_PIXELS = 1280 * 720
MAX_SIDE = 2048


class FramePackParams(BaseModel, extra="forbid"):
    """What a shot can ask of `framepack` beside its words."""

    steps: int = Field(STEPS, ge=1, le=200, description="Denoising steps of each section.")
    guidance: float = Field(GUIDANCE, ge=1.0, le=32.0, description="Scale of the guidance that is distilled into it.")
    cache: float = Field(0.0, ge=0.0, le=1.0, description=CACHE_HELP)


class FramePack:
    """Renders FramePack's models by diffusers' `HunyuanVideoFramepackPipeline`.

    Args:
        deployment: Its models, and how pipelines run here.
    """

    name = "framepack"
    version = f"{DIFFUSERS}-1"
    needs_process = True

    def __init__(self, deployment: Deployment) -> None:
        self._deployment = deployment
        self._host = Host(deployment)
        self._stages: dict[str, float] = {}

    def default_model(self, *, image: bool) -> str | None:  # noqa: ARG002
        """The model that keeps a long clip from drifting."""
        return "lllyasviel/FramePackI2V_HY"

    def _model(self, name: str | None) -> Model:
        if name is None:
            raise ValueError("framepack renders nothing without a model")
        model = self._deployment.catalog[name]
        if self.name not in model.engines or model.family not in SAMPLING:
            known = [each.id for each in self._deployment.catalog.of_engine(self.name)]
            raise ValueError(
                f"framepack does not run {name} (family {model.family}); it runs {', '.join(known) or 'none'}"
            )
        return model

    def capabilities(self, model: str | None) -> Capabilities:
        """What can be asked of `framepack` with one of its models.

        Raises:
            ValueError: It does not run the model; the message says which it runs.
        """
        entry = self._model(model)
        backward = SAMPLING[entry.family] == "inverted_anti_drifting"
        return Capabilities(
            native=Native(entry.width, entry.height, entry.num_frames, Fraction(entry.fps)),
            size_step=16,
            min_side=16,
            max_side=MAX_SIDE,
            max_pixels=MAX_PIXELS,
            min_frames=1,
            max_frames=rendered_frames(MAX_SECTIONS),
            max_fps=120,
            reads_image=True,
            needs_image=True,
            # Sections that are made as they are shown do not know where the clip ends.
            reads_last_image=backward and entry.reads_last_image,
            params=FramePackParams,
            default_params={"steps": entry.steps or STEPS, "guidance": entry.guidance or GUIDANCE, "cache": 0.0},
        )

    def requirements(self, recipe: Recipe) -> Requirements:
        """Return one GPU, or none on an installation without one; see `Engine.requirements`."""
        return memory_requirements(self._model(recipe.model), recipe, gpus=int(self._deployment.accelerator == "cuda"))

    def validate(self, recipe: Recipe) -> list[Problem]:
        """Every reason not to render the recipe; empty when it will be rendered as asked."""
        capabilities = self.capabilities(recipe.model)
        found = problems(recipe, capabilities)
        sections = sections_for(recipe.num_frames)
        if (
            recipe.last_frame is not None
            and capabilities.reads_last_image
            and recipe.num_frames != rendered_frames(sections)
        ):
            # The frames after the asked ones are cut off, and the last image with them.
            lengths = sorted({rendered_frames(max(1, sections - 1)), rendered_frames(sections)})
            hint = f"with a last image, 36k+1 frames: {' or '.join(str(length) for length in lengths)}"
            found.append(Problem("num_frames", f"is {recipe.num_frames}", hint))
        return found

    def render(self, recipe: Recipe, inputs: Inputs, on_progress: OnProgress) -> Iterator[Frames]:
        """Render the recipe; see `Engine.render`. Frames come when the last section is done.

        Raises:
            ValueError: There is no first frame.
            WeightsMissing: The model was never pulled to this machine.
            OutOfMemory: The GPU is too small for it.
        """
        first_frame, last_frame = inputs.first_frame, inputs.last_frame
        if first_frame is None:
            raise ValueError("framepack renders nothing without a first frame")
        require_diffusers()
        model = self._model(recipe.model)
        folders = list(snapshot(model, recipe.commit).values())
        self._host.hold((model.id, recipe.commit), lambda: load(folders), on_progress)
        asked = f"{recipe.width}x{recipe.height}, {recipe.num_frames} frames"
        pieces = self._host.run(lambda: self._call(recipe, first_frame, last_frame, on_progress), asked)
        missing = recipe.num_frames
        for piece in pieces:
            if missing > 0:
                yield piece[:missing]
            missing -= len(piece)

    def _call(self, recipe: Recipe, first: Frame, last: Frame | None, on_progress: OnProgress) -> list[Frames]:
        """The frames of whole sections, in pieces."""
        import torch

        params = FramePackParams.model_validate(dict(recipe.params))
        sections = sections_for(recipe.num_frames)
        steps = Steps(on_progress, params.steps * sections)
        pipeline = self._host.pipeline
        # The pipeline does not say which pass it is at; there is one.
        with StepCache(pipeline, params.cache, names_passes=False) as cache:

            def on_section(frames: Frames) -> None:
                cache.restart()
                steps.show(frames)

            pieces: list[Frames] = pipeline.render(
                SAMPLING[self._model(recipe.model).family],
                on_section,
                image=fitted(first, recipe),
                last_image=None if last is None else fitted(last, recipe),
                prompt=recipe.prompt,
                height=recipe.height,
                width=recipe.width,
                num_frames=sections * OVERLAP,  # The pipeline counts its sections by their overlap.
                latent_window_size=WINDOW,
                num_inference_steps=params.steps,
                guidance_scale=params.guidance,
                generator=torch.Generator("cpu").manual_seed(recipe.seed),  # the same noise on every GPU
                callback_on_step_end=steps,
            )
        self._stages = steps.stages()
        return pieces

    def report(self) -> dict[str, Any]:
        """How the last render ran; see `Engine.report`."""
        return {**self._host.report(), "stages": {name: round(each, 3) for name, each in self._stages.items()}}

    def close(self) -> None:
        """Free what was loaded."""
        self._host.close()
