"""`films`: the clips of a set, joined in order."""

import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import dagster as dg

from ttv_dagster.assets.common import (
    GROUP,
    OWNERS,
    PROMPT_SETS,
    SETS_PER_RUN,
    data_version,
    inline_image,
    table,
)
from ttv_dagster.assets.planned import planned_shots
from ttv_dagster.checks.films import FILM_CHECKS, check_films
from ttv_dagster.media.decode import Probe, probe
from ttv_dagster.media.join import JOINING, Part, join
from ttv_dagster.media.preview import animated_webp
from ttv_dagster.renders.manifest import ManifestRow, cached_rows
from ttv_dagster.renders.provenance import note, random_models
from ttv_dagster.resources.media_store import MediaStore
from ttv_dagster.resources.tables import SetTables
from ttv_dagster.resources.video_generator import VideoGenerator
from ttv_dagster.shots.plan import PlannedShot, film_key
from ttv_dagster.storage.layout import clip_name, film_name
from ttv_dagster.storage.store import Store
from ttv_dagster.storage.tables import rows

if TYPE_CHECKING:
    import pandas as pd

NAMED_SHOTS = 500
"""Up to this many shots, a film's file names the shot and render key of each of its clips."""


@dataclass(frozen=True, slots=True)
class Film:
    """One row of the table.

    Attributes:
        film: The film's key.
        name: Where it lies in the media store.
        status: `joined` in this run, or `cached`.
        shots: Clips in it.
        num_frames: Frames, without those that a shot doubles of the one it continues.
        seconds: How long it plays.
        bytes: Size of the file.
    """

    film: str
    name: str
    status: str
    shots: int
    num_frames: int
    seconds: float
    bytes: int


def _verify(prompt_set: str, planned: Sequence[PlannedShot], manifest: "pd.DataFrame", store: Store) -> None:
    """Make sure that every clip of the film is in the store, whole.

    Raises:
        dg.Failure: One is not; the message names each and says why.
    """
    found = [ManifestRow.from_row(row) for row in rows(manifest)]
    if [(row.shot, row.key) for row in found] != [(each.shot.id, each.key) for each in planned]:
        raise dg.Failure(
            f"{prompt_set}: planned again since its clips were rendered. Materialize clips for this set first."
        )
    known = {row.key: row for row in found}
    there = cached_rows(planned, store, known.values())
    holes = []
    for each in planned:
        if each.key in there:
            continue
        row = known.get(each.key)
        why = row.error if row is not None and row.error else "not rendered"
        holes.append(f"{each.shot.id} ({why})")
    if holes:
        named = ", ".join(holes[:50]) + (f" and {len(holes) - 50} more" if len(holes) > 50 else "")
        raise dg.Failure(
            f"{prompt_set}: no film is cut with a hole in it, and {len(holes)} of {len(planned)} clips are "
            f"missing: {named}. Materialize clips for this set first."
        )


def _credits(prompt_set: str, key: str, planned: Sequence[PlannedShot]) -> str:
    """What the film's file says of itself."""
    document: dict[str, object] = {"kind": "film", "set": prompt_set, "film": key, "shots": len(planned)}
    if len(planned) <= NAMED_SHOTS:
        document["clips"] = [{"shot": each.shot.id, "key": each.key} for each in planned]
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def _cut(prompt_set: str, planned: Sequence[PlannedShot], store: Store, said: str) -> tuple[Film, Probe]:
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
        Film(
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


@dg.asset(
    partitions_def=PROMPT_SETS,
    backfill_policy=dg.BackfillPolicy.multi_run(max_partitions_per_run=SETS_PER_RUN),
    io_manager_key="tables",
    group_name=GROUP,
    owners=OWNERS,
    kinds={"video", "mp4"},
    tags={"ttv/stage": "film"},
    check_specs=FILM_CHECKS,
    description=(
        "The clips of a set, joined in order without encoding them again where they match. Where a shot "
        "continues another, the frame that both have is shown once. No film is cut with a hole in it."
    ),
)
def films(
    context: dg.AssetExecutionContext,
    prompt_sets: SetTables,
    clips: SetTables,
    media_store: MediaStore,
    video_generator: VideoGenerator,
) -> Iterator[dg.MaterializeResult[SetTables]]:
    """Verify the clips of each set, and cut its film."""
    import pandas as pd

    store = media_store.open()
    frames: dict[str, pd.DataFrame] = {}
    cut: dict[str, tuple[int, Fraction, Sequence[PlannedShot]]] = {}
    keys: dict[str, str] = {}
    refused: list[str] = []
    for name in sorted(prompt_sets):
        planned = planned_shots(prompt_sets[name])
        try:
            _verify(name, planned, clips[name], store)
        except dg.Failure as hole:
            refused.append(str(hole.description))
            continue
        said = note(planned, random_models(planned, video_generator.deployment.catalog))
        film, found = _cut(name, planned, store, said)
        cut[name] = (found.num_frames, found.fps, planned)
        keys[name] = film.film
        frames[name] = pd.DataFrame([asdict(film)])
        with store.local_copy(film.name) as path:
            preview = animated_webp(path)
        context.log.info(f"{name}: {film.status}, {film.seconds:.1f} s: {store.url(film.name)}")
        context.add_asset_metadata(
            {
                "preview": inline_image(preview, "preview"),
                "film": dg.MetadataValue.path(store.url(film.name)),
                "status": film.status,
                "film seconds": film.seconds,
                "size": f"{found.width}x{found.height}",
                "fps": float(found.fps),
                "MB": round(film.bytes / 1e6, 2),
                **({"note": said} if said else {}),
                "media store": dg.MetadataValue.path(str(store.root)),
                "clips": table([{"shot": each.shot.id, "clip": clip_name(each.key)} for each in planned]),
            },
            partition_key=name,
        )
    if refused:
        raise dg.Failure("\n".join(refused))
    yield dg.MaterializeResult(
        value=frames,
        data_version=data_version(keys),
        check_results=check_films(cut),
    )
