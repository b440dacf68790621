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
    from ttv_dagster.library.intake import Intake

FileOrName = Annotated[str, typer.Argument(metavar="FILE|NAME", help="A prompt file, or a set of the library.")]
EngineOption = Annotated[
    str | None, typer.Option("--engine", "-e", help="Render every shot with this engine.", metavar="ENGINE")
]


def looks_like_file(name: str) -> bool:
    return "/" in name or Path(name).suffix.lower() in (".yaml", ".yml", ".csv", ".jsonl", ".txt")


def _read_file(file: str, settings: Settings) -> "Intake":
    from ttv_dagster.library.intake import read_intake

    return read_intake(Path(file), image_roots=settings.image_roots)


def _check_engines(intake: "Intake", file: str, settings: Settings, engine: str | None = None) -> None:
    from ttv_dagster.engines.deployment import Deployment
    from ttv_dagster.planning.resolve import plan_set

    plan_set(intake.prompt_set, file=file, deployment=Deployment.of(settings), override=engine)


def check(file: Annotated[str, typer.Argument(metavar="FILE", help="A prompt file.")]) -> None:
    """Say every problem in a prompt file, or none. Nothing is rendered or kept."""
    with reporting():
        settings = read_settings()
        intake = _read_file(file, settings)
        _check_engines(intake, file, settings)
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
        settings = read_settings()
        name, added = add_file(file, settings, replace=replace)
        out.print(f"{name}: {added}. Render it with `ttv render {name}`, or in the UI.", highlight=False)


def add_file(file: str, settings: Settings, *, replace: bool, engine: str | None = None) -> tuple[str, str]:
    """Check a file, put its set into the library and register its partition; its name and what was done."""
    from ttv_dagster.library.library import Library
    from ttv_dagster.runs.home import open_instance, prepare_home
    from ttv_dagster.runs.start import PARTITIONS

    intake = _read_file(file, settings)
    _check_engines(intake, file, settings, engine)
    name = intake.prompt_set.name
    prepare_home(settings)
    added = Library(url=settings.library).add(intake, Path(file).resolve(), replace=replace)
    with open_instance(settings) as instance:
        instance.add_dynamic_partitions(PARTITIONS, [name])
    return name, added


def plan(file: FileOrName, engine: EngineOption = None, as_json: JsonOption = False) -> None:
    """Say what a render would do, shot by shot, and why. Nothing is written."""
    with reporting(as_json):
        from ttv_dagster.library.library import Library
        from ttv_dagster.planning.actions import plan_actions

        settings = read_settings()
        if looks_like_file(file):
            prompt_set = _read_file(file, settings).prompt_set
        else:
            prompt_set = Library(url=settings.library).read(file)
        actions = plan_actions(prompt_set, file=file, settings=settings, override=engine)
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
