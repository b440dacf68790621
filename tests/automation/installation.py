"""An installation whose jobs and sensors run in the process of the test."""

from pathlib import Path
from typing import Any

import dagster as dg

from tests.cli.sets import write_set
from ttv_dagster.definitions import make_definitions
from ttv_dagster.library.intake import read_intake
from ttv_dagster.library.library import Library
from ttv_dagster.settings import Settings


class Installation:
    """Prompt sets, and what becomes of them."""

    def __init__(self, folder: Path, instance: dg.DagsterInstance, settings: Settings) -> None:
        self.folder = folder
        self.instance = instance
        self.settings = settings
        self.library = Library(url=settings.library)
        self.definitions = make_definitions(settings)

    def add(self, name: str, *shots: dict[str, Any], **defaults: Any) -> None:
        """Add a set; a shot needs an id alone."""
        file = write_set(self.folder / f"{name}.yaml", *(shots or ({"id": "a", "prompt": name},)), **defaults)
        self.library.add(read_intake(file), file)
        self.instance.add_dynamic_partitions("prompt_sets", [name])

    def run(self, job: str, tags: dict[str, str] | None = None) -> dg.ExecuteInProcessResult:
        """Run a job to its end."""
        return self.definitions.resolve_job_def(job).execute_in_process(
            instance=self.instance,
            tags=tags or {},
            run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
            raise_on_error=False,
        )

    def render(self, name: str, **tags: str) -> dg.ExecuteInProcessResult:
        """Render a set to its film."""
        return self.run("render_film", {"dagster/partition": name, **tags})

    def tick(self, sensor: str) -> list[dg.RunRequest]:
        """One tick of a sensor; the runs that it asks for."""
        repository = self.definitions.get_repository_def()
        with dg.build_sensor_context(instance=self.instance, repository_def=repository) as context:
            found = repository.get_sensor_def(sensor)(context)
        return list(found.run_requests or []) if isinstance(found, dg.SensorResult) else []

    def render_what_is_asked(self, sensor: str) -> list[str]:
        """One tick of a sensor, and the runs that it asks for; their sets."""
        names = []
        for request in self.tick(sensor):
            assert request.partition_key is not None
            self.render(request.partition_key, **request.tags, **{"dagster/run_key": request.run_key or ""})
            names.append(request.partition_key)
        return names

    @property
    def films(self) -> set[str]:
        """The sets that have a film in the store."""
        return {path.name.split(".")[0] for path in Path(self.settings.media).glob("films/*.mp4")}
