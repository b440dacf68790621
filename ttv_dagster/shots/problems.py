"""Mistakes in what a person wrote: each says where it is, what is wrong and what would be right."""

import difflib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from fractions import Fraction

MOST_MISTAKES = 1_000
"""As many are kept of one file; of the rest only how many there are."""

_MOST_PRINTED = 50
_LONGEST_SHOWN = 60


@dataclass(frozen=True, order=True, slots=True)
class Mistake:
    """One mistake of a prompt set.

    Attributes:
        file: The file, as the user named it; for a table in memory, the set's name.
        shot: Id of the shot, or its place (``line 31``) where it has none; empty for the file as a whole.
        field: The field that is wrong; empty for none in particular.
        wrong: What is wrong, following the field's name in a sentence.
        right: What would be right.
        place: Where the shot starts (``line 31``), as `shot` may be its id; empty where nobody knows.
    """

    file: str
    shot: str
    field: str
    wrong: str
    right: str
    place: str = ""

    def __str__(self) -> str:
        # An id holds no space, a place does.
        where = self.shot if " " in self.shot else f'shot "{self.shot}"' if self.shot else ""
        if self.place and self.place != self.shot:
            where = f"{where} ({self.place})"
        parts = [part for part in (self.file, where, self.field, f"{self.wrong}; {self.right}") if part]
        return _printable(": ".join(parts))


class PromptSetError(ValueError):
    """A prompt set is refused as a whole.

    Attributes:
        mistakes: Every mistake, in the order of the file.
    """

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        self.mistakes = list(mistakes)
        super().__init__(self.mistakes)

    def __str__(self) -> str:
        printed = [str(mistake) for mistake in self.mistakes[:_MOST_PRINTED]]
        if len(self.mistakes) > _MOST_PRINTED:
            printed.append(f"... and {len(self.mistakes) - _MOST_PRINTED:,} more")
        return "\n".join(printed)


class Unreadable(Exception):
    """Nothing more can be read of a file.

    Attributes:
        place: Where that is, such as ``line 31``; empty for the file as a whole.
        wrong: What is wrong there.
        right: What would be right.
    """

    def __init__(self, place: str, wrong: str, right: str) -> None:
        super().__init__(place, wrong, right)
        self.place, self.wrong, self.right = place, wrong, right


class Mistakes:
    """Collects the mistakes of one file; a file of garbage takes no more memory than a small one."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._kept: list[Mistake] = []
        self._more = 0

    def __bool__(self) -> bool:
        return bool(self._kept)

    @property
    def full(self) -> bool:
        """Whether more mistakes are only counted."""
        return len(self._kept) >= MOST_MISTAKES

    def add(self, *, wrong: str, right: str, shot: str = "", field: str = "", place: str = "") -> None:
        """Note a mistake; see `Mistake` for the arguments."""
        if self.full:
            self._more += 1
        else:
            self._kept.append(Mistake(self._file, shot, field, wrong, right, place))

    def count(self, number: int) -> None:
        """Note that there are so many more, without a word about them."""
        self._more += number

    def error(self) -> PromptSetError:
        """The refusal that carries every mistake."""
        if not self._more:
            return PromptSetError(self._kept)
        rest = Mistake(self._file, "", "", f"{self._more:,} more mistakes are not listed", "mend these first")
        return PromptSetError([*self._kept, rest])


def _printable(text: str) -> str:
    """The text without anything that a terminal would obey or could not write."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)


def shown(value: object) -> str:
    """A wrong value for a message: quoted, short, and harmless to print."""
    if isinstance(value, str):
        return repr(value if len(value) <= _LONGEST_SHOWN else value[:_LONGEST_SHOWN] + "…")
    if value is None or isinstance(value, bool | float | Fraction):
        return str(value)
    if isinstance(value, int):
        # str() of a huge int is refused by Python itself.
        return str(value) if value.bit_length() < 200 else "a huge number"
    if isinstance(value, dict):
        return "a mapping"
    return "a list" if isinstance(value, list | tuple) else f"a {type(value).__name__}"


def shown_name(name: object) -> str:
    """The name of a field that a stranger made up, for a message."""
    if isinstance(name, str) and name.isprintable() and 0 < len(name) <= _LONGEST_SHOWN:
        return name
    return shown(name)


def did_you_mean(name: object, known: Collection[str]) -> str | None:
    """The known name that `name` was probably meant to be; None when nothing is near."""
    if not isinstance(name, str) or len(name) > _LONGEST_SHOWN:
        return None
    plain = name.strip().lower().replace(" ", "_").replace("-", "_")
    return next(iter(difflib.get_close_matches(plain, known, n=1)), None)
