"""Files dropped into the inbox of a real `ttv ui` (webserver and daemon) whose processes are killed meanwhile."""

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import dagster as dg
import pytest

from tests.automation.production import Production
from tests.cli.sets import renders
from ttv_dagster.automation.inbox.folder import WatchedFolder

EDITED, RENAMED, BAD, AGAIN = 5, 7, 6, 11
"""Every so many files, one is edited, renamed, bad, or edited and then changed back."""


@pytest.fixture
def production(tmp_path: Path) -> Iterator[Production]:
    running = Production(tmp_path)
    try:
        yield running
    finally:
        running.stop()


class Author:
    """Drops files, changes some, and remembers what each holds and how often it was changed to that."""

    def __init__(self, production: Production) -> None:
        self.production = production
        self.newest: dict[str, str] = {}
        self.asked: Counter[tuple[str, str]] = Counter()
        self.bad: set[str] = set()

    def write(self, name: str, prompt: str) -> None:
        self.newest[name] = prompt
        self.asked[name, prompt] += 1
        (self.production.inbox / f"{name}.txt").write_text(f"{prompt}\n")

    def drop(self, number: int) -> None:
        name = f"set{number}"
        if number % BAD == BAD - 1:
            self.bad.add(name)
            (self.production.inbox / f"{name}.yaml").write_text(f"shots: [{{id: a, promt: {number}}}]\n")
        else:
            self.write(name, f"first {number}")

    def accepted(self, name: str, times: int = 1) -> bool:
        """Whether so many runs of the set were started."""
        return sum(run.tags.get("dagster/partition") == name for run in roots(self.production)) >= times

    def all_taken(self, names: Sequence[str]) -> bool:
        started = {run.tags.get("dagster/partition") for run in roots(self.production)}
        return started.issuperset(names)

    def change(self, number: int) -> None:
        """Do to a file that was taken what its number says."""
        name = f"set{number}"
        if name not in self.newest:
            return
        if number % AGAIN == 0:
            first = self.newest[name]
            self.write(name, f"second {number}")
            self.production.until(lambda: self.accepted(name, 2), seconds=300)
            self.write(name, first)
        elif number % EDITED == 0:
            self.write(name, f"second {number}")
        elif number % RENAMED == 0:
            moved = f"moved{number}"
            (self.production.inbox / f"{name}.txt").rename(self.production.inbox / f"{moved}.txt")
            self.newest[moved] = self.newest[name]
            self.asked[moved, self.newest[moved]] += 1


def roots(production: Production) -> list[dg.DagsterRun]:
    """The runs that the sensor started: not those that Dagster started again because a process died."""
    return [run for run in production.runs() if run.parent_run_id is None]


def drive(production: Production, *, files: int, bursts: int, kills: list[bool], seconds: float) -> None:
    author = Author(production)
    order = random.Random(7).sample(range(files), files)
    size = -(-files // bursts)
    pending = list(kills)
    for burst in range(bursts):
        batch = order[burst * size : (burst + 1) * size]
        for number in batch:
            author.drop(number)
        good = [f"set{number}" for number in batch if f"set{number}" in author.newest]
        production.until(partial(author.all_taken, good), seconds=seconds)
        if pending:
            production.kill(everything=pending.pop(0))
        for number in batch:
            author.change(number)
        if pending:
            production.kill(everything=pending.pop(0))

    def delivered() -> bool:
        return production.quiet() and all(
            production.has_film_of(name, prompt) for name, prompt in author.newest.items()
        )

    production.until(delivered, seconds=seconds)
    production.until(
        lambda: all((production.inbox / WatchedFolder.errors_of(f"{bad}.yaml")).exists() for bad in author.bad),
        seconds=60,
    )
    keys = Counter(run.tags["dagster/run_key"] for run in roots(production))
    assert set(keys.values()) == {1}, "a run was started twice"
    started = Counter(run.tags["dagster/partition"] for run in roots(production))
    wanted: Counter[str] = Counter()
    for (name, _), times in author.asked.items():
        wanted[name] += times
    assert started == wanted
    films = {film.name.split(".")[0] for film in (production.folder / "home/media/films").iterdir()}
    assert films == {name for name, _ in author.asked}
    begun = Counter(renders(production.folder / "renders.jsonl"))
    # Only what a kill interrupted is begun again.
    assert max(begun.values()) <= 1 + len(kills)


def test_every_good_file_becomes_one_film_of_its_newest_content_though_processes_are_killed(
    production: Production,
) -> None:
    drive(production, files=8, bursts=1, kills=[True], seconds=300)


@pytest.mark.soak
def test_five_hundred_files_in_bursts_with_five_kills(production: Production) -> None:
    drive(production, files=500, bursts=5, kills=[False, False, True, False, True], seconds=3600)
