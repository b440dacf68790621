"""The set library: the prompt sets that this installation knows, each with the images it names."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from ttv_dagster.library.intake import Intake
from ttv_dagster.media.images import digest
from ttv_dagster.shots.names import SET_NAME_RULE, is_set_name
from ttv_dagster.shots.plan import image_digest
from ttv_dagster.shots.problems import TtvError
from ttv_dagster.shots.shot import PromptSet
from ttv_dagster.storage.store import Store

Added = Literal["new", "replaced", "unchanged"]

_ARCHIVED = "archived"


class LibraryError(TtvError, ValueError):
    """The library cannot do what was asked; the message says what to do."""


def _set_name(prompt_set: str) -> str:
    # A partition can be added by hand in the UI, with any name.
    if not is_set_name(prompt_set):
        raise LibraryError(f"{prompt_set!r} is not a name of a prompt set; {SET_NAME_RULE}")
    return f"{prompt_set}/set.json"


@dataclass(frozen=True, slots=True)
class Library:
    """Prompt sets by name.

    Attributes:
        url: A folder or any fsspec URL.
    """

    url: str

    @property
    def _store(self) -> Store:
        return Store(self.url)

    def names(self) -> list[str]:
        """Every prompt set in the library, in alphabetical order."""
        store = self._store
        return sorted(path.parent.name for path in store.root.glob("*/set.json"))

    def live_names(self) -> list[str]:
        """Every prompt set that is not archived, in alphabetical order."""
        archived = {path.parent.name for path in self._store.root.glob(f"*/{_ARCHIVED}")}
        return [name for name in self.names() if name not in archived]

    def archive(self, name: str) -> None:
        """Put a delivered set aside: it stays in the library, and comes back when it is added with a change."""
        self._store.write(f"{name}/{_ARCHIVED}", b"")

    def read(self, name: str) -> PromptSet:
        """The prompt set of this name.

        Raises:
            LibraryError: There is none.
        """
        document = self._entry(name)["prompt_set"]
        try:
            return PromptSet.model_validate(document)
        except ValidationError as error:
            raise LibraryError(f"the prompt set {name!r} in the library cannot be read; add it again") from error

    def source(self, name: str) -> str | None:
        """The file that the set was added from; None where the library has no such set."""
        try:
            return str(self._entry(name)["source"])
        except LibraryError:
            return None

    def _entry(self, name: str) -> dict[str, object]:
        try:
            entry = json.loads(self._store.read(_set_name(name)))
        except FileNotFoundError:
            known = ", ".join(self.names()[:20]) or "none yet"
            raise LibraryError(
                f"the library has no prompt set {name!r} (it has: {known}); add it with `ttv add FILE`"
            ) from None
        except ValueError as error:
            raise LibraryError(f"the prompt set {name!r} in the library is damaged ({error}); add it again") from error
        if not isinstance(entry, dict) or not {"source", "prompt_set"} <= set(entry):
            raise LibraryError(f"the prompt set {name!r} in the library is damaged; add it again")
        return entry

    def _known(self, name: str, *, replace: bool) -> dict[str, object] | None:
        """The entry of a set that is about to be added; None if there is none, or a damaged one that is replaced."""
        if self._store.size(_set_name(name)) is None:
            return None
        try:
            return self._entry(name)
        except LibraryError as damaged:
            if replace:
                return None
            raise LibraryError(f"{damaged} with --replace") from damaged

    def image(self, prompt_set: str, name: str) -> bytes:
        """The bytes of an image that a set names.

        Raises:
            FileNotFoundError: The library lost it.
        """
        return self._store.read(f"{prompt_set}/{name}")

    def add(self, intake: Intake, source: Path | str, *, replace: bool = False) -> Added:
        """Put a set and its images into the library.

        The images come first and the set last, so that a set in the library always has its images.

        Args:
            intake: The set.
            source: The file or URL that it was read from.
            replace: Take the place of a set of the same name that came from another file.

        Raises:
            LibraryError: The name belongs to a set from another file, and `replace` is False; or an image
                changed while it was copied.
        """
        name = intake.prompt_set.name
        store = self._store
        document = intake.prompt_set.model_dump(mode="json", exclude_defaults=True)
        known = self._known(name, replace=replace)
        if known is not None and known["source"] != str(source) and not replace:
            raise LibraryError(
                f"the library has a prompt set {name!r} from another file, {known['source']}; "
                "give this one another name, or replace that one with --replace"
            )
        for image, path in intake.images.items():
            if store.size(f"{name}/{image}") is None:
                data = path.read_bytes()
                if digest(data) != image_digest(image):
                    raise LibraryError(f"{path} changed while it was being added; add the set again")
                store.write(f"{name}/{image}", data)
        entry = {"source": str(source), "prompt_set": document}
        if known == entry:
            return "unchanged"
        store.write(_set_name(name), json.dumps(entry, ensure_ascii=False).encode())
        store.delete(f"{name}/{_ARCHIVED}")
        return "new" if known is None else "replaced"
