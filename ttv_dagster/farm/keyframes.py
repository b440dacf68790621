"""Generates the keyframes that the store lacks, and publishes each as soon as it is there."""

import time
from collections import deque
from collections.abc import Iterator, Sequence

from ttv_dagster.farm.claims import POLL_SECONDS, Claims
from ttv_dagster.farm.engines import LoadedEngine
from ttv_dagster.farm.protocol import KeyframeJob, KeyframeOutcome
from ttv_dagster.media.images import write_png
from ttv_dagster.storage.layout import keyframe_name
from ttv_dagster.storage.store import Store


def generate_keyframes(
    jobs: Sequence[KeyframeJob], *, engines: LoadedEngine, store: Store, claims: Claims
) -> Iterator[KeyframeOutcome]:
    """Generate and publish every keyframe, as `Farm.generate_keyframes` says; each model loads once.

    Args:
        jobs: What to generate.
        engines: Opens the generator of a recipe.
        store: The media store.
        claims: Keep other processes from generating the same image.
    """
    waiting = deque(_by_model(jobs))
    turned_away = 0  # Images in a row that other processes generate.
    while waiting:
        job = waiting.popleft()
        key, error, started = job.recipe.key(), None, time.perf_counter()
        try:
            if not claims.claim(key):
                waiting.append(job)
                turned_away += 1
                if turned_away >= len(waiting):
                    time.sleep(POLL_SECONDS)
                continue
            if store.size(keyframe_name(key)) is None:
                _generate(job, engines, store)
                seconds = time.perf_counter() - started
            else:
                seconds = 0.0
        except Exception as raised:
            error, seconds = raised, time.perf_counter() - started
        finally:
            claims.release(key)
        turned_away = 0
        yield KeyframeOutcome(key, seconds, error)


def _by_model(jobs: Sequence[KeyframeJob]) -> Iterator[KeyframeJob]:
    batches: dict[tuple[str | None, ...], list[KeyframeJob]] = {}
    for job in jobs:
        # Sets that were planned at different times may ask for another version of the same generator.
        like = (job.recipe.generator, job.recipe.generator_version, job.recipe.model, job.recipe.commit)
        batches.setdefault(like, []).append(job)
    for batch in batches.values():
        yield from batch


def _generate(job: KeyframeJob, engines: LoadedEngine, store: Store) -> None:
    (image,) = engines.generator(job.recipe).generate([job.recipe])
    text = {"recipe": job.recipe.canonical(), **({"note": job.note} if job.note else {})}
    with store.working_file(".png") as path:
        write_png(image, path, text)
        store.publish(path, keyframe_name(job.recipe.key()))
