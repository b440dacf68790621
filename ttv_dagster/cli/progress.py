"""What `ttv plan` and `ttv render` show to a person: choices, progress, and what became of each shot."""

from typing import TYPE_CHECKING, Self

from rich.markup import escape
from rich.progress import (
    BarColumn,
    Progress,
    SpinnerColumn,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table

from ttv_dagster.cli.console import err, out

if TYPE_CHECKING:
    from ttv_dagster.planning.actions import Action
    from ttv_dagster.runs.render_set import RenderResult

SHOWN_SHOTS = 40


def choices(actions: "list[Action]") -> list[str]:
    """Each engine and model of a plan, for how many shots, why, and the memory that it takes."""
    chosen: dict[str, list[Action]] = {}
    for each in actions:
        shot = each.planned.shot
        chosen.setdefault(f"{shot.model or shot.engine}: {shot.chosen}", []).append(each)
    lines = []
    for choice, those in chosen.items():
        known = [each.vram_gb for each in those if each.vram_gb is not None]
        memory = f", {max(known):g} GB of video memory" if known else ""
        lines.append(f"{choice} ({len(those)} {'shot' if len(those) == 1 else 'shots'}{memory})")
    return lines


class Live:
    """Shows a run's progress on stderr: a bar on a terminal, lines elsewhere."""

    def __init__(self, name: str, *, quiet: bool) -> None:
        self._quiet = quiet
        self._bar = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            TaskProgressColumn(),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
            console=err,
            disable=quiet or not err.is_terminal,
        )
        self._task = self._bar.add_task(escape(name), total=1.0)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def say(self, sentence: str) -> None:
        err.print(escape(sentence), highlight=False, soft_wrap=True)

    def on_line(self, line: str) -> None:
        from ttv_dagster.assets.progress import ProgressLine

        at = ProgressLine.parse(line)
        if at is not None:
            stage = at.status or f"{at.stage} {at.step}/{at.steps}"
            text = f"{escape(at.label)}: {stage}  [dim]{at.done}/{at.total} shots[/dim]"
            self._bar.update(self._task, completed=at.fraction, description=text)
        if self._quiet or not err.is_terminal or (at is not None and at.status == "failed"):
            err.print(escape(line), highlight=False, soft_wrap=True)


def show_result(result: "RenderResult") -> None:
    shown = Table("shot", "status", "seconds", "kB", "", box=None)
    failures_first = sorted(result.shots, key=lambda shot: shot.row.status != "failed")
    for shot in failures_first[:SHOWN_SHOTS]:
        row = shot.row
        style = {"failed": "red", "cached": "dim"}.get(row.status, "")
        seconds = f"{row.seconds:.1f}" if row.status == "rendered" else ""
        size = f"{row.bytes / 1000:.0f}" if row.bytes is not None else ""
        note = row.error or row.blank or ""
        shown.add_row(*(escape(cell) for cell in (row.shot, row.status, seconds, size, note)), style=style)
    out.print(shown)
    if len(result.shots) > SHOWN_SHOTS:
        out.print(f"and {len(result.shots) - SHOWN_SHOTS} more (all with --json)", style="dim")
    statuses = [shot.row.status for shot in result.shots]
    counts = {status: statuses.count(status) for status in ("rendered", "cached", "failed")}
    out.print(", ".join(f"{count} {status}" for status, count in counts.items() if count), highlight=False)
    if result.error:
        err.print(escape(result.error), style="red", highlight=False, soft_wrap=True)
    if result.film:
        out.print(f"[bold]Film:[/bold] {escape(result.film)}", highlight=False, soft_wrap=True)
        out.print("Open Dagster on it: ttv ui", highlight=False)
    elif not result.failed:
        out.print("No film was cut: other shots of the set are not rendered yet.")
