import json
import subprocess
import sys
from pathlib import Path

import pytest

from ttv_dagster.weights.listing import RepoFile
from ttv_dagster.weights.lock import LockError, Pins, WeightsLock

ONE, TWO, THREE = ("1" * 40, "2" * 40, "3" * 40)
FILES = {"vae/config.json": RepoFile(2, "0" * 40)}


def test_an_installation_that_pulled_nothing_has_no_pins(tmp_path: Path) -> None:
    assert WeightsLock(str(tmp_path / "nowhere")).read() == Pins()


def test_a_pin_comes_back_with_the_files_at_it(tmp_path: Path) -> None:
    lock = WeightsLock(str(tmp_path))
    lock.pin({"b/b": ONE}, {"b/b": FILES})
    lock.pin({"a/a": TWO})
    assert lock.read() == Pins({"a/a": TWO, "b/b": ONE}, {"b/b": FILES})
    lock.pin({"b/b": THREE})
    assert lock.read().files == {}, "the files were those of another commit"


def test_the_first_of_two_that_pin_a_repository_is_believed(tmp_path: Path) -> None:
    lock = WeightsLock(str(tmp_path))
    assert lock.pin_first({"a/a": ONE}, {"a/a": FILES}).commits == {"a/a": ONE}
    assert lock.pin_first({"a/a": TWO, "b/b": THREE}, {"a/a": {}, "b/b": {}}) == Pins(
        {"a/a": ONE, "b/b": THREE}, {"a/a": FILES, "b/b": {}}
    )


def test_a_repository_that_was_pinned_by_hand_gets_its_files_and_keeps_its_commit(tmp_path: Path) -> None:
    lock = WeightsLock(str(tmp_path))
    lock.pin({"a/a": ONE})
    assert lock.pin_first({"a/a": ONE}, {"a/a": FILES}) == Pins({"a/a": ONE}, {"a/a": FILES})


def test_many_processes_that_pin_at_once_lose_nothing(tmp_path: Path) -> None:
    code = (
        "import sys; from ttv_dagster.weights.lock import WeightsLock\n"
        "lock = WeightsLock(sys.argv[1])\n"
        "for number in range(20):\n"
        "    name = f'{sys.argv[2]}/{number}'\n"
        "    lock.pin_first({name: '1' * 40}, {name: {}})"
    )
    processes = [subprocess.Popen([sys.executable, "-c", code, str(tmp_path), name]) for name in "abcd"]
    assert [process.wait(60) for process in processes] == [0] * 4
    assert len(WeightsLock(str(tmp_path)).commits()) == 80


def test_a_lock_at_a_url_is_shared_as_one_in_a_folder_is(tmp_path: Path) -> None:
    WeightsLock("memory://weights-of-a-test").pin({"a/a": ONE}, {"a/a": FILES})
    assert WeightsLock("memory://weights-of-a-test").read() == Pins({"a/a": ONE}, {"a/a": FILES})


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "{}",
        '{"commits": 1}',
        '{"commits": {"a/a": 1}}',
        '{"commits": {"a/a": "main"}}',
        '{"commits": {"a/a": "../../../etc"}}',
        '{"commits": {}, "files": {"a/a": {"x": [1]}}}',
        "null",
    ],
)
def test_a_damaged_lock_is_said_with_what_to_do(tmp_path: Path, text: str) -> None:
    (tmp_path / "weights.lock").write_text(text)
    with pytest.raises(LockError, match=r"weights\.lock is damaged .*: put back a copy of it, or delete it"):
        WeightsLock(str(tmp_path)).read()


def test_people_can_read_it(tmp_path: Path) -> None:
    WeightsLock(str(tmp_path)).pin({"b/b": TWO, "a/a": ONE})
    assert list(json.loads((tmp_path / "weights.lock").read_text())["commits"]) == ["a/a", "b/b"]
