"""What a render takes, from the figures of its model."""

from ttv_dagster.engines.protocol import Requirements
from ttv_dagster.shots.recipe import Recipe
from ttv_dagster.weights.model import Model


def memory_requirements(model: Model, recipe: Recipe, *, gpus: int) -> Requirements:
    """Return what a render takes by the catalog.

    Args:
        model: The recipe's model.
        recipe: What is rendered.
        gpus: GPUs that render it together; 0 for a render on the CPU.
    """
    if gpus == 0:
        return Requirements(gpus=0, vram_gb=0)
    needed = model.memory_needed(recipe.width, recipe.height, recipe.num_frames)
    return Requirements(gpus=gpus, vram_gb=needed.gb if needed else None)
