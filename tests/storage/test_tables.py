from pathlib import Path

import pandas as pd
import pytest

from ttv_dagster.storage.locks import Locks, SetBusyError
from ttv_dagster.storage.tables import Tables, rows


def test_rows_have_none_where_a_cell_is_empty_and_python_types_elsewhere() -> None:
    records = [
        {"a": 1, "b": "x", "c": 0.5, "d": True, "e": None},
        {"a": 2, "b": None, "c": None, "d": False, "e": None},
    ]
    found = rows(pd.DataFrame(records))
    assert found == records
    assert [type(value) for value in found[0].values()] == [int, str, float, bool, type(None)]


def test_a_table_that_was_never_made_is_none(tmp_path: Path) -> None:
    assert Tables(url=str(tmp_path)).read("clips", "story") is None


def test_a_set_is_held_by_one_at_a_time(tmp_path: Path) -> None:
    locks = Locks(tmp_path / "locks")
    with locks.hold(["a", "b"]):
        assert not locks.is_free("a")
        with pytest.raises(SetBusyError, match="'b'"), locks.hold(["b", "c"]):
            pass
        assert locks.is_free("c"), "none is held where one cannot be"
    assert locks.is_free("a")
    locks.wait("a")
