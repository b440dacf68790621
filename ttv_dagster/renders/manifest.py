"""The manifest of a prompt set: what became of each shot, and what the store has for it already."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Self

from ttv_dagster.media.inspection import Report
from ttv_dagster.renders.field_row import FieldRow
from ttv_dagster.renders.outcome import Outcome
from ttv_dagster.renders.records import cached_report
from ttv_dagster.shots.plan import PlannedShot
from ttv_dagster.storage.layout import clip_name, clip_sizes
from ttv_dagster.storage.store import Store

LIST_FROM = 500
"""From this many clips on, one listing of the store is quicker than asking for each."""


def _blank(report: Report) -> str | None:
    found = {"black": report.black, "flat": report.flat, "frozen": report.frozen}
    return next((name for name, is_so in found.items() if is_so), None)


@dataclass(frozen=True, slots=True)
class ManifestRow(FieldRow):
    """One shot of a manifest.

    Attributes:
        shot: Its id.
        key: Its render key.
        status: `rendered`, `cached`, `failed`, or `pending` where no run was asked for it yet.
        seconds: How long its rendering took in this run; 0 where it was not rendered.
        bytes: Size of its clip; None without one.
        error: Why it failed.
        decodable: Its clip decodes to the end; None without a clip.
        matches_request: Its clip has the size, length and rate that were asked for; None without a clip.
        blank: `black`, `flat` or `frozen`; None where its clip is none of them.
    """

    shot: str
    key: str
    status: str
    seconds: float = 0.0
    bytes: int | None = None
    error: str | None = None
    decodable: bool | None = None
    matches_request: bool | None = None
    blank: str | None = None

    def for_shot(self, shot: str) -> "ManifestRow":
        """The same row for another shot of the same recipe."""
        return replace(self, shot=shot)

    def as_cached(self) -> "ManifestRow":
        """The row of a clip that the store had already."""
        return replace(self, status="cached", seconds=0.0)

    @classmethod
    def of(cls, planned: PlannedShot, outcome: Outcome) -> Self:
        """The row of a shot whose outcome is known."""
        report = outcome.report
        return cls(
            shot=planned.shot.id,
            key=planned.key,
            status=outcome.status,
            seconds=round(outcome.seconds, 3),
            bytes=outcome.bytes,
            error=outcome.error,
            decodable=report.decodable if report else None,
            matches_request=report.matches_request if report else None,
            blank=_blank(report) if report else None,
        )


def cached_rows(
    planned: Sequence[PlannedShot], store: Store, known: Iterable[ManifestRow] = (), *, repair: bool = True
) -> dict[str, ManifestRow]:
    """The rows of the clips that the store has, whole, by render key.

    A clip whose size is not the one on record was damaged after it was published, and counts as missing.

    Args:
        planned: The shots.
        store: The media store.
        known: Rows of an earlier manifest: what they say of a clip of the same size is not read again.
        repair: Write lost records again.
    """
    remembered = {row.key: row for row in known if row.bytes is not None}
    if len(planned) >= LIST_FROM:
        sizes: Mapping[str, int] = clip_sizes(store)
    else:
        asked = ((each.key, store.size(clip_name(each.key))) for each in planned)
        sizes = {key: size for key, size in asked if size is not None}
    found: dict[str, ManifestRow] = {}
    for each in planned:
        size = sizes.get(each.key)
        if size is None or each.key in found:
            continue
        row = remembered.get(each.key)
        if row is not None and row.bytes == size:
            found[each.key] = row.as_cached()
            continue
        report = cached_report(each, size, store, repair=repair)
        if report is not None:
            outcome = Outcome(each.shot.id, "cached", bytes=size, report=report)
            found[each.key] = ManifestRow.of(each, outcome)
    return found
