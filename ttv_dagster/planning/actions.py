"""What a render would do, and why, without doing it."""

from collections.abc import Sequence
from dataclasses import dataclass

from ttv_dagster.renders.manifest import ManifestRow, cached_rows
from ttv_dagster.shots.plan import PlannedShot
from ttv_dagster.storage.layout import read_record
from ttv_dagster.storage.store import Store
from ttv_dagster.weights.catalog import Catalog


@dataclass(frozen=True, slots=True)
class Action:
    """What a render would do with one shot.

    Attributes:
        planned: The shot.
        action: `render`, or `cached` where the clip is there.
        reason: Why.
        vram_gb: Video memory that its rendering takes, in GB (10^9 bytes); None where no figure is known.
    """

    planned: PlannedShot
    action: str
    reason: str
    vram_gb: float | None = None

    def to_dict(self) -> dict[str, object]:
        """The action as JSON values."""
        shot = self.planned.shot
        return {
            "id": shot.id,
            "action": self.action,
            "reason": self.reason,
            "key": None if self.planned.unpinned else self.planned.key,
            "engine": shot.engine,
            "model": shot.model,
            "keyframe_model": shot.keyframe_model,
            "chosen": shot.chosen,
            "vram_gb": self.vram_gb,
            "width": shot.width,
            "height": shot.height,
            "num_frames": shot.num_frames,
            "fps": int(shot.fps) if shot.fps.denominator == 1 else float(shot.fps),
        }


def _changes(planned: PlannedShot, before: ManifestRow, store: Store) -> str:
    """Why a shot's key is not the one that its last manifest has."""
    record = read_record(store, before.key)
    was = record.get("recipe") if record else None
    if not isinstance(was, dict):
        return "changed"
    now = planned.recipe.as_dict()
    changed = [name for name in now if now[name] != was.get(name)]
    first = now["first_frame"]
    if changed == ["first_frame"] and first and first["source"] == "clip":
        return f"continues {planned.after_id}, which changed"
    return f"changed: {', '.join(changed)}"


def _reason(planned: PlannedShot, before: ManifestRow | None, store: Store) -> str:
    if before is None:
        return "new"
    if before.key != planned.key:
        return _changes(planned, before, store)
    if before.status == "failed":
        return f"failed: {before.error}"
    return "not rendered yet" if before.status == "pending" else "its clip is missing or damaged"


def _vram_gb(planned: PlannedShot, catalog: Catalog) -> float | None:
    shot = planned.shot
    model = catalog.get(shot.model) if shot.model else None
    memory = model.memory_at(shot.width, shot.height, shot.num_frames) if model else None
    return memory.gb if memory else None


def plan_actions(
    planned: Sequence[PlannedShot], *, store: Store, before: Sequence[ManifestRow], catalog: Catalog
) -> list[Action]:
    """Say what a render would do with each shot of a set, in order; nothing is written.

    Args:
        planned: The shots.
        store: The media store.
        before: The set's last manifest.
        catalog: Knows how much memory models take.
    """
    cached = cached_rows(planned, store, before, repair=False)
    by_shot = {row.shot: row for row in before}
    actions: list[Action] = []
    coming: dict[str, str] = {}
    for each in planned:
        gigabytes = _vram_gb(each, catalog)
        if each.key in cached:
            actions.append(Action(each, "cached", "in the store", gigabytes))
        elif each.key in coming:
            actions.append(Action(each, "cached", f"the same as {coming[each.key]}", gigabytes))
        else:
            coming[each.key] = each.shot.id
            reason = (
                f"weights not pulled: {', '.join(each.unpinned)}"
                if each.unpinned
                else _reason(each, by_shot.get(each.shot.id), store)
            )
            actions.append(Action(each, "render", reason, gigabytes))
    return actions
