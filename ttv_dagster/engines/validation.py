"""The checks that follow from an engine's capabilities alone."""

from fractions import Fraction

from pydantic import ValidationError

from ttv_dagster.engines.protocol import Capabilities
from ttv_dagster.media.encode import MAX_TIMESCALE
from ttv_dagster.shots.problems import Problem
from ttv_dagster.shots.recipe import Recipe

MIN_FPS = Fraction(1, 100)
"""Slower than this is no video, and the encoder refuses it."""


def _nearest(value: int, step: int, offset: int, minimum: int, maximum: int) -> str:
    """The allowed values on both sides of `value`, as a phrase."""
    below = (value - offset) // step * step + offset
    near = sorted({min(max(below, minimum), maximum), min(max(below + step, minimum), maximum)})
    return " or ".join(str(number) for number in near)


def problems(recipe: Recipe, capabilities: Capabilities) -> list[Problem]:
    """Every field of the recipe that `capabilities` rules out, with what would be right."""
    found: list[Problem] = []
    if not recipe.prompt.strip():
        found.append(Problem("prompt", "is empty", "say what the shot shows"))
    for side in ("width", "height"):
        pixels = getattr(recipe, side)
        minimum = -(-capabilities.min_side // capabilities.size_step) * capabilities.size_step
        maximum = capabilities.max_side // capabilities.size_step * capabilities.size_step
        if pixels % capabilities.size_step or not capabilities.min_side <= pixels <= capabilities.max_side:
            near = _nearest(pixels, capabilities.size_step, 0, minimum, maximum)
            hint = f"a multiple of {capabilities.size_step} from {minimum} to {maximum}: {near}"
            found.append(Problem(side, f"is {pixels}", hint))
    if recipe.width * recipe.height > capabilities.max_pixels:
        found.append(
            Problem(
                "width", f"{recipe.width}x{recipe.height} is too large", f"at most {capabilities.max_pixels} pixels"
            )
        )
    step, offset = capabilities.frame_step, capabilities.frame_offset
    frames = recipe.num_frames
    if (frames - offset) % step or not capabilities.min_frames <= frames <= capabilities.max_frames:
        near = _nearest(frames, step, offset, capabilities.min_frames, capabilities.max_frames)
        rule = f"{step}k+{offset} frames" if step > 1 else "frames"
        hint = f"{capabilities.min_frames} to {capabilities.max_frames} {rule}: {near}"
        found.append(Problem("num_frames", f"is {frames}", hint))
    if recipe.fps.numerator > MAX_TIMESCALE or recipe.fps < MIN_FPS:
        found.append(Problem("fps", f"is {float(recipe.fps):g}", "a rate such as 24, 12.5 or 24000/1001"))
    if recipe.fps > capabilities.max_fps:
        found.append(Problem("fps", f"is {float(recipe.fps):g}", f"at most {capabilities.max_fps}"))
    who = recipe.model or f"the engine {recipe.engine}"
    if recipe.first_frame is not None and not capabilities.reads_image:
        field = {"clip": "continues", "keyframe": "keyframe_model", "image": "image"}[recipe.first_frame.source]
        without = "say none" if field == "keyframe_model" else "leave it out"
        found.append(Problem(field, f"{who} reads no image", f"{without}, or use a model that reads it"))
    if recipe.first_frame is None and capabilities.needs_image:
        found.append(
            Problem("image", f"{who} renders nothing without an image", "give the shot an image, or a keyframe_model")
        )
    if recipe.last_frame is not None and not capabilities.reads_last_image:
        found.append(Problem("last_image", f"{who} reads no last image", "leave it out, or use a model that reads it"))
    try:
        capabilities.params.model_validate(dict(recipe.params))
    except ValidationError as error:
        known = ", ".join(sorted(capabilities.params.model_fields)) or "none"
        for problem in error.errors():
            field = ".".join(["params", *(str(part) for part in problem["loc"])])
            found.append(Problem(field, problem["msg"].lower(), f"parameters of {recipe.engine}: {known}"))
    return found
