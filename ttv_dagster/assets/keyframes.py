"""`keyframes`: the picture that each shot starts on, given or made, in the media store."""

import math
from dataclasses import asdict, dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

import dagster as dg
import numpy as np
from PIL import Image

from ttv_dagster.assets.common import (
    GROUP,
    OWNERS,
    PROMPT_SETS,
    SETS_PER_RUN,
    data_version,
    inline_picture,
    table,
)
from ttv_dagster.assets.planned import planned_shots
from ttv_dagster.farm.local import LocalFarm
from ttv_dagster.farm.rendering import reason
from ttv_dagster.media.layout import keyframe_name, picture_name
from ttv_dagster.media.pictures import PictureError, read_picture, write_png
from ttv_dagster.media.preview import contact_sheet
from ttv_dagster.media.store import Store
from ttv_dagster.resources.library import Library
from ttv_dagster.resources.media_store import MediaStore
from ttv_dagster.resources.tables import SetTables
from ttv_dagster.resources.video_generator import VideoGenerator
from ttv_dagster.shots.plan import PlannedShot, picture_digest

if TYPE_CHECKING:
    pass

SHEET_PICTURES = 24
"""Pictures on the contact sheet; of a longer set, that many evenly spaced ones."""


SHEET_SIDE = 640
"""Pixels that the longer side of a picture keeps for the contact sheet."""


@dataclass(frozen=True, slots=True)
class Keyframe:
    """One row of the table.

    Attributes:
        shot: The shot's id.
        source: `given`, `made`, `continues` (starts on the clip before) or `none` (the model reads no picture).
        status: `cached`, `published` or `failed`; None where there is no picture.
        key: Digest of a given picture, key of a made one's recipe.
        name: Where it lies in the media store.
        error: Why it failed.
    """

    shot: str
    source: str
    status: str | None = None
    key: str | None = None
    name: str | None = None
    error: str | None = None


class _Publisher:
    """Puts the pictures of one set into the media store, each once."""

    def __init__(self, prompt_set: str, library: Library, store: Store, farm: LocalFarm) -> None:
        self._set = prompt_set
        self._library = library
        self._store = store
        self._farm = farm
        self._there = {*store.sizes("keyframes"), *store.sizes("pictures")}

    def given(self, picture: str) -> tuple[str, str]:
        """Publish a picture of the library; its name in the store and its status."""
        name = picture_name(picture_digest(picture), PurePosixPath(picture).suffix)
        if PurePosixPath(name).name in self._there:
            return name, "cached"
        self._store.write(name, self._library.picture(self._set, picture))
        self._there.add(PurePosixPath(name).name)
        return name, "published"

    def keyframe(self, planned: PlannedShot) -> Keyframe:
        """Publish what the shot starts on."""
        shot = planned.shot
        if shot.last_image is not None:
            self.given(shot.last_image)
        if shot.continues:
            return Keyframe(shot.id, "continues")
        if shot.image is not None:
            name, status = self.given(shot.image)
            return Keyframe(shot.id, "given", status, picture_digest(shot.image), name)
        if planned.keyframe is None:
            return Keyframe(shot.id, "none")
        key = planned.keyframe.key()
        name = keyframe_name(key)
        if PurePosixPath(name).name in self._there:
            return Keyframe(shot.id, "made", "cached", key, name)
        picture = next(self._farm.make_keyframes([planned.keyframe]))
        with self._store.working_file(".png") as path:
            write_png(picture, path)
            self._store.publish(path, name)
        self._there.add(PurePosixPath(name).name)
        return Keyframe(shot.id, "made", "published", key, name)


def _sheet(keyframes: list[Keyframe], store: Store) -> dg.MarkdownMetadataValue | None:
    shown = [keyframe for keyframe in keyframes if keyframe.name and keyframe.status != "failed"]
    shown = shown[:: math.ceil(len(shown) / SHEET_PICTURES) or 1]
    if not shown:
        return None
    pictures = []
    for each in shown:
        try:
            picture = Image.fromarray(read_picture(store.read(each.name or "")))
        except PictureError:
            continue  # The shot that starts on it says so.
        picture.thumbnail((SHEET_SIDE, SHEET_SIDE))  # Two dozen camera originals do not fit in memory.
        pictures.append((each.shot, np.asarray(picture)))
    return inline_picture(contact_sheet(pictures), "keyframes") if pictures else None


@dg.asset(
    partitions_def=PROMPT_SETS,
    backfill_policy=dg.BackfillPolicy.multi_run(max_partitions_per_run=SETS_PER_RUN),
    io_manager_key="tables",
    group_name=GROUP,
    owners=OWNERS,
    kinds={"image"},
    tags={"ttv/stage": "keyframes"},
    description=(
        "The picture that each shot starts on: the one the set gives, or one made from the prompt. A shot that "
        "continues another has none: it starts on the last frame of that clip."
    ),
)
def keyframes(
    context: dg.AssetExecutionContext,
    prompt_sets: SetTables,
    library: Library,
    media_store: MediaStore,
    video_generator: VideoGenerator,
) -> dg.MaterializeResult[SetTables]:
    """Publish each shot's first frame; one that cannot be made is a row with its reason."""
    import pandas as pd

    store = media_store.open_writable()
    frames: dict[str, pd.DataFrame] = {}
    versions: dict[str, list[str]] = {}
    with video_generator.farm() as farm:
        for name, frame in sorted(prompt_sets.items()):
            publisher = _Publisher(name, library, store, farm)
            found: list[Keyframe] = []
            for planned in planned_shots(frame):
                try:
                    found.append(publisher.keyframe(planned))
                except Exception as error:
                    context.log.exception(f"{name}/{planned.shot.id}: no keyframe")
                    source = "given" if planned.shot.image else "made"
                    found.append(Keyframe(planned.shot.id, source, "failed", error=reason(error)))
            records = [asdict(keyframe) for keyframe in found]
            frames[name] = pd.DataFrame(records)
            versions[name] = [f"{each.shot} {each.source} {each.key}" for each in found]
            sheet = _sheet(found, store)
            metadata: dict[str, dg.MetadataValue] = {
                **({"contact sheet": sheet} if sheet else {}),
                "given": dg.MetadataValue.int(sum(each.source == "given" for each in found)),
                "made": dg.MetadataValue.int(sum(each.source == "made" for each in found)),
                "failed": dg.MetadataValue.int(sum(each.status == "failed" for each in found)),
                "media store": dg.MetadataValue.path(str(store.root)),
                "pictures": table(
                    [
                        {name: record[name] for name in ("shot", "source", "status", "error", "name")}
                        for record in sorted(records, key=lambda record: record["status"] != "failed")
                    ]
                ),
            }
            context.add_asset_metadata(metadata, partition_key=name)
    return dg.MaterializeResult(value=frames, data_version=data_version(versions))
