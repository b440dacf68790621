"""Tables as Parquet: one file an asset and prompt set."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, Protocol, Self, TypeVar, cast

from ttv_dagster.storage.store import Store

if TYPE_CHECKING:
    import pandas as pd


# On one thread: Arrow's thread pools, once used, now and then abort the process while it ends.
def _to_parquet(frame: "pd.DataFrame", path: Path) -> None:
    import pyarrow
    import pyarrow.parquet

    table = pyarrow.Table.from_pandas(frame, preserve_index=False, nthreads=1)
    pyarrow.parquet.write_table(table, path)


def _from_parquet(data: bytes) -> "pd.DataFrame":
    import pyarrow.parquet

    with pyarrow.parquet.ParquetFile(BytesIO(data), pre_buffer=False) as file:
        frame: pd.DataFrame = file.read(use_threads=False).to_pandas(use_threads=False)
    return frame


@dataclass(frozen=True, slots=True)
class Tables:
    """The tables of an installation.

    Attributes:
        url: A folder or any fsspec URL.
    """

    url: str

    def read(self, asset: str, prompt_set: str) -> "pd.DataFrame | None":
        """Read the table that an asset last wrote for a prompt set; None if there is none."""
        try:
            data = Store(self.url).read(_name(asset, prompt_set))
        except FileNotFoundError:
            return None
        return _from_parquet(data)

    def write(self, asset: str, prompt_set: str, frame: "pd.DataFrame") -> None:
        """Write the table of a prompt set replacing an earlier one, whole or not at all."""
        store = Store(self.url)
        with store.working_file(".parquet") as path:
            _to_parquet(frame, path)
            store.publish(path, _name(asset, prompt_set))


def _name(asset: str, prompt_set: str) -> str:
    return f"{asset}/{prompt_set}.parquet"


def rows_of(frame: "pd.DataFrame") -> "list[dict[str, Any]]":
    """Return a frame's rows, with None for an empty cell and Python's own types in the others."""
    objects, nothing = frame.astype(object), cast("str", None)  # pandas-stubs know no None here
    records = objects.where(frame.notna(), nothing).to_dict("records")
    return [{str(name): value for name, value in record.items()} for record in records]


class Row(Protocol):
    """A row of a table."""

    def to_row(self) -> dict[str, Any]:
        """Return the row as a mapping of plain values."""

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> Self:
        """Read the row of a mapping that `to_row` returned."""


R = TypeVar("R", bound=Row)


@dataclass(frozen=True, slots=True)
class Table(Generic[R]):
    """The table that an asset keeps of each prompt set.

    Attributes:
        asset: The asset.
        row: What a row of it is.
    """

    asset: str
    row: type[R]

    def frame(self, rows: Iterable[R]) -> "pd.DataFrame":
        """Return the rows as a frame."""
        import pandas as pd

        return pd.DataFrame([row.to_row() for row in rows])

    def rows(self, frame: "pd.DataFrame") -> list[R]:
        """Return the rows of a frame."""
        return [self.row.from_row(row) for row in rows_of(frame)]

    def read(self, tables: Tables, prompt_set: str) -> list[R]:
        """Return the rows that were last written for a prompt set; none if there are none."""
        frame = tables.read(self.asset, prompt_set)
        return [] if frame is None else self.rows(frame)
