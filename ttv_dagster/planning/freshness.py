"""Whether a prompt set is fresh: whether the film in the store is the one that a render would join now."""

from dataclasses import dataclass

from ttv_dagster.engines.deployment import Deployment
from ttv_dagster.library.library import Library
from ttv_dagster.media.join import JOINING
from ttv_dagster.planning.resolve import plan_set
from ttv_dagster.renders.tables import FILMS
from ttv_dagster.shots.plan import PlannedShot, film_key
from ttv_dagster.storage.layout import film_name
from ttv_dagster.storage.store import Store
from ttv_dagster.storage.tables import Tables


@dataclass(frozen=True, slots=True)
class Freshness:
    """What there is of a set's film.

    Attributes:
        film: Key of the film that a render would join now.
        stale: Why the film in the store is not that one; None where it is.
    """

    film: str
    stale: str | None


class FilmInspector:
    """Compares the films of an installation with what a render would make now: nothing is rendered or written.

    Args:
        library: The prompt sets.
        tables: The tables of the assets.
        store: The media store.
        deployment: What plans may know of the installation.
    """

    def __init__(self, library: Library, tables: Tables, store: Store, deployment: Deployment) -> None:
        self._library = library
        self._tables = tables
        self._store = store
        self._deployment = deployment

    def plan(self, prompt_set: str) -> list[PlannedShot]:
        """The shots of a set as they would be rendered now.

        Raises:
            LibraryError: The library has no such set.
            PromptSetError: The set asks for what its engines cannot do any more.
        """
        return plan_set(self._library.read(prompt_set), file=prompt_set, deployment=self._deployment)

    def inspect(self, prompt_set: str) -> Freshness:
        """The freshness of a set: a new recipe, a failed shot and another commit of a model all make it stale.

        Raises:
            LibraryError: The library has no such set.
            PromptSetError: The set asks for what its engines cannot do any more.
        """
        key = film_key(self.plan(prompt_set), JOINING)
        films = FILMS.read(self._tables, prompt_set)
        if not films:
            return Freshness(key, "it has no film")
        if films[0].film != key:
            return Freshness(key, "its film was joined from other clips")
        if self._store.size(film_name(prompt_set, key)) is None:
            return Freshness(key, "its film is not in the store")
        return Freshness(key, None)
