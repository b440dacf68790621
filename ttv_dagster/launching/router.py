"""The run launcher of an installation: owns several of Dagster's, and gives each run to one of them."""

import threading
from collections.abc import Mapping
from typing import Any, Self

import dagster as dg
from dagster import DagsterRun
from dagster._core.launcher import (
    CheckRunHealthResult,
    LaunchRunContext,
    ResumeRunContext,
    RunLauncher,
    WorkerStatus,
)
from dagster._serdes import ConfigurableClass, ConfigurableClassData

from ttv_dagster.launching.containers import Containers
from ttv_dagster.launching.local import LocalRuns
from ttv_dagster.launching.route import ANY, Route, make_route

ACCELERATOR_TAG = "ttv/accelerator"
"""Op tag of the steps that want an accelerator; its value is the name of a route."""

LAUNCHER_TAG = "ttv/launcher"
"""Run tag: the route that started the run. It ends and examines the run, even if the code has changed since."""

GPUS_TAG = "ttv/gpus"
"""Run tag: the group of GPUs that the run was given."""

DEFAULT = "default"

_LAUNCHER = {
    "module": dg.Field(str, description="The module of a run launcher."),
    "class": dg.Field(str, description="Its class."),
    "config": dg.Field(dict, default_value={}, description="Its settings; {env: NAME} is allowed anywhere."),
}
_ROUTE = {
    **_LAUNCHER,
    "gpus": dg.Field(
        dg.StringSource,
        default_value="",
        description="Groups of GPUs, one run at a time each: 0;1 or 0,1;2,3. Empty: any number of runs, no GPU asked.",
    ),
}


class RoutingRunLauncher(RunLauncher[dg.DagsterInstance], ConfigurableClass):
    """Gives each run to a launcher by the accelerator that its steps ask for.

    A run that has steps with and without one goes to the accelerator, once. Of a launcher with GPUs, it takes the
    first group that no living container has.

    Args:
        installation: Marks the containers of this installation, among others on the same Docker engine.
        default: The launcher of runs that ask for no accelerator.
        routes: Launchers by accelerator.
        inst_data: Where Dagster keeps these settings.
    """

    def __init__(
        self,
        installation: str,
        default: Mapping[str, Any],
        routes: Mapping[str, Mapping[str, Any]],
        inst_data: ConfigurableClassData | None = None,
    ) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        if DEFAULT in routes:
            raise ValueError(f"dagster.yaml, run_launcher: a route cannot be called {DEFAULT!r}; give it another name")
        self._inst_data = inst_data
        self._routes = {
            name: make_route(name, settings, installation) for name, settings in {DEFAULT: default, **routes}.items()
        }
        self.containers = Containers(installation)
        self._local = LocalRuns()
        self._choosing = threading.Lock()

    @property
    def inst_data(self) -> ConfigurableClassData | None:
        """Return where Dagster keeps these settings."""
        return self._inst_data

    @classmethod
    def config_type(cls) -> dict[str, Any]:
        """Return the settings in `dagster.yaml`."""
        return {
            "installation": dg.Field(
                dg.StringSource, default_value="ttv", description="Marks this installation's containers."
            ),
            "default": dg.Field(_LAUNCHER, description="The launcher of runs that ask for no accelerator."),
            "routes": dg.Field(
                dg.Map(str, _ROUTE),  # type: ignore[no-untyped-call]
                default_value={},
                description="Launchers by accelerator, as cuda.",
            ),
        }

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, Any]) -> Self:
        """Return the launcher that the settings describe."""
        return cls(inst_data=inst_data, **config_value)

    def register_instance(self, instance: dg.DagsterInstance) -> None:
        """Register the instance with it and with every launcher that it owns."""
        super().register_instance(instance)
        for route in self._routes.values():
            for launcher in route.launchers.values():
                launcher.register_instance(instance)

    def _wanted(self, run: DagsterRun) -> Route:
        """Return the route that the steps of a run ask for."""
        if run.execution_plan_snapshot_id is None:
            return self._routes[DEFAULT]
        plan = self._instance.get_execution_plan_snapshot(run.execution_plan_snapshot_id)
        steps = [step for step in plan.steps if step.key in plan.step_keys_to_execute]
        asked = {(step.tags or {}).get(ACCELERATOR_TAG) for step in steps} - {None}
        if len(asked) > 1:
            raise dg.DagsterInvariantViolationError(
                f"the steps of this run ask for several accelerators, {', '.join(sorted(map(str, asked)))}: "
                "materialize them in a run each"
            )
        name = str(asked.pop()) if asked else DEFAULT
        if name not in self._routes:
            known = ", ".join(sorted(set(self._routes) - {DEFAULT})) or "none"
            raise dg.DagsterInvariantViolationError(
                f"the steps of this run ask for {ACCELERATOR_TAG}: {name}, and dagster.yaml has no route of that name "
                f"(it has: {known}); add one under run_launcher, config, routes"
            )
        return self._routes[name]

    def _started_by(self, run: DagsterRun) -> Route | None:
        """Return the route that started a run; None for a run in its own process, as `ttv render` starts it."""
        name = run.tags.get(LAUNCHER_TAG)
        if name is None:
            return None
        if name not in self._routes:
            raise dg.DagsterInvariantViolationError(
                f"the run {run.run_id} was started by the route {name!r}, which dagster.yaml has no more; put it back "
                "until that run has ended"
            )
        return self._routes[name]

    def _free_gpus(self, route: Route) -> str:
        """Return a group of GPUs that no living container uses."""
        if ANY in route.launchers:
            return ANY
        living = {each.gpus: each for each in self.containers.of_launcher(route.name) if each.lives}
        for gpus in route.launchers:
            if gpus not in living:
                return gpus
        for gpus in route.launchers:
            run = self._instance.get_run_by_id(living[gpus].run_id)
            if run is None or run.is_finished:
                living[gpus].stop()
                return gpus
        raise dg.DagsterInvariantViolationError(
            f"all GPUs of the launcher {route.name!r} ({'; '.join(route.launchers)}) are in use: the limit of the pool "
            f"'gpu' is above {len(route.launchers)}; set it to that: dagster instance concurrency set gpu "
            f"{len(route.launchers)}"
        )

    def _start(self, run: DagsterRun, route: Route, gpus: str) -> RunLauncher:
        self._instance.add_run_tags(run.run_id, {LAUNCHER_TAG: route.name, **({GPUS_TAG: gpus} if gpus else {})})
        return route.launchers[gpus]

    def launch_run(self, context: LaunchRunContext) -> None:
        """Give the run to the launcher that its steps ask for."""
        route = self._wanted(context.dagster_run)
        with self._choosing:
            self._start(context.dagster_run, route, self._free_gpus(route)).launch_run(context)

    @property
    def supports_resume_run(self) -> bool:
        """Return whether any of its launchers can resume a run whose worker died."""
        return any(route.launcher.supports_resume_run for route in self._routes.values())

    def resume_run(self, context: ResumeRunContext) -> None:
        """Resume a run whose worker died, with the launcher that started it."""
        route = self._started_by(context.dagster_run) or self._wanted(context.dagster_run)
        with self._choosing:
            self._start(context.dagster_run, route, self._free_gpus(route)).resume_run(context)

    def terminate(self, run_id: str) -> bool:
        """End a run; return False if it had already ended, or runs in its own process."""
        run = self._instance.get_run_by_id(run_id)
        route = self._started_by(run) if run is not None else None
        return route is not None and route.launcher.terminate(run_id)

    @property
    def supports_check_run_worker_health(self) -> bool:
        """Return that it can check every run, including local ones."""
        return True

    def check_run_worker_health(self, run: DagsterRun) -> CheckRunHealthResult:
        """Return whether the process or the container of a run lives; if not, why not."""
        route = self._started_by(run)
        if route is None:
            return CheckRunHealthResult(
                WorkerStatus.RUNNING, msg="No launcher started it: its own process looks after it."
            )
        if not route.launcher.supports_check_run_worker_health:
            return self._local.health(run)
        found = route.launcher.check_run_worker_health(run)
        if route.in_docker and found.status == WorkerStatus.FAILED:
            return found._replace(msg=self.get_run_worker_debug_info(run) or found.msg)
        return found

    def get_run_worker_debug_info(self, run: DagsterRun, include_container_logs: bool | None = True) -> str | None:
        """Return why the container of a run ended, and the last lines that it printed; None if that is not known."""
        route = self._started_by(run)
        if route is None:
            return None
        if not route.in_docker:
            return route.launcher.get_run_worker_debug_info(run, include_container_logs)
        container = self.containers.of_run(run.run_id) if include_container_logs else None
        return container.report() if container is not None and container.has_ended else None

    def dispose(self) -> None:
        """Free what its launchers use."""
        for route in self._routes.values():
            for launcher in route.launchers.values():
                launcher.dispose()

    def join(self, timeout: int = 30) -> None:
        """Wait for the runs of its launchers."""
        for route in self._routes.values():
            for launcher in route.launchers.values():
                launcher.join(timeout)
