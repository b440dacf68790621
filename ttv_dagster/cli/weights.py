"""`ttv weights`: which models there are, and their weights on this machine."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.progress import (
    BarColumn,
    DownloadColumn,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.progress import Progress as Bars
from rich.table import Table

from ttv_dagster.cli.console import SOME_FAILED, JsonOption, Refused, err, out, print_json, read_settings, reporting
from ttv_dagster.settings import Settings

if TYPE_CHECKING:
    from ttv_dagster.weights.catalog import Catalog
    from ttv_dagster.weights.lock import Pins
    from ttv_dagster.weights.model import Model
    from ttv_dagster.weights.pulling import Progress, Pulled

weights = typer.Typer(help="The models that are known here, and their weights on this machine.", no_args_is_help=True)

Models = Annotated[list[str], typer.Argument(metavar="MODEL...", help="Models, as `ttv weights list` names them.")]
MaybeModels = Annotated[
    list[str] | None, typer.Argument(metavar="[MODEL...]", help="Models; all that are pulled where none is named.")
]

WIDE = 120
"""Columns of a terminal that shows all that is known of models."""

_INTERRUPTED = "What arrived stays; the same command goes on from there."


def _catalog(settings: Settings) -> "Catalog":
    from ttv_dagster.weights.catalog import read_catalog

    return read_catalog(settings.models_file)


def _named(catalog: "Catalog", names: Sequence[str]) -> "list[Model]":
    try:
        return [catalog[name] for name in names]
    except ValueError as error:
        raise Refused(str(error)) from error


def _pins(settings: Settings) -> "Pins":
    from ttv_dagster.weights.lock import WeightsLock

    return WeightsLock(settings.weights_lock).read()


def _pulled(catalog: "Catalog", pins: "Pins") -> "list[Model]":
    from ttv_dagster.weights.state import is_pulled

    found = [model for model in catalog if is_pulled(model, pins)]
    if not found:
        raise Refused("no model is whole on this machine; `ttv weights pull MODEL` brings one")
    return found


@weights.command("list")
def list_models(as_json: JsonOption = False) -> None:
    """Say which models are known, what they take, and which are on this machine."""
    with reporting(as_json):
        from ttv_dagster.weights.room import gigabytes
        from ttv_dagster.weights.snapshots import cache_folder
        from ttv_dagster.weights.state import bytes_of, is_pulled

        settings = read_settings()
        catalog = _catalog(settings)
        pins = _pins(settings)
        if as_json:
            models = [
                {
                    **model.model_dump(mode="json"),
                    "pulled": is_pulled(model, pins),
                    "commit": model.commit(pins.commits),
                    "bytes": bytes_of(model, pins),
                }
                for model in catalog
            ]
            print_json({"cache": str(cache_folder()), "models": models})
            return
        # What does not fit beside the names, which people copy, is in --json and on a wider terminal.
        fewer = ("pulled", "size", "tasks")
        columns = (*fewer, "commit", "engines", "VRAM", "license", "gated") if out.width >= WIDE else fewer
        shown = Table(box=None)
        shown.add_column("model", no_wrap=True, min_width=max(len(model.id) for model in catalog))
        for column in columns:
            shown.add_column(column)
        for model in catalog:
            size, commit = bytes_of(model, pins), pins.commits.get(model.id)
            pulled = is_pulled(model, pins)
            cells = {
                "pulled": "yes" if pulled else "no",
                "commit": commit[:8] if commit else "",
                "size": gigabytes(size) if size else "?",
                "tasks": ", ".join(model.tasks),
                "engines": ", ".join(model.engines),
                "VRAM": ", ".join(f"{each.gb:g} GB at {each.width}x{each.height}" for each in model.memory) or "?",
                "license": model.license or "?",
                "gated": {True: "yes", False: "no", None: "?"}[model.gated],
            }
            shown.add_row(model.id, *(escape(cells[column]) for column in columns), style="bold" if pulled else "")
        out.print(shown)
        out.print(f"Cache: {cache_folder()}", highlight=False, soft_wrap=True)


class _PullBar:
    """Shows a pull on stderr: a bar a repository over all its files on a terminal, sentences elsewhere."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self._bars = Bars(
            TextColumn("{task.description}"),
            BarColumn(),
            DownloadColumn(),
            TransferSpeedColumn(),
            TimeRemainingColumn(),
            console=err,
            disable=quiet or not err.is_terminal,
        )
        self._tasks: dict[tuple[str, str], TaskID] = {}

    def __enter__(self) -> "_PullBar":
        self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bars.stop()

    def progressed(self, progress: "Progress") -> None:
        key = (progress.repository, progress.stage)
        if key not in self._tasks:
            self._tasks[key] = self._bars.add_task(f"{escape(progress.repository)}: {progress.stage}", total=None)
        self._bars.update(self._tasks[key], completed=progress.done, total=progress.total)

    def say(self, sentence: str) -> None:
        err.print(escape(sentence), highlight=False, soft_wrap=True)


@weights.command()
def pull(
    models: Models,
    verify: Annotated[
        bool, typer.Option("--verify", help="Also read existing files, and download damaged ones again.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Bring models onto this machine: pin their commits, fetch what is lacking, check what came."""
    with reporting(as_json, interrupted=_INTERRUPTED):
        from ttv_dagster.weights import pulling
        from ttv_dagster.weights.hub import Hub
        from ttv_dagster.weights.lock import WeightsLock

        settings = read_settings()
        wanted = _named(_catalog(settings), models)
        done = []
        for model in wanted:
            with _PullBar(quiet=as_json) as bar:
                pulled = pulling.pull(
                    model,
                    lock=WeightsLock(settings.weights_lock),
                    hub=Hub(),
                    check_all=verify,
                    on_progress=bar.progressed,
                    say=bar.say,
                )
            done.append(pulled)
            _tell(pulled, quiet=as_json)
        _record(done, settings)
        if as_json:
            print_json({"models": [_as_dict(each) for each in done]})


def _as_dict(pulled: "Pulled") -> dict[str, object]:
    return {
        "id": pulled.model.id,
        "commit": pulled.commit,
        "files": pulled.files,
        "bytes": pulled.bytes,
        "fetched": pulled.fetched,
        "seconds": round(pulled.seconds, 3),
    }


def _tell(pulled: "Pulled", *, quiet: bool) -> None:
    from ttv_dagster.weights.room import gigabytes

    if quiet:
        return
    came = f"{gigabytes(pulled.fetched)} fetched in {pulled.seconds:.1f} s" if pulled.fetched else "all there before"
    size = gigabytes(pulled.bytes)
    out.print(f"{escape(pulled.model.id)} is whole: {pulled.files} files, {size}, {came}", highlight=False)


def _record(done: "Sequence[Pulled]", settings: Settings) -> None:
    """Show the pulls in the UI, as materializations of `model_weights` that no run made."""
    import dagster as dg

    from ttv_dagster.assets.model_weights import metadata_of
    from ttv_dagster.runs.home import open_instance, prepare_home

    prepare_home(settings)
    with open_instance(settings) as instance:
        for pulled in done:
            instance.report_runless_asset_event(
                dg.AssetMaterialization(
                    "model_weights",
                    partition=pulled.model.id,
                    metadata=metadata_of(pulled),
                    tags={"dagster/data_version": pulled.commit},
                )
            )


@weights.command()
def verify(models: MaybeModels = None, as_json: JsonOption = False) -> None:
    """Read every byte of pulled models, and compare it with what the Hub says. Nothing is asked or changed."""
    with reporting(as_json):
        from ttv_dagster.weights import state

        settings = read_settings()
        catalog, pins = _catalog(settings), _pins(settings)
        found = {}
        for model in _named(catalog, models) if models else _pulled(catalog, pins):
            found[model.id] = state.verify(model, pins)
            if as_json:
                continue
            for wrong in found[model.id]:
                err.print(escape(wrong), style="red", highlight=False, soft_wrap=True)
            fix = f"damaged; `ttv weights pull --verify {model.id}` downloads those files again"
            out.print(f"{escape(model.id)}: {fix if found[model.id] else 'all is well'}", highlight=False)
        if as_json:
            print_json({"models": [{"id": name, "damaged": wrong} for name, wrong in found.items()]})
        raise typer.Exit(SOME_FAILED if any(found.values()) else 0)


@weights.command()
def rm(
    models: Models,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Take models off this machine, at every commit; the pins stay, so the next pull brings the same."""
    with reporting(as_json):
        from ttv_dagster.weights.room import gigabytes
        from ttv_dagster.weights.state import plan_removal, remove

        settings = read_settings()
        catalog, pins = _catalog(settings), _pins(settings)
        freed = []
        for model in _named(catalog, models):
            removal = plan_removal(model, catalog, pins)
            if not as_json:
                for repository, other in removal.kept.items():
                    out.print(f"{escape(repository)} stays: {escape(other)} needs it", highlight=False)
                repositories = ", ".join(removal.folders) or "nothing of it is here"
                out.print(f"{escape(model.id)}: {repositories}, {gigabytes(removal.bytes)}", highlight=False)
            if removal.folders:
                if not yes and not typer.confirm("Delete?", err=True):
                    raise Refused("nothing more was deleted", code=SOME_FAILED)
                remove(removal)
            freed.append(
                {"id": model.id, "removed": list(removal.folders), "kept": dict(removal.kept), "freed": removal.bytes}
            )
        if as_json:
            print_json({"models": freed})


@weights.command()
def update(models: MaybeModels = None, as_json: JsonOption = False) -> None:
    """Download the newest commits, move the pins to them, and list the prompt sets that will render again."""
    with reporting(as_json, interrupted=_INTERRUPTED):
        from ttv_dagster.weights.hub import Hub
        from ttv_dagster.weights.lock import WeightsLock
        from ttv_dagster.weights.pulling import move

        settings = read_settings()
        catalog, pins = _catalog(settings), _pins(settings)
        hub = Hub()
        moved: dict[str, dict[str, str]] = {}
        done = []
        before: dict[str, dict[str, str]] = {}
        for model in _named(catalog, models) if models else _pulled(catalog, pins):
            if model.commit(pins.commits) is None:
                raise Refused(f"{model.id} was never pulled: ttv weights pull {model.id}")
            newest = {repository: hub.newest(repository) for repository in model.repositories}
            changes = {
                repository: {"from": pins.commits[repository], "to": commit}
                for repository, commit in newest.items()
                if pins.commits[repository] != commit
            }
            if not changes:
                if not as_json:
                    out.print(f"{escape(model.id)} is at the newest commit", highlight=False)
                continue
            before = before or _render_keys(settings)
            with _PullBar(quiet=as_json) as bar:
                lock = WeightsLock(settings.weights_lock)
                done.append(move(model, newest, lock=lock, hub=hub, on_progress=bar.progressed, say=bar.say))
            moved |= changes
            _tell(done[-1], quiet=as_json)
            pins = _pins(settings)
        _record(done, settings)
        again = _renders_again(before, settings)
        if as_json:
            print_json({"moved": moved, "renders_again": again})
            return
        for repository, change in moved.items():
            commits = f"{change['from'][:12]} → {change['to'][:12]}"
            out.print(f"{escape(repository)}: {commits}", highlight=False)
        for name, shots in again.items():
            out.print(
                f"{escape(name)}: {shots} {'shot renders' if shots == 1 else 'shots render'} again", highlight=False
            )
        if moved and not again:
            out.print("No prompt set in the library will render again.")


def _render_keys(settings: Settings) -> dict[str, dict[str, str]]:
    """The render key of every shot of every set in the library that can be planned."""
    from ttv_dagster.installation import Installation
    from ttv_dagster.library.library import LibraryError
    from ttv_dagster.shots.problems import PromptSetError

    installation = Installation(settings)
    found = {}
    for name in installation.library.names():
        try:
            planned = installation.plan(installation.library.read(name), file=name)
        except (LibraryError, PromptSetError) as error:
            err.print(f"{escape(name)} cannot be planned: {escape(str(error))}", highlight=False, soft_wrap=True)
            continue
        found[name] = {each.shot.id: each.key for each in planned}
    return found


def _renders_again(before: dict[str, dict[str, str]], settings: Settings) -> dict[str, int]:
    """How many shots of each set have another render key than before."""
    now = _render_keys(settings) if before else {}
    changed = {
        name: sum(key != before.get(name, {}).get(shot) for shot, key in keys.items()) for name, keys in now.items()
    }
    return {name: shots for name, shots in changed.items() if shots}
