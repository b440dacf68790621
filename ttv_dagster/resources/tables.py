"""Tables as Parquet: one file an asset and prompt set, in a folder or at any fsspec URL."""

from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import dagster as dg

from ttv_dagster.media.store import Store

if TYPE_CHECKING:
    import pandas as pd

    SetTables = dict[str, pd.DataFrame]
    """A table for each prompt set of a run."""
else:
    # Dagster reads the annotations of an asset when it loads, which must not load pandas.
    SetTables = dict


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


class Tables(dg.ConfigurableIOManager):
    """Keeps the table of each prompt set an asset makes, and hands it to the assets downstream.

    Assets give and take ``dict[str, DataFrame]``: a frame for each prompt set of the run.
    """

    url: str

    @staticmethod
    def _name(asset: str, prompt_set: str) -> str:
        return f"{asset}/{prompt_set}.parquet"

    def read(self, asset: str, prompt_set: str) -> "pd.DataFrame | None":
        """The table that an asset last made for a prompt set; None where it made none."""
        try:
            data = Store(self.url).read(self._name(asset, prompt_set))
        except FileNotFoundError:
            return None
        return _from_parquet(data)

    def handle_output(self, context: dg.OutputContext, obj: SetTables) -> None:
        """Write the table of each prompt set of the run."""
        store = Store(self.url)
        for prompt_set, frame in obj.items():
            with store.working_file(".parquet") as path:
                _to_parquet(frame, path)
                store.publish(path, self._name(context.asset_key.path[-1], prompt_set))

    def load_input(self, context: dg.InputContext) -> SetTables:
        """Read the table of each prompt set of the run.

        Raises:
            FileNotFoundError: The asset upstream was never materialized for one of them.
        """
        asset = context.asset_key.path[-1]
        frames = {}
        for prompt_set in context.asset_partition_keys:
            frame = self.read(asset, prompt_set)
            if frame is None:
                raise FileNotFoundError(
                    f"{asset} has no table for the prompt set {prompt_set!r}: materialize {asset} for it first"
                )
            frames[prompt_set] = frame
        return frames


def rows(frame: "pd.DataFrame") -> "list[dict[str, Any]]":
    """A table's rows, with None where a cell is empty and Python's own types in the others."""
    objects, nothing = frame.astype(object), cast("str", None)  # pandas-stubs know no None here
    records = objects.where(frame.notna(), nothing).to_dict("records")
    return [{str(name): value for name, value in record.items()} for record in records]
