"""`ttv check`, `ttv add` and `ttv plan`: prompt files, and the prompt sets that are made of them."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from ttv_dagster.cli.console import JsonOption, out, print_json, read_settings, reporting
from ttv_dagster.cli.progress import SHOWN_SHOTS, choices
from ttv_dagster.settings import Settings

if TYPE_CHECKING:
    from ttv_dagster.installation import Installation
    from ttv_dagster.library.intake import Intake
    from ttv_dagster.runs.render_set import PlannedSet

FileOrName = Annotated[str, typer.Argument(metavar="FILE|NAME", help="A prompt file, or a set of the library.")]
EngineOption = Annotated[
    str | None, typer.Option("--engine", "-e", help="Render every shot with this engine.", metavar="ENGINE")
]


def looks_like_file(name: str) -> bool:
    return "/" in name or Path(name).suffix.lower() in (".yaml", ".yml", ".csv", ".jsonl", ".txt")


def _read_file(file: str, settings: Settings) -> "Intake":
    from ttv_dagster.library.intake import read_intake

    return read_intake(Path(file), image_roots=settings.image_roots)


def check(file: Annotated[str, typer.Argument(metavar="FILE", help="A prompt file.")]) -> None:
    """Say every problem in a prompt file, or none. Nothing is rendered or kept."""
    with reporting():
        from ttv_dagster.installation import Installation

        installation = Installation(read_settings())
        intake = _read_file(file, installation.settings)
        installation.plan(intake.prompt_set, file=file)
        shots = len(intake.prompt_set.shots)
        out.print(f"{escape(file)}: no problems, {shots} {'shot' if shots == 1 else 'shots'}", highlight=False)


def add(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A prompt file.")],
    replace: Annotated[
        bool, typer.Option("--replace", help="Take the place of a set of the same name from another file.")
    ] = False,
) -> None:
    """Put a prompt set and its images into the library, so that the UI can render it."""
    with reporting():
        from ttv_dagster.installation import Installation
        from ttv_dagster.runs.home import open_instance, prepare_home
        from ttv_dagster.tags import PARTITIONS

        installation = Installation(read_settings())
        planned, added = add_file(file, installation, replace=replace)
        prepare_home(installation.settings)
        with open_instance(installation.settings) as instance:
            instance.add_dynamic_partitions(PARTITIONS, [planned.name])
        out.print(
            f"{planned.name}: {added}. Render it with `ttv render {planned.name}`, or in the UI.", highlight=False
        )


def add_file(
    file: str, installation: "Installation", *, replace: bool, engine: str | None = None
) -> "tuple[PlannedSet, str]":
    """Check a file and put its set into the library; return the set as it is planned, and what was done."""
    from ttv_dagster.runs.render_set import PlannedSet

    intake = _read_file(file, installation.settings)
    planned = installation.plan(intake.prompt_set, file=file, override=engine)
    added = installation.library.add(intake, Path(file).resolve(), replace=replace)
    return PlannedSet(intake.prompt_set.name, planned), added


def plan(file: FileOrName, engine: EngineOption = None, as_json: JsonOption = False) -> None:
    """Say what a render would do, shot by shot, and why. Nothing is written."""
    with reporting(as_json):
        from ttv_dagster.installation import Installation

        installation = Installation(read_settings())
        if looks_like_file(file):
            prompt_set = _read_file(file, installation.settings).prompt_set
        else:
            prompt_set = installation.library.read(file)
        planned = installation.plan(prompt_set, file=file, override=engine)
        actions = installation.actions(prompt_set.name, planned)
        to_render = [each.planned.shot for each in actions if each.action == "render"]
        totals = {
            "shots": len(actions),
            "render": len(to_render),
            "cached": len(actions) - len(to_render),
            "render_seconds_of_video": round(float(sum(shot.num_frames / shot.fps for shot in to_render)), 3),
        }
        if as_json:
            shots = [each.to_dict() for each in actions]
            print_json({"set": prompt_set.name, "shots": shots, "totals": totals})
            return
        shown = Table("shot", "action", "reason", "engine", "model", "size", "frames", "fps", box=None)
        for each in sorted(actions, key=lambda each: each.action != "render")[:SHOWN_SHOTS]:
            shot = each.planned.shot
            style = "bold" if each.action == "render" else "dim"
            size, fps = f"{shot.width}x{shot.height}", f"{float(shot.fps):g}"
            cells = (shot.id, each.action, each.reason, shot.engine, shot.model or "", size, str(shot.num_frames), fps)
            shown.add_row(*(escape(cell) for cell in cells), style=style)
        out.print(shown)
        if len(actions) > SHOWN_SHOTS:
            out.print(f"and {len(actions) - SHOWN_SHOTS} more (all with --json)", style="dim")
        for line in choices(actions):
            out.print(escape(line), style="dim", highlight=False, soft_wrap=True)
        out.print(
            f"{prompt_set.name}: {totals['render']} to render, {totals['cached']} cached, "
            f"{totals['render_seconds_of_video']:g} s of video to make",
            highlight=False,
        )
