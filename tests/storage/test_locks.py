from pathlib import Path

import pytest

from ttv_dagster.storage.locks import Locks, SetBusyError


def test_a_set_is_held_by_one_at_a_time(tmp_path: Path) -> None:
    locks = Locks(tmp_path / "locks")
    with locks.hold(["a", "b"]):
        assert not locks.is_free("a")
        with pytest.raises(SetBusyError, match="'b'"), locks.hold(["b", "c"]):
            pass
        assert locks.is_free("c"), "none is held where one cannot be"
    assert locks.is_free("a")
    locks.wait("a")


def test_no_lock_of_one_kind_is_a_lock_of_another(tmp_path: Path) -> None:
    locks = Locks(tmp_path / "locks")
    with locks.queue("x"), locks.hold_run("x"):
        for name in ("x", "x.turn", "queue-x", "run-x"):
            with locks.hold([name]):
                assert not locks.is_free(name)


def test_a_run_is_alive_while_its_lock_is_held_and_leaves_no_file(tmp_path: Path) -> None:
    locks = Locks(tmp_path / "locks")
    with locks.hold_run("1234") as name:
        assert locks.run_is_alive(name)
    assert not locks.run_is_alive(name)
    assert not list((tmp_path / "locks").glob("run-*"))
