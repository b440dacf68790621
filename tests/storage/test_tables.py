from pathlib import Path

import pandas as pd

from ttv_dagster.renders.manifest import ManifestRow
from ttv_dagster.renders.tables import CLIPS
from ttv_dagster.storage.tables import Tables, rows_of


def test_rows_have_none_where_a_cell_is_empty_and_python_types_elsewhere() -> None:
    records = [
        {"a": 1, "b": "x", "c": 0.5, "d": True, "e": None},
        {"a": 2, "b": None, "c": None, "d": False, "e": None},
    ]
    found = rows_of(pd.DataFrame(records))
    assert found == records
    assert [type(value) for value in found[0].values()] == [int, str, float, bool, type(None)]


def test_a_table_that_was_never_made_is_none(tmp_path: Path) -> None:
    assert Tables(url=str(tmp_path)).read("clips", "story") is None


def test_typed_rows_come_back_as_they_were_written(tmp_path: Path) -> None:
    tables = Tables(url=str(tmp_path))
    rows = [
        ManifestRow("a", "k1", "rendered", 1.5, 100, None, True, True),
        ManifestRow("b", "k2", "failed", error="no"),
    ]
    assert CLIPS.read(tables, "story") == []
    tables.write("clips", "story", CLIPS.frame(rows))
    assert CLIPS.read(tables, "story") == rows
