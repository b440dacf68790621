"""The engine: recipes to frames, and what to do when FastVideo fails."""

from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed_version
from typing import Any

from ttv_dagster.engines.deployment import Deployment
from ttv_dagster.engines.fastvideo.families import capabilities, family_of
from ttv_dagster.engines.fastvideo.generator import Generator, GeneratorFailed
from ttv_dagster.engines.fastvideo.loras import LoraError, find_lora
from ttv_dagster.engines.fastvideo.messages import Ask, Clip, Load, Loaded
from ttv_dagster.engines.protocol import Capabilities, Frame, Frames, Inputs, OnProgress, Progress, Requirements
from ttv_dagster.engines.requirements import memory_requirements
from ttv_dagster.engines.validation import problems
from ttv_dagster.media.images import fit
from ttv_dagster.shots.problems import Problem
from ttv_dagster.shots.recipe import Recipe
from ttv_dagster.weights.model import Model
from ttv_dagster.weights.snapshots import snapshot

FASTVIDEO = "0.2.1"
"""The version of FastVideo that this engine is written for. Another one may give other pixels."""

TEXT_MODEL = "FastVideo/FastWan2.2-TI2V-5B-Diffusers"

IMAGE_MODEL = "Wan-AI/Wan2.2-TI2V-5B-Diffusers"
"""FastWan has the same architecture and takes an image, but its distilled denoiser never reads it."""

ATTENTION = (
    "FLASH_ATTN",
    "TORCH_SDPA",
    "SAGE_ATTN",
    "SAGE_ATTN_THREE",
    "ATTN_QAT_INFER",
    "ATTN_QAT_TRAIN",
    "VIDEO_SPARSE_ATTN",
    "VIDEO_SPARSE_ATTN_H3",
    "BSA_ATTN",
    "VMOBA_ATTN",
    "SLA_ATTN",
    "SAGE_SLA_ATTN",
    "NABLA_ATTN",
    "NO_ATTENTION",
)
"""The attention backends of FastVideo, which ignores others."""


class FastVideo:
    """Renders with FastVideo.

    The generator is loaded at the first render and kept until the weights, the LoRA or the precision change, or until
    it has rendered so many clips that its memory has grown (`recycle_after`). One that fails is thrown away, and the
    clip is tried once more on a new one; what fails to load twice is not tried again. After memory ran out, this engine
    stays in low-memory mode.

    Args:
        deployment: The installation.
    """

    name = "fastvideo"
    version = f"1+fastvideo.{FASTVIDEO}"
    needs_process = False  # It has a host process of its own.

    def __init__(self, deployment: Deployment) -> None:
        self._deployment = deployment
        self._options = deployment.fastvideo
        self._generator: Generator | None = None
        self._load: Load | None = None
        self._failed: Load | None = None
        self._useless: dict[Load, str] = {}
        self._low_memory = False
        self._report: dict[str, Any] = {}

    def default_model(self, *, image: bool) -> str | None:
        """A model that reads the image, or the fastest one."""
        return IMAGE_MODEL if image else TEXT_MODEL

    def capabilities(self, model: str | None) -> Capabilities:
        """What can be asked of a model of the catalog.

        Raises:
            ValueError: The catalog has no such model, or FastVideo does not run it.
        """
        return capabilities(self._model(model), self._options)

    def requirements(self, recipe: Recipe) -> Requirements:
        """Return the GPUs that render one clip together; see `Engine.requirements`."""
        gpus = self._options.num_gpus if self._deployment.accelerator == "cuda" else 0
        return memory_requirements(self._model(recipe.model), recipe, gpus=gpus)

    def validate(self, recipe: Recipe) -> list[Problem]:
        """Every reason not to render the recipe; empty when it will be rendered as asked."""
        model = self._model(recipe.model)
        found = problems(recipe, capabilities(model, self._options))
        if self._options.attention and self._options.attention not in ATTENTION:
            message = f"TTV_FASTVIDEO_ATTENTION is {self._options.attention}, which FastVideo does not know"
            found.append(Problem("engine", message, f"one of {', '.join(ATTENTION)}"))
        if self._deployment.vram_gb is not None:
            found += _too_large(model, recipe, self._deployment.vram_gb)
        if recipe.negative_prompt and recipe.params.get("guidance") == 1:
            message = "decides nothing with a guidance of 1"
            found.append(Problem("negative_prompt", message, "leave it out, or ask for more guidance"))
        lora = recipe.params.get("lora")
        if isinstance(lora, str) and not any(problem.field == "params.lora" for problem in found):
            try:
                find_lora(lora, self._options.lora_folder)
            except LoraError as error:
                found.append(Problem("params.lora", str(error), error.hint))
        return found

    def render(self, recipe: Recipe, inputs: Inputs, on_progress: OnProgress) -> Iterator[Frames]:
        """Render the recipe; see `Engine.render`.

        Raises:
            RuntimeError: FastVideo is not installed here, or in another version; or its frames are not what was asked.
            WeightsMissing: The weights are not on this machine.
            GeneratorFailed: It failed twice, or had too little memory.
        """
        _check_installed()
        load, ask = self._asked(recipe, inputs.first_frame)
        generator, clip, retried = self._rendered(recipe, load, ask, on_progress)
        came = (clip.width, clip.height, sum(clip.pieces))
        if came != (ask.width, ask.height, ask.num_frames):
            self._drop(kill=True)
            raise RuntimeError(
                "FastVideo rendered {}x{}, {} frames, where".format(*came)
                + f" {ask.width}x{ask.height}, {ask.num_frames} frames were asked for"
            )
        self._report = self._reported(generator, clip, retried)
        yield from generator.frames(clip)

    def report(self) -> dict[str, Any]:
        """The GPU and how it was used, seconds by stage, peak memory, and what had to be tried twice."""
        return self._report

    def close(self) -> None:
        """End FastVideo's processes."""
        self._drop()

    def _model(self, name: str | None) -> Model:
        if name is None:
            raise ValueError("fastvideo renders nothing without a model")
        model = self._deployment.catalog[name]
        family_of(model)
        if self.name not in model.engines:
            raise ValueError(f"{name} is a model of {', '.join(model.engines)}, not of {self.name}")
        return model

    def _asked(self, recipe: Recipe, first_frame: Frame | None) -> tuple[Load, Ask]:
        """What the recipe needs loaded, and what it then asks for."""
        model = self._model(recipe.model)
        params = capabilities(model, self._options).params.model_validate(dict(recipe.params)).model_dump()
        lora = params["lora"]
        load = Load(
            snapshot=str(snapshot(model, recipe.commit)[model.id]),
            name=family_of(model).name,
            num_gpus=self._options.num_gpus,
            executor=self._options.executor,
            attention=self._options.attention,
            offload="sequential" if self._low_memory else self._options.offload,
            tiled=self._low_memory,
            compile=self._options.compile,
            precision=params["precision"],
            lora=str(find_lora(lora, self._options.lora_folder)) if lora else None,
            lora_strength=params["lora_strength"],
        )
        return load, Ask(
            prompt=recipe.prompt,
            negative_prompt=recipe.negative_prompt,
            seed=recipe.seed,
            width=recipe.width,
            height=recipe.height,
            num_frames=recipe.num_frames,
            steps=params.get("steps"),
            guidance=params.get("guidance"),
            image=None if first_frame is None else fit(first_frame, recipe.width, recipe.height),
        )

    def _rendered(self, recipe: Recipe, load: Load, ask: Ask, on_progress: OnProgress) -> tuple[Generator, Clip, str]:
        """The clip and who holds it, and what failed before it was rendered; empty where nothing did."""
        try:
            return *self._tried(recipe, load, ask, on_progress), ""
        except GeneratorFailed as failure:
            if not failure.out_of_memory:
                first = str(failure)
            elif self._deployment.retry_low_memory and not self._low_memory:
                self._low_memory = True
                load, _ = self._asked(recipe, None)
                first = _out_of_memory(failure, ask)
            else:
                raise RuntimeError(_out_of_memory(failure, ask)) from failure
        try:
            return *self._tried(recipe, load, ask, on_progress), first
        except GeneratorFailed as failure:
            again = _out_of_memory(failure, ask) if failure.out_of_memory else str(failure)
            raise RuntimeError(f"failed twice. First: {first}. Then: {again}") from failure

    def _tried(self, recipe: Recipe, load: Load, ask: Ask, on_progress: OnProgress) -> tuple[Generator, Clip]:
        generator = self._generator_of(recipe, load)
        try:
            clip = generator.render(ask, on_progress)
            on_progress(Progress("decode", 1, 1))
        except BaseException:
            # It failed, or it is in the middle of a clip that is no longer wanted.
            self._drop(kill=True)
            raise
        return generator, clip

    def _generator_of(self, recipe: Recipe, load: Load) -> Generator:
        """The generator that is loaded, where it is the right one; else a new one."""
        if load in self._useless:
            raise RuntimeError(self._useless[load])
        full = self._generator is not None and self._generator.clips >= self._options.recycle_after
        if self._generator is None or load != self._load or full:
            self._drop()
            self._generator, self._load = self._loaded(load), load
        loaded = self._generator.loaded
        self._deployment.require_gpu(loaded.gpu_bytes > 0)
        if message := _differs_from_request(loaded, load, recipe):
            self._drop()
            self._useless[load] = message
            raise RuntimeError(message)
        if loaded.gpu_bytes and (refused := _too_large(self._model(recipe.model), recipe, loaded.gpu_bytes / 1e9)):
            raise RuntimeError(f"{refused[0].message}; {refused[0].hint}")
        return self._generator

    def _loaded(self, load: Load) -> Generator:
        """A new generator. What fails to load twice in a row will not load for the next thousand shots either."""
        try:
            generator = Generator(load)
        except GeneratorFailed as failure:
            if load == self._failed and not failure.out_of_memory:
                self._useless[load] = f"the model did not load for the shots before, and is not tried again: {failure}"
            self._failed = load
            raise
        self._failed = None
        return generator

    def _drop(self, *, kill: bool = False) -> None:
        if self._generator is not None:
            self._generator.close(kill=kill)
        self._generator = self._load = None

    def _reported(self, generator: Generator, clip: Clip, retried: str) -> dict[str, Any]:
        loaded = generator.loaded
        return {
            "fastvideo": FASTVIDEO,
            "gpu": loaded.gpu,
            "gpus": self._options.num_gpus if loaded.gpu_bytes else 0,
            "executor": self._options.executor,
            "attention": loaded.attention,
            "offload": loaded.offload,
            "compiled": self._options.compile,
            "low_memory": self._low_memory,
            "load_seconds": round(loaded.seconds, 3),
            "stages": clip.stages,
            **({"peak_gb": round(clip.peak_bytes / 1e9, 2)} if clip.peak_bytes else {}),
            **({"retried_after": retried} if retried else {}),
        }


def _check_installed() -> None:
    try:
        there = installed_version("fastvideo")
    except PackageNotFoundError as error:
        raise RuntimeError("FastVideo is not installed here: pip install 'ttv-dagster[gpu]'") from error
    if there != FASTVIDEO:
        raise RuntimeError(
            f"FastVideo {there} is installed here, and recipes are for {FASTVIDEO}: pip install 'ttv-dagster[gpu]'"
        )


def _differs_from_request(loaded: Loaded, load: Load, recipe: Recipe) -> str:
    """What FastVideo quietly did otherwise when it loaded; empty for nothing."""
    if loaded.idle_lora_keys:
        return (
            f"these keys of the LoRA {recipe.params.get('lora')} do nothing, since {recipe.model} has no such layers: "
            f"{', '.join(loaded.idle_lora_keys)}"
        )
    if load.attention and load.attention not in loaded.attention:
        return (
            f"FastVideo took {', '.join(loaded.attention)} as its attention, and TTV_FASTVIDEO_ATTENTION is "
            f"{load.attention}: install what that needs, or leave the setting empty"
        )
    return ""


def _too_large(model: Model, recipe: Recipe, gpu_gb: float) -> list[Problem]:
    """What is refused since the GPU is known to be too small for it."""
    needed = model.memory_needed(recipe.width, recipe.height, recipe.num_frames)
    if needed is None or needed.gb <= gpu_gb:
        return []
    fitting = [
        f"{each.width}x{each.height}" + (f", {each.num_frames} frames" if each.num_frames else "")
        for each in model.memory
        if each.gb <= gpu_gb
    ]
    message = (
        f"{recipe.width}x{recipe.height}, {recipe.num_frames} frames take {needed.gb:g} GB of memory or more with "
        f"{model.id}, and the GPU has {gpu_gb:.4g} ({needed.source})"
    )
    return [Problem("width", message, f"what fits: {'; '.join(fitting) or 'nothing that is known; a smaller model'}")]


def _out_of_memory(failure: GeneratorFailed, ask: Ask) -> str:
    free = f"; {failure.free_bytes / 1e9:.1f} GB were free afterwards" if failure.free_bytes is not None else ""
    return f"out of memory at {ask.width}x{ask.height}, {ask.num_frames} frames: {failure}{free}"
