import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import dagster as dg
import pandas as pd
import pytest
import yaml
from PIL import Image

from tests.automation.installation import Installation
from ttv_dagster.automation.series.file import SeriesError, read_series

Make = Callable[..., Installation]

PRODUCTS: dict[str, Any] = {
    "at": "06:00",
    "start": "2025-01-01",
    "table": {"file": "products.csv"},
    "id": "{sku}",
    "prompt": "Turntable shot of {title}, {day}",
    "defaults": {"num_frames": 4},
}


def write_series(folder: Path, **changes: Any) -> Path:
    file = folder / "series.yaml"
    file.write_text(yaml.safe_dump({"products": {**PRODUCTS, **changes}}))
    return file


def materialize(studio: Installation, day: str) -> dg.ExecuteInProcessResult:
    asset = studio.definitions.get_assets_def("series_products")
    return dg.materialize([asset], instance=studio.instance, partition_key=day, raise_on_error=False)


def test_a_day_of_a_series_is_a_set_with_a_shot_for_each_row_and_is_rendered(
    installation: Make, tmp_path: Path
) -> None:
    (tmp_path / "products.csv").write_text("sku,title,image\n007,a red chair,chair.png\n008,{a} lamp,\n")
    Image.new("RGB", (64, 48), (90, 90, 90)).save(tmp_path / "chair.png")
    studio = installation(series_file=write_series(tmp_path, image="{image}"))
    assert materialize(studio, "2025-03-02").success
    made = studio.library.read("products-2025-03-02")
    assert {shot.id: shot.prompt for shot in made.shots} == {
        "007": "Turntable shot of a red chair, 2025-03-02",
        "008": "Turntable shot of {a} lamp, 2025-03-02",
    }
    assert [shot.image is not None for shot in made.shots] == [True, False]
    assert studio.render_what_is_asked("series_runs") == ["products-2025-03-02"]
    assert studio.films == {"products-2025-03-02"}
    assert studio.tick("series_runs") == []


def test_each_day_has_a_set_of_its_own(installation: Make, tmp_path: Path) -> None:
    (tmp_path / "products.csv").write_text("sku,title\n1,a chair\n")
    studio = installation(series_file=write_series(tmp_path))
    for day in ("2025-03-01", "2025-03-02"):
        assert materialize(studio, day).success
    assert studio.library.names() == ["products-2025-03-01", "products-2025-03-02"]


def test_the_rows_may_be_a_parquet_file_or_a_query(
    installation: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pd.DataFrame({"sku": ["1"], "title": ["a chair"]}).to_parquet(tmp_path / "products.parquet")
    studio = installation(series_file=write_series(tmp_path, table={"file": "products.parquet"}))
    assert materialize(studio, "2025-03-02").success
    with sqlite3.connect(tmp_path / "shop.db") as shop:
        shop.execute("CREATE TABLE products (sku INTEGER, title TEXT, day TEXT)")
        shop.executemany(
            "INSERT INTO products VALUES (?, ?, ?)", [(2, "a lamp", "2025-03-02"), (3, "a bed", "2025-03-03")]
        )
    query = {"query": "SELECT sku, title FROM products WHERE day = :day", "database": "SHOP"}
    studio = installation(series_file=write_series(tmp_path, table=query))
    assert not materialize(studio, "2025-03-03").success
    monkeypatch.setenv("SHOP", f"sqlite:///{tmp_path}/shop.db")
    assert materialize(studio, "2025-03-03").success
    assert [shot.prompt for shot in studio.library.read("products-2025-03-03").shots] == [
        "Turntable shot of a bed, 2025-03-03"
    ]


def test_a_table_without_a_column_that_is_named_makes_no_set(installation: Make, tmp_path: Path) -> None:
    (tmp_path / "products.csv").write_text("sku,titel\n1,a chair\n")
    studio = installation(series_file=write_series(tmp_path))
    failed = materialize(studio, "2025-03-02")
    assert not failed.success
    error = failed.all_node_events[-1].step_failure_data.error
    assert error is not None
    assert "did you mean titel" in (error.cause.message if error.cause else error.message)
    assert studio.library.names() == []


def test_the_schedule_makes_the_day_it_is_due_on_and_of_missed_days_the_last(
    installation: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from datetime import UTC, datetime, timedelta

    (tmp_path / "products.csv").write_text("sku,title\n1,a chair\n")
    studio = installation(series_file=write_series(tmp_path))
    schedule = studio.definitions.get_repository_def().get_schedule_def("series_products_schedule")

    def at(time: datetime) -> Any:
        with dg.build_schedule_context(studio.instance, scheduled_execution_time=time) as context:
            return schedule(context)

    due = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    assert at(due).partition_key == due.date().isoformat()
    assert at(due - timedelta(hours=20)).partition_key == (due - timedelta(hours=20)).date().isoformat()
    assert isinstance(at(due - timedelta(days=1)), dg.SkipReason)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"at": "6"}, "at:"),
        ({"table": {}}, "a table is"),
        ({"prompt": "{title"}, "expected '}'"),
        ({"promt": "x"}, "promt"),
        ({"start": "yesterday"}, "start"),
    ],
)
def test_a_series_that_is_not_understood_says_why(tmp_path: Path, changes: dict[str, Any], said: str) -> None:
    with pytest.raises(SeriesError, match=said):
        read_series(write_series(tmp_path, **changes))
