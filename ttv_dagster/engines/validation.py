"""The checks that follow from an engine's capabilities alone."""

from fractions import Fraction

from pydantic import ValidationError

from ttv_dagster.engines.protocol import Capabilities, Refusal
from ttv_dagster.media.encode import MAX_TIMESCALE
from ttv_dagster.shots.recipe import Recipe

MIN_FPS = Fraction(1, 100)
"""Slower than this is no video, and the encoder refuses it."""


def _nearest(value: int, step: int, offset: int, least: int, most: int) -> str:
    """The allowed values on both sides of `value`, as a phrase."""
    below = (value - offset) // step * step + offset
    near = sorted({min(max(below, least), most), min(max(below + step, least), most)})
    return " or ".join(str(number) for number in near)


def refusals(recipe: Recipe, able: Capabilities) -> list[Refusal]:
    """Every field of the recipe that `able` rules out, with what would be right."""
    found: list[Refusal] = []
    if not recipe.prompt.strip():
        found.append(Refusal("prompt", "is empty", "say what the shot shows"))
    for side in ("width", "height"):
        pixels = getattr(recipe, side)
        least = -(-able.min_side // able.size_step) * able.size_step
        most = able.max_side // able.size_step * able.size_step
        if pixels % able.size_step or not able.min_side <= pixels <= able.max_side:
            near = _nearest(pixels, able.size_step, 0, least, most)
            right = f"a multiple of {able.size_step} from {least} to {most}: {near}"
            found.append(Refusal(side, f"is {pixels}", right))
    if recipe.width * recipe.height > able.max_pixels:
        found.append(
            Refusal("width", f"{recipe.width}x{recipe.height} is too large", f"at most {able.max_pixels} pixels")
        )
    step, offset = able.frame_step, able.frame_offset
    frames = recipe.num_frames
    if (frames - offset) % step or not able.min_frames <= frames <= able.max_frames:
        near = _nearest(frames, step, offset, able.min_frames, able.max_frames)
        rule = f"{step}k+{offset} frames" if step > 1 else "frames"
        right = f"{able.min_frames} to {able.max_frames} {rule}: {near}"
        found.append(Refusal("num_frames", f"is {frames}", right))
    if recipe.fps.numerator > MAX_TIMESCALE or recipe.fps < MIN_FPS:
        found.append(Refusal("fps", f"is {float(recipe.fps):g}", "a rate such as 24, 12.5 or 24000/1001"))
    if recipe.fps > able.max_fps:
        found.append(Refusal("fps", f"is {float(recipe.fps):g}", f"at most {able.max_fps}"))
    who = recipe.model or f"the engine {recipe.engine}"
    if recipe.first_frame is not None and not able.reads_image:
        field = {"clip": "continues", "keyframe": "keyframe_model", "picture": "image"}[recipe.first_frame.source]
        without = "say none" if field == "keyframe_model" else "leave it out"
        found.append(Refusal(field, f"{who} reads no picture", f"{without}, or use a model that reads it"))
    if recipe.first_frame is None and able.needs_image:
        found.append(
            Refusal("image", f"{who} renders nothing without a picture", "give the shot an image, or a keyframe_model")
        )
    if recipe.last_frame is not None and not able.reads_last_image:
        found.append(
            Refusal("last_image", f"{who} reads no last picture", "leave it out, or use a model that reads it")
        )
    try:
        able.params.model_validate(dict(recipe.params))
    except ValidationError as error:
        known = ", ".join(sorted(able.params.model_fields)) or "none"
        for mistake in error.errors():
            field = ".".join(["params", *(str(part) for part in mistake["loc"])])
            found.append(Refusal(field, mistake["msg"].lower(), f"parameters of {recipe.engine}: {known}"))
    return found
