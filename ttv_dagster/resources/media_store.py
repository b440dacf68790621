"""The media store as Dagster configures it."""

import dagster as dg

from ttv_dagster.storage.store import Store


class MediaStore(dg.ConfigurableResource["MediaStore"]):
    """Clips, keyframes, images and films by key, in a folder or at any fsspec URL."""

    url: str

    def open(self) -> Store:
        """The store."""
        return Store(self.url)

    def open_writable(self) -> Store:
        """The store, after a try at writing to it.

        Raises:
            dg.Failure: It cannot be written: nothing that is made could be kept.
        """
        store = self.open()
        try:
            store.check_writable()
        except OSError as error:
            raise dg.Failure(f"the media store {self.url} cannot be written: {error}") from error
        return store
