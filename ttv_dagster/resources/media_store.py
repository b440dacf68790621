"""The media store as Dagster configures it."""

import dagster as dg

from ttv_dagster.media.store import Store


class MediaStore(dg.ConfigurableResource["MediaStore"]):
    """Clips, keyframes, pictures and films by key, in a folder or at any fsspec URL."""

    url: str

    def open(self) -> Store:
        """The store."""
        return Store(self.url)
