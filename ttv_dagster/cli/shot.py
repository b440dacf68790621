"""`ttv shot`: one image and one prompt to one mp4."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from ttv_dagster.cli.console import SOME_FAILED, Refused, err, out, read_settings, reporting

if TYPE_CHECKING:
    from ttv_dagster.engines.protocol import Progress


def shot(
    prompt: Annotated[str, typer.Option("--prompt", help="What to show.")],
    output: Annotated[Path, typer.Option("--output", help="The mp4 to write.", dir_okay=False)],
    image: Annotated[Path | None, typer.Option("--image", help="The image it starts on.")] = None,
    width: Annotated[int | None, typer.Option("--width", help="Pixels.")] = None,
    height: Annotated[int | None, typer.Option("--height", help="Pixels.")] = None,
    num_frames: Annotated[int | None, typer.Option("--num-frames", help="Frames of the clip.")] = None,
    fps: Annotated[str | None, typer.Option("--fps", help="Frames per second, as 24 or 30000/1001.")] = None,
    seed: Annotated[int | None, typer.Option("--seed", help="The same seed, the same clip.")] = None,
    engine: Annotated[str | None, typer.Option("--engine", "-e", help="The engine.")] = None,
    model: Annotated[str | None, typer.Option("--model", help="Hub id of the model.")] = None,
) -> None:
    """Render one shot to one mp4, without a prompt file, a library or a service."""
    with reporting(interrupted="Nothing was written."):
        from ttv_dagster.runs.shot import render_shot

        given = {
            "prompt": prompt,
            "image": str(image.resolve()) if image else None,
            "width": width,
            "height": height,
            "num_frames": num_frames,
            "fps": fps,
            "seed": seed,
            "engine": engine,
            "model": model,
        }
        fields = {name: value for name, value in given.items() if value is not None}

        def on_progress(progress: "Progress") -> None:
            if progress.done == progress.total or progress.done * 10 // progress.total > (
                (progress.done - 1) * 10 // progress.total
            ):
                err.print(f"{progress.stage} {progress.done}/{progress.total}", highlight=False)

        outcome = render_shot(fields, output, settings=read_settings(), on_progress=on_progress)
        if outcome.status == "failed":
            raise Refused(outcome.error or "the render failed", code=SOME_FAILED)
        out.print(f"{escape(str(output))}: {outcome.seconds:.1f} s", highlight=False, soft_wrap=True)
