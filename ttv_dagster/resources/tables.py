"""The IO manager of the assets: a table for each prompt set of a run."""

from typing import TYPE_CHECKING

import dagster as dg

from ttv_dagster.storage.tables import Tables

if TYPE_CHECKING:
    import pandas as pd

    SetTables = dict[str, pd.DataFrame]
    """A table for each prompt set of a run."""
else:
    # Dagster reads the annotations of an asset when it loads, which must not load pandas.
    SetTables = dict


class TablesIOManager(dg.IOManager):
    """Keeps the table of each prompt set an asset makes, and hands it to the assets downstream.

    Assets give and take ``dict[str, DataFrame]``: a frame for each prompt set of the run.
    """

    def __init__(self, tables: Tables) -> None:
        self.tables = tables

    def handle_output(self, context: dg.OutputContext, obj: SetTables) -> None:
        """Write the table of each prompt set of the run."""
        for prompt_set, frame in obj.items():
            self.tables.write(context.asset_key.path[-1], prompt_set, frame)

    def load_input(self, context: dg.InputContext) -> SetTables:
        """Read the table of each prompt set of the run.

        Raises:
            FileNotFoundError: The asset upstream was never materialized for one of them.
        """
        asset = context.asset_key.path[-1]
        frames = {}
        for prompt_set in context.asset_partition_keys:
            frame = self.tables.read(asset, prompt_set)
            if frame is None:
                raise FileNotFoundError(
                    f"{asset} has no table for the prompt set {prompt_set!r}: materialize {asset} for it first"
                )
            frames[prompt_set] = frame
        return frames
