"""A prompt set rendered by the pipeline in this process, as `ttv render` does it, and where the time went."""

import time
from itertools import pairwise

from ttv_dagster.installation import Installation
from ttv_dagster.runs.home import open_instance
from ttv_dagster.runs.render_set import PlannedSet, RenderResult, render_set

STEPS = ("prompt_sets", "keyframes", "clips", "films")


def render_piped(planned: PlannedSet, installation: Installation) -> tuple[RenderResult, dict[str, float]]:
    """Render a set of the library to its film; the result, and the seconds of each stage, which add up."""
    begun = time.time()  # the clock of Dagster's events
    result = render_set(planned, installation=installation, say=lambda _: None, on_line=lambda _: None)
    ended = time.time()
    if result.failed or result.film is None:
        raise RuntimeError(f"the pipeline made no film: {result.error}")
    with open_instance(installation.settings) as instance:
        run = instance.get_runs(limit=1)[0]
        stats = {step.step_key: step for step in instance.get_run_step_stats(run.run_id)}
    spans = [(stats[step].start_time or 0.0, stats[step].end_time or 0.0) for step in STEPS]
    return result, {
        "home, instance and run": spans[0][0] - begun,
        **{step: end - start for step, (start, end) in zip(STEPS, spans, strict=True)},
        "between the steps": sum(after[0] - before[1] for before, after in pairwise(spans)),
        "end of the run": ended - spans[-1][1],
    }
