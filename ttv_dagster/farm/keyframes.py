"""Makes the keyframes that the store lacks, and publishes each the moment it is there."""

import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from ttv_dagster.farm.local import LocalFarm
from ttv_dagster.media.images import write_png
from ttv_dagster.shots.recipe import KeyframeRecipe
from ttv_dagster.storage.layout import keyframe_name
from ttv_dagster.storage.store import Store


@dataclass(frozen=True, slots=True)
class KeyframeOutcome:
    """What became of one keyframe.

    Attributes:
        key: The key of its recipe.
        seconds: How long it took to make.
        error: Why there is none; None where there is one.
    """

    key: str
    seconds: float
    error: Exception | None = None


def generate_keyframes(
    recipes: Iterable[KeyframeRecipe], *, store: Store, farm: LocalFarm, notes: Mapping[str, str]
) -> Iterator[KeyframeOutcome]:
    """Make and publish every keyframe, generator by generator and model by model, so that each loads once.

    An image that cannot be made, or published, is an outcome with its reason; the others are made.

    Args:
        recipes: What to make, each once.
        store: The media store.
        farm: Where the generators live.
        notes: What an image says of itself beside its recipe, by key.

    Yields:
        One outcome a recipe, each as soon as it is known.
    """
    batches: dict[tuple[str | None, ...], list[KeyframeRecipe]] = {}
    for recipe in recipes:
        # Sets that were planned at different times may ask for another version of the same generator.
        like = (recipe.generator, recipe.generator_version, recipe.model, recipe.commit)
        batches.setdefault(like, []).append(recipe)
    for batch in batches.values():
        while batch:
            images = farm.generate_keyframes(list(batch))
            for recipe in list(batch):
                key, error, started = recipe.key(), None, time.perf_counter()
                del batch[0]
                try:
                    text = {"recipe": recipe.canonical(), **({"note": notes[key]} if key in notes else {})}
                    with store.working_file(".png") as path:
                        write_png(next(images), path, text)
                        store.publish(path, keyframe_name(key))
                except Exception as raised:
                    error = raised
                yield KeyframeOutcome(key, time.perf_counter() - started, error)
                if error is not None:
                    break  # What raised gives no more images: the rest is asked for anew.
