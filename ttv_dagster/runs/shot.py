"""One shot to one mp4, with no prompt set, library or Dagster around it: what `ttv shot` does."""

import shutil
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from ttv_dagster.engines.deployment import Deployment
from ttv_dagster.engines.protocol import Progress
from ttv_dagster.farm.local import LocalFarm
from ttv_dagster.farm.protocol import Farm, KeyframeJob, RenderJob
from ttv_dagster.library.intake import Intake, take_images
from ttv_dagster.planning.resolve import plan_set
from ttv_dagster.renders.outcome import Outcome
from ttv_dagster.renders.provenance import note, random_models
from ttv_dagster.settings import Settings
from ttv_dagster.shots.formats.rows import Draft, Row, build
from ttv_dagster.shots.image_paths import ImagePaths
from ttv_dagster.shots.plan import PlannedShot, image_digest
from ttv_dagster.shots.problems import Problem, Problems, PromptSetError
from ttv_dagster.storage.layout import clip_name, image_name
from ttv_dagster.storage.locks import Locks
from ttv_dagster.storage.store import Store


class _Watcher:
    def __init__(self, on_progress: Callable[[Progress], None]) -> None:
        self._on_progress = on_progress

    def started(self, job: RenderJob) -> None:
        """Nobody asks."""

    def progressed(self, job: RenderJob, progress: Progress) -> None:
        del job  # There is one.
        self._on_progress(progress)

    def waiting(self, job: RenderJob) -> None:
        """Nobody else renders into its store."""

    def finished(self, outcome: Outcome) -> None:
        """The caller gets it."""


def _intake(fields: Mapping[str, Any]) -> Intake:
    """The shot, read and checked as one of a prompt file is."""
    roots = [Path(fields["image"]).resolve().parent] if "image" in fields else []
    draft = Draft("shot", [Row("", {"id": "shot", **fields})])
    return take_images(build(draft, ImagePaths(Path.cwd(), roots), Problems("")), "")


def _publish_images(intake: Intake, planned: PlannedShot, store: Store, farm: Farm) -> None:
    """Put what the shot starts on where the renderer looks for it."""
    for name, path in intake.images.items():
        store.write(image_name(image_digest(name), PurePosixPath(name).suffix), path.read_bytes())
    if planned.keyframe is not None:
        (outcome,) = farm.generate_keyframes([KeyframeJob(planned.keyframe)])
        if outcome.error is not None:
            raise outcome.error


def render_shot(
    fields: Mapping[str, Any], output: Path, *, settings: Settings, on_progress: Callable[[Progress], None]
) -> Outcome:
    """Render one shot to one mp4.

    Args:
        fields: What a prompt file says of a shot; those that are left out are the engine's own.
        output: Where the mp4 goes. It appears whole or not at all, and takes the place of one that is there.
        settings: The installation.
        on_progress: Called after every step.

    Returns:
        What became of the shot; there is an mp4 where it did not fail.

    Raises:
        PromptSetError: With every field that is refused.
    """
    deployment = Deployment.of(settings)
    output.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".shot-", dir=output.parent) as folder:
        try:
            intake = _intake(fields)
            planned = plan_set(intake.prompt_set, file="", deployment=deployment)[0]
        except PromptSetError as error:
            # They name a file and a shot that the user never saw; what the user gave are options.
            problems = [
                Problem(f"--{each.field.replace('_', '-')}" if each.field else "", each.message, each.hint)
                for each in error.problems
            ]
            raise PromptSetError(problems) from error
        store = Store(folder)
        farm = LocalFarm(deployment, store, Locks(Path(folder) / "locks"))
        try:
            _publish_images(intake, planned, store, farm)
            job = RenderJob("shot", planned, note=note([planned], random_models([planned], deployment.catalog)))
            (outcome,) = farm.render([job], _Watcher(on_progress))
        finally:
            farm.close()
        if outcome.status != "failed":
            with store.local_copy(clip_name(planned.key)) as clip:
                beside = Path(folder) / output.name
                shutil.copyfile(clip, beside)
                beside.replace(output)
    return outcome
