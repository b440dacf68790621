"""`keyframes`: the image that each shot starts on, given or made, in the media store."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import PurePosixPath

import dagster as dg
import numpy as np
from PIL import Image
from pydantic import Field

from ttv_dagster.assets.common import (
    data_version,
    inline_image,
    is_canceled,
    set_asset,
    table,
)
from ttv_dagster.assets.needed_weights import refuse_unpinned, require_weights
from ttv_dagster.assets.planned import planned_shots, wanted_shots
from ttv_dagster.assets.progress import KeyframeLog
from ttv_dagster.engines.deployment import Deployment
from ttv_dagster.engines.registry import open_engine
from ttv_dagster.farm.protocol import KeyframeJob, KeyframeOutcome
from ttv_dagster.farm.reason import reason
from ttv_dagster.library.library import Library
from ttv_dagster.media.images import ImageError, read_image
from ttv_dagster.media.preview import contact_sheet
from ttv_dagster.renders.provenance import RANDOM_WEIGHTS_NOTE, random_models
from ttv_dagster.renders.tables import KEYFRAMES, KeyframeRow
from ttv_dagster.resources.media_store import MediaStore
from ttv_dagster.resources.tables import SetTables
from ttv_dagster.resources.video_generator import VideoGenerator
from ttv_dagster.settings import Settings
from ttv_dagster.shots.plan import PlannedShot, image_digest
from ttv_dagster.shots.recipe import KeyframeRecipe
from ttv_dagster.storage.layout import image_name, keyframe_name
from ttv_dagster.storage.store import Store

SHEET_IMAGES = 24
"""Images on the contact sheet; of a longer set, that many evenly spaced ones."""


SHEET_SIDE = 640
"""Pixels that the longer side of an image keeps for the contact sheet."""


class KeyframesConfig(dg.Config):
    """What one run makes."""

    shots: list[str] = Field([], description="Ids of the shots whose images are made; all where empty.")


class _Publisher:
    """Puts the given images of one set into the media store, each once, and finds those that are to be made."""

    def __init__(
        self, prompt_set: str, library: dg.ResourceParam[Library], store: Store, deployment: Deployment
    ) -> None:
        self._set = prompt_set
        self._library = library
        self._store = store
        self._deployment = deployment
        self._there = {*store.sizes("keyframes"), *store.sizes("images")}

    def given(self, image: str) -> tuple[str, str]:
        """Publish an image of the library; its name in the store and its status."""
        name = image_name(image_digest(image), PurePosixPath(image).suffix)
        if PurePosixPath(name).name in self._there:
            return name, "cached"
        self._store.write(name, self._library.image(self._set, image))
        self._there.add(PurePosixPath(name).name)
        return name, "published"

    def keyframe(self, planned: PlannedShot) -> KeyframeRow:
        """What the shot starts on; the status of an image that is to be made is not known yet."""
        shot = planned.shot
        if shot.last_image is not None:
            self.given(shot.last_image)
        if shot.continues:
            return KeyframeRow(shot.id, "continues")
        if shot.image is not None:
            name, status = self.given(shot.image)
            return KeyframeRow(shot.id, "given", status, image_digest(shot.image), name)
        if planned.keyframe is None:
            return KeyframeRow(shot.id, "none", note=_why_none(shot.engine, shot.model, self._deployment))
        key = planned.keyframe.key()
        name = keyframe_name(key)
        return KeyframeRow(shot.id, "made", "cached" if PurePosixPath(name).name in self._there else None, key, name)


def _why_none(engine: str, model: str | None, deployment: Deployment) -> str | None:
    """Why a shot has no first frame."""
    try:
        capabilities = open_engine(engine, deployment).capabilities(model)
    except (KeyError, ValueError):
        return None  # Nobody knows the engine or the model any more; `clips` says so.
    who = model or f"the engine {engine}"
    if not capabilities.reads_image:
        return f"{who} reads no image"
    return f"the shot gives no image and no keyframe_model: {who} renders its prompt alone"


def _first_rows(
    planned: Mapping[str, Sequence[PlannedShot]], publishers: Mapping[str, _Publisher], log: dg.DagsterLogManager
) -> dict[str, list[KeyframeRow]]:
    """A row for each shot; one whose given image is lost has failed."""
    found: dict[str, list[KeyframeRow]] = {}
    for name, shots in planned.items():
        found[name] = []
        for each in shots:
            try:
                found[name].append(publishers[name].keyframe(each))
            except Exception as error:
                log.exception(f"{name}/{each.shot.id}: no keyframe")
                source = "given" if each.shot.image else "made"
                found[name].append(KeyframeRow(each.shot.id, source, "failed", error=reason(error)))
    return found


def _waiting(found: Mapping[str, Sequence[KeyframeRow]], wanted: Mapping[str, set[str]]) -> dict[str, str]:
    """The keys of the images that this run makes, each with the first shot that waits for it."""
    waiting: dict[str, str] = {}
    for name, keyframes in found.items():
        for each in keyframes:
            to_make = each.source == "made" and each.status is None and each.shot in wanted[name]
            if to_make and each.key is not None:
                waiting.setdefault(each.key, each.shot if len(found) == 1 else f"{name}/{each.shot}")
    return waiting


def _settled(keyframe: KeyframeRow, outcomes: Mapping[str, KeyframeOutcome], notes: Mapping[str, str]) -> KeyframeRow:
    """The row once its image was made, or not."""
    key = keyframe.key or ""
    outcome = outcomes.get(key)
    if outcome is None and keyframe.source == "made" and keyframe.status is None:
        return replace(keyframe, status="pending", name=None)
    if outcome is None:
        return replace(keyframe, note=notes.get(key, keyframe.note))
    if outcome.error is not None:
        return replace(keyframe, status="failed", key=None, name=None, error=reason(outcome.error))
    return replace(keyframe, status="published", note=notes.get(key))


def _sheet(keyframes: list[KeyframeRow], store: Store) -> dg.MarkdownMetadataValue | None:
    shown = [keyframe for keyframe in keyframes if keyframe.name and keyframe.status != "failed"]
    shown = shown[:: math.ceil(len(shown) / SHEET_IMAGES) or 1]
    if not shown:
        return None
    images = []
    for each in shown:
        try:
            image = Image.fromarray(read_image(store.read(each.name or "")))
        except ImageError:
            continue  # The shot that starts on it says so.
        image.thumbnail((SHEET_SIDE, SHEET_SIDE))  # Two dozen camera originals do not fit in memory.
        images.append((each.shot, np.asarray(image)))
    return inline_image(contact_sheet(images), "keyframes") if images else None


def _metadata(found: list[KeyframeRow], store: Store) -> dict[str, dg.MetadataValue]:
    sheet = _sheet(found, store)
    columns = ("shot", "source", "status", "error", "note", "name")
    failures_first = sorted(found, key=lambda each: each.status != "failed")
    return {
        **({"contact sheet": sheet} if sheet else {}),
        "given": dg.MetadataValue.int(sum(each.source == "given" for each in found)),
        "made": dg.MetadataValue.int(sum(each.source == "made" for each in found)),
        "failed": dg.MetadataValue.int(sum(each.status == "failed" for each in found)),
        "media store": dg.MetadataValue.path(str(store.root)),
        "images": table([{name: getattr(each, name) for name in columns} for each in failures_first]),
    }


def make_keyframes_asset(settings: Settings) -> dg.AssetsDefinition:
    """The `keyframes` asset of a deployment: one with a GPU makes them in the pool `gpu`, as it renders clips."""

    @set_asset(
        stage="keyframes",
        kinds={"image"},
        accelerator=settings.accelerator,
        description=(
            "The image that each shot starts on: the one the set gives, or one made from the prompt. A shot that "
            "continues another has none: it starts on the last frame of that clip."
        ),
    )
    def keyframes(
        context: dg.AssetExecutionContext,
        config: KeyframesConfig,
        prompt_sets: SetTables,
        library: dg.ResourceParam[Library],
        media_store: MediaStore,
        video_generator: dg.ResourceParam[VideoGenerator],
    ) -> dg.MaterializeResult[SetTables]:
        """Publish each shot's first frame; one that cannot be made is a row with its reason."""
        import pandas as pd

        deployment = video_generator.deployment
        planned = {name: planned_shots(frame) for name, frame in sorted(prompt_sets.items())}
        wanted = wanted_shots(planned, config.shots)
        asked_for = {name: [each for each in shots if each.shot.id in wanted[name]] for name, shots in planned.items()}
        painted = {name: [each for each in shots if each.shot.keyframe_model] for name, shots in asked_for.items()}
        refuse_unpinned(painted, deployment)
        store = media_store.open_writable()
        publishers = {name: _Publisher(name, library, store, deployment) for name in planned}
        found = _first_rows(planned, publishers, context.log)
        waiting = _waiting(found, wanted)
        recipes: dict[str, KeyframeRecipe] = {
            each.keyframe.key(): each.keyframe for shots in asked_for.values() for each in shots if each.keyframe
        }
        missing = [recipe for key, recipe in recipes.items() if key in waiting]
        require_weights(((recipe.model, recipe.commit) for recipe in missing), deployment)
        random = random_models((each for shots in painted.values() for each in shots), deployment.catalog)
        notes = {key: RANDOM_WEIGHTS_NOTE for key, recipe in recipes.items() if recipe.model in random}
        log = KeyframeLog(context.log, waiting, lambda: is_canceled(context))
        jobs = [KeyframeJob(recipe, notes.get(recipe.key(), "")) for recipe in missing]
        outcomes: dict[str, KeyframeOutcome] = {}
        with video_generator.farm() as farm:
            for outcome in farm.generate_keyframes(jobs):
                outcomes[outcome.key] = outcome
                log.finished(outcome)
        frames: dict[str, pd.DataFrame] = {}
        versions: dict[str, list[str]] = {}
        for name in planned:
            settled = [_settled(each, outcomes, notes) for each in found[name]]
            frames[name] = KEYFRAMES.frame(settled)
            versions[name] = [
                f"{each.shot} {each.source} {'pending' if each.status == 'pending' else each.key}" for each in settled
            ]
            context.add_asset_metadata(_metadata(settled, store), partition_key=name)
        return dg.MaterializeResult(value=frames, data_version=data_version(versions))

    return keyframes
