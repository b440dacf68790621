"""Problems in what a person wrote: each says where it is, what is wrong and what would be right."""

import difflib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from fractions import Fraction

MAX_PROBLEMS = 1_000
"""As many are kept of one file; of the rest only how many there are."""

_MAX_PRINTED = 50
_LONGEST_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Problem:
    """One reason not to render what a prompt set, or one of its shots, asks for.

    Attributes:
        field: The field that is wrong; empty for none in particular.
        message: What is wrong, following the field's name in a sentence.
        hint: What would be right.
        file: The file, as the user named it; for a table in memory, the set's name; empty if it is not known yet.
        shot: Id of the shot, or its place (``line 31``) if it has none; empty for the file as a whole.
        place: Where the shot starts (``line 31``), as `shot` may be its id; empty if it is not known.
    """

    field: str
    message: str
    hint: str
    file: str = ""
    shot: str = ""
    place: str = ""

    def __str__(self) -> str:
        # An id does not contain a space, a place does.
        where = self.shot if " " in self.shot else f'shot "{self.shot}"' if self.shot else ""
        if self.place and self.place != self.shot:
            where = f"{where} ({self.place})"
        parts = [part for part in (self.file, where, self.field, f"{self.message}; {self.hint}") if part]
        return _printable(": ".join(parts))


class TtvError(Exception):
    """Something that a person can put right; the message says what is wrong and what to do.

    Attributes:
        exit_code: The exit code of a `ttv` command that fails with it: 2 if what it was given is wrong, 1 if the work
            failed.
    """

    exit_code = 2


class PromptSetError(TtvError, ValueError):
    """A prompt set is refused as a whole.

    Attributes:
        problems: Every problem, in the order of the file.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = list(problems)
        super().__init__(self.problems)

    def __str__(self) -> str:
        printed = [str(problem) for problem in self.problems[:_MAX_PRINTED]]
        if len(self.problems) > _MAX_PRINTED:
            printed.append(f"... and {len(self.problems) - _MAX_PRINTED:,} more")
        return "\n".join(printed)


class Unreadable(Exception):
    """The rest of a file cannot be read.

    Attributes:
        place: Where that is, such as ``line 31``; empty for the file as a whole.
        message: What is wrong there.
        hint: What would be right.
    """

    def __init__(self, place: str, message: str, hint: str) -> None:
        super().__init__(place, message, hint)
        self.place, self.message, self.hint = place, message, hint


class Problems:
    """Collects the problems of one file; a file of garbage does not take more memory than a small one."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._kept: list[Problem] = []
        self._more = 0

    def __bool__(self) -> bool:
        return bool(self._kept)

    @property
    def full(self) -> bool:
        """Return whether further problems are only counted."""
        return len(self._kept) >= MAX_PROBLEMS

    def add(self, *, message: str, hint: str, shot: str = "", field: str = "", place: str = "") -> None:
        """Note a problem; see `Problem` for the arguments."""
        if self.full:
            self._more += 1
        else:
            self._kept.append(Problem(field, message, hint, self._file, shot, place))

    def count(self, number: int) -> None:
        """Note that there are so many more, without details."""
        self._more += number

    def error(self) -> PromptSetError:
        """Return the error with every problem."""
        if not self._more:
            return PromptSetError(self._kept)
        rest = Problem("", f"{self._more:,} more problems are not listed", "fix these first", self._file)
        return PromptSetError([*self._kept, rest])


def _printable(text: str) -> str:
    """Return the text without anything that a terminal would execute or could not print."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)


def shown(value: object) -> str:
    """Return a wrong value for a message: quoted, short, and safe to print."""
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
    """Return the name of an unknown field, for a message."""
    if isinstance(name, str) and name.isprintable() and 0 < len(name) <= _LONGEST_SHOWN:
        return name
    return shown(name)


def did_you_mean(name: object, known: Collection[str]) -> str | None:
    """Return the known name that `name` was probably meant to be; None if there is none."""
    if not isinstance(name, str) or len(name) > _LONGEST_SHOWN:
        return None
    plain = name.strip().lower().replace(" ", "_").replace("-", "_")
    return next(iter(difflib.get_close_matches(plain, known, n=1)), None)
