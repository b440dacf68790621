"""`films`: the clips of a set, joined in order."""

import json
from collections.abc import Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING

import dagster as dg

from ttv_dagster.assets.common import (
    Events,
    data_version,
    inline_image,
    named_shots,
    set_asset,
    table,
)
from ttv_dagster.assets.planned import planned_shots
from ttv_dagster.checks.films import FILM_CHECKS, check_film
from ttv_dagster.checks.finding import Finding, evaluations, outputs
from ttv_dagster.media.decode import Probe, probe
from ttv_dagster.media.join import JOINING, Part, join
from ttv_dagster.media.preview import animated_webp
from ttv_dagster.renders.manifest import cached_rows
from ttv_dagster.renders.provenance import note as note_of
from ttv_dagster.renders.provenance import random_models
from ttv_dagster.renders.tables import CLIPS, FILMS, FilmRow
from ttv_dagster.resources.media_store import MediaStore
from ttv_dagster.resources.tables import SetTables, TablesIOManager
from ttv_dagster.resources.video_generator import VideoGenerator
from ttv_dagster.shots.plan import PlannedShot, film_key
from ttv_dagster.storage.layout import clip_name, film_name
from ttv_dagster.storage.store import Store

if TYPE_CHECKING:
    import pandas as pd

NAMED_SHOTS = 500
"""Up to this many shots, a film's file names the shot and render key of each of its clips."""


def _verify(prompt_set: str, planned: Sequence[PlannedShot], manifest: "pd.DataFrame", store: Store) -> None:
    """Make sure that every clip of the film is in the store, whole.

    Raises:
        dg.Failure: One is not; the message names each and says why.
    """
    found = CLIPS.rows(manifest)
    if [(row.shot, row.key) for row in found] != [(each.shot.id, each.key) for each in planned]:
        raise dg.Failure(
            f"{prompt_set}: planned again since its clips were rendered. Materialize clips for this set first."
        )
    known = {row.key: row for row in found}
    there = cached_rows(planned, store, known.values())
    gaps = []
    for each in planned:
        if each.key in there:
            continue
        row = known.get(each.key)
        why = row.error if row is not None and row.error else "not rendered"
        gaps.append(f"{each.shot.id} ({why})")
    if gaps:
        raise dg.Failure(
            f"{prompt_set}: the film is not joined, because {len(gaps)} of {len(planned)} clips are "
            f"missing: {named_shots(gaps)}. Materialize clips for this set first."
        )


def _credits(prompt_set: str, key: str, planned: Sequence[PlannedShot]) -> str:
    """What the film's file says of itself."""
    document: dict[str, object] = {"kind": "film", "set": prompt_set, "film": key, "shots": len(planned)}
    if len(planned) <= NAMED_SHOTS:
        document["clips"] = [{"shot": each.shot.id, "key": each.key} for each in planned]
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def _cut(prompt_set: str, planned: Sequence[PlannedShot], store: Store, said: str) -> tuple[FilmRow, Probe]:
    """The film of a set: the one in the store, or else joined from its clips."""
    key = film_key(planned, JOINING)
    name = film_name(prompt_set, key)
    status = "cached"
    if store.size(name) is None:
        status = "joined"
        with ExitStack() as copies, store.working_file(".mp4") as path:
            parts = [
                Part(copies.enter_context(store.local_copy(clip_name(each.key))), each.after is not None)
                for each in planned
            ]
            join(parts, path, comment=_credits(prompt_set, key, planned), description=said)
            store.publish(path, name)
    with store.local_copy(name) as path:
        found = probe(path)
        size = path.stat().st_size
    return (
        FilmRow(
            film=key,
            name=name,
            status=status,
            shots=len(planned),
            num_frames=found.num_frames,
            seconds=round(float(found.num_frames / found.fps), 3),
            bytes=size,
        ),
        found,
    )


def _metadata(
    film: FilmRow, found: Probe, planned: Sequence[PlannedShot], store: Store, note: str
) -> dict[str, dg.MetadataValue]:
    with store.local_copy(film.name) as path:
        preview = animated_webp(path)
    return {
        "preview": inline_image(preview, "preview"),
        "film": dg.MetadataValue.path(store.url(film.name)),
        "status": dg.MetadataValue.text(film.status),
        "film seconds": dg.MetadataValue.float(film.seconds),
        "size": dg.MetadataValue.text(f"{found.width}x{found.height}"),
        "fps": dg.MetadataValue.float(float(found.fps)),
        "MB": dg.MetadataValue.float(round(film.bytes / 1e6, 2)),
        **({"note": dg.MetadataValue.text(note)} if note else {}),
        "media store": dg.MetadataValue.path(str(store.root)),
        "clips": table([{"shot": each.shot.id, "clip": clip_name(each.key)} for each in planned]),
    }


@set_asset(
    stage="film",
    kinds={"video", "mp4"},
    check_specs=FILM_CHECKS,
    description=(
        "The clips of a set, joined in order without encoding them again if they match. If a shot continues another, "
        "the frame that both have is shown once. No film has a gap: a set that lacks a clip keeps only its own film "
        "from being joined."
    ),
)
def films(
    context: dg.AssetExecutionContext,
    prompt_sets: SetTables,
    clips: SetTables,
    media_store: MediaStore,
    tables: dg.ResourceParam[TablesIOManager],
    video_generator: dg.ResourceParam[VideoGenerator],
) -> Events:
    """Join the film of each complete set, then fail if there was an incomplete one."""
    import pandas as pd

    store = media_store.open()
    frames: dict[str, pd.DataFrame] = {}
    keys: dict[str, str] = {}
    findings: dict[str, list[Finding]] = {}
    metadata: dict[str, dict[str, dg.MetadataValue]] = {}
    refused: list[str] = []
    for name in sorted(prompt_sets):
        planned = planned_shots(prompt_sets[name])
        try:
            _verify(name, planned, clips[name], store)
        except dg.Failure as incomplete:
            refused.append(str(incomplete.description))
            continue
        note = note_of(planned, random_models(planned, video_generator.deployment.catalog))
        film, found = _cut(name, planned, store, note)
        context.log.info(f"{name}: {film.status}, {film.seconds:.1f} s: {store.url(film.name)}")
        findings[name] = [check_film(found.num_frames, found.fps, planned)]
        metadata[name] = _metadata(film, found, planned, store, note)
        keys[name] = film.film
        frames[name] = FILMS.frame([film])
    refused += [f"{name}: {each.description}" for name, those in findings.items() for each in those if not each.passed]
    if refused:
        # The output would materialize the partitions of all sets of the run; these are the complete ones.
        for name, frame in frames.items():
            tables.tables.write("films", name, frame)
            tags = {"dagster/data_version": data_version({name: keys[name]}).value}
            yield dg.AssetMaterialization("films", partition=name, metadata=metadata[name], tags=tags)
        yield from evaluations(context.instance, "films", findings)
        raise dg.Failure("\n".join(refused))
    for name, shown in metadata.items():
        context.add_asset_metadata(shown, partition_key=name)
    yield dg.MaterializeResult(value=frames, data_version=data_version(keys))
    yield from evaluations(context.instance, "films", findings)
    yield from outputs(FILM_CHECKS)
