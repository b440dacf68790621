"""`clips`: one mp4 a shot, rendered where the store lacks it."""

from collections.abc import Collection, Sequence
from dataclasses import replace

import dagster as dg
from pydantic import Field

from ttv_dagster.assets.common import (
    TABLE_ROWS,
    Events,
    data_version,
    inline_image,
    is_canceled,
    named_shots,
    set_asset,
    table,
)
from ttv_dagster.assets.needed_weights import refuse_unpinned, require_weights
from ttv_dagster.assets.planned import planned_shots, wanted_shots
from ttv_dagster.assets.progress import RunLog
from ttv_dagster.checks.clips import CLIP_CHECKS, check_manifest
from ttv_dagster.checks.finding import evaluations, outputs
from ttv_dagster.engines.protocol import Progress
from ttv_dagster.farm.protocol import RenderJob
from ttv_dagster.media.decode import MediaError
from ttv_dagster.media.preview import animated_webp
from ttv_dagster.renders.manifest import ManifestRow, cached_rows
from ttv_dagster.renders.outcome import Outcome
from ttv_dagster.renders.provenance import note, random_models
from ttv_dagster.renders.tables import CLIPS, KEYFRAMES, KeyframeRow
from ttv_dagster.resources.media_store import MediaStore
from ttv_dagster.resources.tables import SetTables, TablesIOManager
from ttv_dagster.resources.video_generator import VideoGenerator
from ttv_dagster.settings import Settings
from ttv_dagster.shots.plan import PlannedShot
from ttv_dagster.storage.layout import clip_name
from ttv_dagster.storage.locks import Locks, SetBusyError
from ttv_dagster.storage.store import Store
from ttv_dagster.storage.tables import Tables


class ClipsConfig(dg.Config):
    """What one run renders."""

    shots: list[str] = Field([], description="Ids of the shots to render; all where empty.")


def _why_no_keyframe(row: KeyframeRow) -> str | None:
    """Why a shot has not the image that it starts on, from its row of `keyframes`; None where nothing is wrong."""
    if row.status == "failed":
        return f"no keyframe: {row.error}"
    if row.status == "pending":
        return "no keyframe yet: materialize keyframes for this set"
    return None


class _Manifests:
    """The manifests of the run's sets, from what the store has to what this run rendered."""

    def __init__(self, planned: dict[str, list[PlannedShot]], store: Store, tables: Tables) -> None:
        self._planned = planned
        self._rows: dict[str, dict[str, ManifestRow]] = {}
        for name, shots in planned.items():
            before = CLIPS.read(tables, name)
            failed = {row.key: row for row in before if row.status == "failed"}
            cached = cached_rows(shots, store, before)
            self._rows[name] = {}
            for each in shots:
                row = cached.get(each.key) or failed.get(each.key)
                pending = ManifestRow(each.shot.id, each.key, "pending")
                self._rows[name][each.shot.id] = row.for_shot(each.shot.id) if row else pending

    def missing(
        self, wanted: dict[str, set[str]], keyframes: SetTables
    ) -> tuple[list[RenderJob], dict[str, list[tuple[str, str]]]]:
        """The jobs that this run has to do, each render key once, and which shots each of them is for."""
        jobs: list[RenderJob] = []
        shots_of: dict[str, list[tuple[str, str]]] = {}
        first: dict[str, str] = {}
        for name, shots in self._planned.items():
            no_keyframe = {row.shot: _why_no_keyframe(row) for row in KEYFRAMES.rows(keyframes[name])}
            for each in shots:
                if each.shot.id not in wanted[name] or self._rows[name][each.shot.id].status == "cached":
                    continue
                label = each.shot.id if len(self._planned) == 1 else f"{name}/{each.shot.id}"
                if each.key not in first:
                    first[each.key] = label
                    error = no_keyframe.get(each.shot.id)
                    jobs.append(RenderJob(label, each, error))
                shots_of.setdefault(first[each.key], []).append((name, each.shot.id))
        return jobs, shots_of

    def settle(self, planned: PlannedShot, outcome: Outcome, shots: Sequence[tuple[str, str]]) -> None:
        """Write an outcome into the rows of every shot that it is for."""
        row = ManifestRow.of(planned, outcome)
        for number, (name, shot) in enumerate(shots):
            # A second shot of the same recipe was paid for by the first.
            again = row if number == 0 or row.status != "rendered" else row.as_cached()
            self._rows[name][shot] = again.for_shot(shot)

    def rows(self, name: str) -> list[ManifestRow]:
        """One set's manifest, in the order of its shots."""
        return [self._rows[name][each.shot.id] for each in self._planned[name]]


def _preview(found: Sequence[ManifestRow], store: Store) -> dg.MarkdownMetadataValue | None:
    """A moving image of the clip that was rendered last, or else of the first."""
    whole = [row for row in found if row.bytes is not None]
    if not whole:
        return None
    shown = next((row for row in reversed(whole) if row.status == "rendered"), whole[0])
    try:
        with store.local_copy(clip_name(shown.key)) as path:
            return inline_image(animated_webp(path), "preview")
    except MediaError:
        return None  # A manifest is worth more than its preview.


def _metadata(
    planned: Sequence[PlannedShot], found: Sequence[ManifestRow], store: Store
) -> dict[str, dg.MetadataValue]:
    shot_of = {each.shot.id: each.shot for each in planned}
    counts = dict.fromkeys(("rendered", "cached", "failed", "pending"), 0)
    for row in found:
        counts[row.status] += 1
    failures_first = sorted(found, key=lambda row: (row.status != "failed", row.status != "rendered"))
    records = [
        {
            "shot": row.shot,
            "status": row.status,
            "seconds": row.seconds,
            "size": f"{shot_of[row.shot].width}x{shot_of[row.shot].height}",
            "kB": round(row.bytes / 1000) if row.bytes is not None else None,
            "error": row.error or row.blank,
            "clip": clip_name(row.key) if row.bytes is not None else None,
        }
        for row in failures_first[:TABLE_ROWS]
    ]
    preview = _preview(found, store)
    return {
        **({"preview": preview} if preview else {}),
        **{status: dg.MetadataValue.int(count) for status, count in counts.items()},
        "render seconds": dg.MetadataValue.float(round(sum(row.seconds for row in found), 2)),
        "media store": dg.MetadataValue.path(str(store.root)),
        "shots": table(records),
    }


def _failures(rows: Sequence[ManifestRow], wanted: Collection[str]) -> str:
    """The shots of a set that the run was asked for and that have no sound clip; empty if there is none."""
    failed = [
        f"{row.shot} ({row.error or row.status})"
        for row in rows
        if row.shot in wanted and (row.bytes is None or not (row.decodable and row.matches_request))
    ]
    return f"{len(failed)} of {len(wanted)} shots failed: {named_shots(failed)}" if failed else ""


def _films_follow(context: dg.AssetExecutionContext) -> bool:
    """Whether this run also joins the films."""
    return dg.AssetKey("films") in context.job_def.asset_layer.executable_asset_keys


def make_clips(settings: Settings) -> dg.AssetsDefinition:
    """The `clips` asset of a deployment: one with a GPU renders in the pool `gpu`, with the tag of its launcher."""

    @set_asset(
        stage="render",
        kinds={"video", "mp4"},
        accelerator=settings.accelerator,
        check_specs=CLIP_CHECKS,
        description=(
            "One clip a shot (H.264, yuv420p, BT.709). A clip is rendered once: its render key is the digest of "
            "everything that decides its pixels, and what the media store has under that key is taken from there."
        ),
    )
    def clips(
        context: dg.AssetExecutionContext,
        config: ClipsConfig,
        prompt_sets: SetTables,
        keyframes: SetTables,
        media_store: MediaStore,
        locks: dg.ResourceParam[Locks],
        tables: dg.ResourceParam[TablesIOManager],
        video_generator: dg.ResourceParam[VideoGenerator],
    ) -> Events:
        """Render what the store lacks, then say what became of every shot."""
        planned = {name: planned_shots(frame) for name, frame in sorted(prompt_sets.items())}
        wanted = wanted_shots(planned, config.shots)
        deployment = video_generator.deployment
        asked_for = {name: [each for each in shots if each.shot.id in wanted[name]] for name, shots in planned.items()}
        refuse_unpinned(asked_for, deployment)
        store = media_store.open_writable()
        store.sweep()
        try:
            with locks.hold(list(planned)):
                manifests = _Manifests(planned, store, tables.tables)
                jobs, shots_of = manifests.missing(wanted, keyframes)
                require_weights(((job.planned.recipe.model, job.planned.recipe.commit) for job in jobs), deployment)
                random = random_models((each for shots in planned.values() for each in shots), deployment.catalog)
                jobs = [replace(job, note=note([job.planned], random)) for job in jobs]
                asked = sum(len(ids) for ids in wanted.values())
                missing = sum(len(shots) for shots in shots_of.values())
                context.log.info(f"{asked} shots: {asked - missing} cached, {missing} to render")

                def show(job: RenderJob, progress: Progress, webp: bytes) -> None:
                    said: dict[str, dg.MetadataValue | str] = {
                        "shot": job.label,
                        "progress": f"{progress.stage} {progress.done}/{progress.total}",
                        "newest frames": inline_image(webp, "newest frames"),
                        **({"note": job.note} if job.note else {}),
                    }
                    for name in dict.fromkeys(name for name, _shot in shots_of[job.label]):
                        context.log_event(dg.AssetObservation("clips", partition=name, metadata=said))

                log = RunLog(context.log, len(jobs), lambda: is_canceled(context), show)
                planned_of = {job.label: job.planned for job in jobs}
                with video_generator.farm() as farm:
                    for outcome in farm.render(jobs, log):
                        manifests.settle(planned_of[outcome.label], outcome, shots_of[outcome.label])
                found = {name: manifests.rows(name) for name in planned}
                for name in planned:
                    said = note(planned[name], random)
                    context.add_asset_metadata(
                        {**_metadata(planned[name], found[name], store), **({"note": said} if said else {})},
                        partition_key=name,
                    )
                yield dg.MaterializeResult(
                    value={name: CLIPS.frame(found[name]) for name in planned},
                    data_version=data_version(
                        {
                            name: [f"{row.shot} {row.key} {row.bytes is not None}" for row in found[name]]
                            for name in found
                        }
                    ),
                )
                findings = {name: check_manifest(found[name], wanted[name]) for name in planned}
                yield from evaluations(context.instance, "clips", findings)
                yield from outputs(CLIP_CHECKS)
                failed = {name: _failures(found[name], wanted[name]) for name in planned}
                # In a run of several sets, `films` joins the complete ones and fails the run then.
                if any(failed.values()) and (len(planned) == 1 or not _films_follow(context)):
                    raise dg.Failure("\n".join(f"{name}: {why}" for name, why in failed.items() if why))
        except SetBusyError as error:
            raise dg.Failure(str(error)) from error

    return clips
