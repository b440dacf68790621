"""What a farm is asked for, and what it answers: jobs go in, outcomes come out, and no frames travel."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from ttv_dagster.engines.protocol import Progress
from ttv_dagster.renders.outcome import Outcome
from ttv_dagster.shots.plan import PlannedShot
from ttv_dagster.shots.recipe import KeyframeRecipe


@dataclass(frozen=True, slots=True)
class RenderJob:
    """One shot to render.

    Attributes:
        label: Tells it apart from the other shots of the run.
        planned: The shot.
        blocked: Why it cannot be rendered; None if nothing prevents it.
        note: What its clip says of itself beside its recipe, such as that its weights are random; empty for nothing.
    """

    label: str
    planned: PlannedShot
    blocked: str | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class KeyframeJob:
    """One keyframe to generate.

    Attributes:
        recipe: What decides it.
        note: What the image says of itself beside its recipe; empty for nothing.
    """

    recipe: KeyframeRecipe
    note: str = ""


@dataclass(frozen=True, slots=True)
class KeyframeOutcome:
    """What became of one keyframe.

    Attributes:
        key: The key of its recipe.
        seconds: How long generating it took; 0 if another process did.
        error: Why there is none; None if there is one.
    """

    key: str
    seconds: float
    error: Exception | None = None


class Watcher(Protocol):
    """Is told how the work goes. What it raises ends the work."""

    def started(self, job: RenderJob) -> None:
        """The job's rendering begins."""

    def progressed(self, job: RenderJob, progress: Progress) -> None:
        """One step of its rendering is done."""

    def waiting(self, job: RenderJob) -> None:
        """Another process renders the job's clip. Called again and again until that process is done."""

    def finished(self, outcome: Outcome) -> None:
        """A job's outcome is known."""


class Farm(Protocol):
    """Where workers live. One caller at a time."""

    def render(self, jobs: Sequence[RenderJob], watcher: Watcher) -> Iterator[Outcome]:
        """Render the jobs and publish their clips.

        A job whose engine, images or disk fail is an outcome with its reason; the others go on. What continues a
        failed shot fails with it. An interruption (KeyboardInterrupt, or what `watcher` raises) stops the work
        after the clips that are already rendered have been published.

        Args:
            jobs: What to render, in the order of preference. Render keys are unique, and a job comes after the
                one that it continues. The store has every image that they name.
            watcher: Is told how the work goes.

        Yields:
            One outcome a job, each as soon as it is known.
        """
        ...

    def generate_keyframes(self, jobs: Sequence[KeyframeJob]) -> Iterator[KeyframeOutcome]:
        """Generate the keyframes and publish them.

        An image that cannot be generated, or published, is an outcome with its reason; the others go on.

        Args:
            jobs: What to generate. Keys are unique.

        Yields:
            One outcome a job, each as soon as it is known.
        """
        ...

    def close(self) -> None:
        """Free whatever is loaded."""
        ...
