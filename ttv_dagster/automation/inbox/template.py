"""Prompts with gaps: a text such as ``{caption}, slow push in``, filled from an image's caption or a table's row."""

import string
from collections.abc import Collection, Mapping

from ttv_dagster.shots.problems import TtvError, did_you_mean


class TemplateError(TtvError, ValueError):
    """A template cannot be filled; the message says what would be right."""


class Template:
    """A text whose gaps are names in braces; ``{{`` and ``}}`` are braces.

    Args:
        text: The text.
        where: What it is, for messages.

    Raises:
        TemplateError: A brace is open, or a gap contains more than a name.
    """

    def __init__(self, text: str, where: str) -> None:
        self._where = where
        self._parts: list[tuple[str, str | None]] = []
        try:
            for literal, name, form, conversion in string.Formatter().parse(text):
                # Nothing but names: a format could reach into the values.
                if name is not None and (not name.isidentifier() or form or conversion):
                    raise TemplateError(f"{where}: {{{name}}} is not a gap; a gap is a name, such as {{caption}}")
                self._parts.append((literal, name))
        except ValueError as error:
            if isinstance(error, TemplateError):
                raise
            raise TemplateError(f"{where}: {error}; write {{{{ for a brace") from None

    @property
    def names(self) -> set[str]:
        """Return the names of its gaps."""
        return {name for _, name in self._parts if name is not None}

    def check(self, known: Collection[str]) -> None:
        """Make sure that every gap can be filled.

        Raises:
            TemplateError: One cannot.
        """
        for name in sorted(self.names - set(known)):
            near = did_you_mean(name, known)
            hint = f"did you mean {near}?" if near else f"there are {', '.join(sorted(known))}"
            raise TemplateError(f"{self._where}: there is no {name}; {hint}")

    def fill(self, values: Mapping[str, object]) -> str:
        """Return the text with its gaps filled."""
        return "".join(literal + ("" if name is None else str(values[name])) for literal, name in self._parts)
