"""YAML as a stream of events, without what no one writes by hand.

Plain values keep their text (the prompt `no` is the text "no"), and there is nothing to expand, to construct or to
recurse into: anchors, aliases, tags and merge keys are problems.
"""

import re
from collections.abc import Callable, Iterator
from typing import cast

import yaml
from yaml.reader import ReaderError

from ttv_dagster.shots.formats.text import line_at
from ttv_dagster.shots.problems import Problems, Unreadable, shown, shown_name

_MAX_KEYS = 64
_DEEPEST = 20
_MAX_SKIPPED = 100_000
_QUOTES = "valid YAML: text with ': ' or ' #', or starts with a sign, goes in quotes"
_PLAIN = "the value alone; text that starts with such a sign goes in quotes"
_NULLS = frozenset(("", "~", "null", "Null", "NULL"))
_STARTS = (yaml.SequenceStartEvent, yaml.MappingStartEvent)
_ENDS = (yaml.SequenceEndEvent, yaml.MappingEndEvent)
# For every tag directive libyaml searches all the earlier ones: thousands would take hours.
_TAG_DIRECTIVE = re.compile(rb"(?:\A|[\r\n]|\xc2\x85|\xe2\x80[\xa8\xa9])%TAG")


def place(event: yaml.Event) -> str:
    """Return where an event stands in the file."""
    return f"line {event.start_mark.line + 1}" if event.start_mark else ""


def kind(event: yaml.Event) -> str:
    """Return what an event is the start of, for a message."""
    if isinstance(event, yaml.MappingStartEvent):
        return "a mapping"
    return "a list" if isinstance(event, yaml.SequenceStartEvent) else "text"


def is_null(event: yaml.Event) -> bool:
    """Return whether an event is an empty value."""
    return isinstance(event, yaml.ScalarEvent) and not event.style and event.value in _NULLS


class Events:
    """The events of one file, in order. Every method raises `Unreadable` if the rest cannot be read.

    Args:
        data: The file, in UTF-8.
        problems: Where anchors, aliases, tags, merge keys and keys given twice are noted.
    """

    def __init__(self, data: bytes, problems: Problems) -> None:
        self._data = data
        self._problems = problems
        self._skipped = 0
        # None comes after the end of the stream only, and no one reads past that.
        self._get = cast(Callable[[], yaml.Event], yaml.CSafeLoader(data).get_event)
        if b"%TAG" in data and (directive := _TAG_DIRECTIVE.search(data)):
            raise Unreadable(line_at(data, directive.end()), "declares a tag", "values without tags")

    def next(self) -> yaml.Event:
        """Return the next event; an anchor, an alias or a tag is noted, and returned all the same."""
        try:
            event = self._get()
        except ReaderError as error:
            message = f"contains a character that YAML does not allow, U+{error.character:04X}"
            hint = "its escape, in double quotes"
            raise Unreadable(line_at(self._data, error.position), message, hint) from None
        except yaml.MarkedYAMLError as error:
            # An open quote is detected at the end of the file; it helps to know where it starts.
            mark = error.context_mark if "quoted" in (error.context or "") else error.problem_mark
            where = f"line {mark.line + 1}" if mark else ""
            raise Unreadable(where, f"is not YAML: {error.problem}", _QUOTES) from None
        if isinstance(event, yaml.NodeEvent) and (event.anchor is not None or getattr(event, "tag", None) is not None):
            self._check(event)
        return event

    def pairs(self) -> Iterator[tuple[str, yaml.Event]]:
        """Keys and values of the mapping that has just started; the caller reads what a value starts."""
        seen: set[str] = set()
        while not isinstance(key := self.next(), yaml.MappingEndEvent):
            if not isinstance(key, yaml.ScalarEvent):
                raise Unreadable(place(key), "has a key that is not a name", "name: value")
            name = key.value
            if len(seen) >= _MAX_KEYS:
                raise Unreadable(place(key), f"is in a mapping of more than {_MAX_KEYS} keys", "fields of a shot")
            if name in seen:
                self._note(key, shown_name(name), "is given twice", "one value")
            seen.add(name)
            value = self.next()
            if name == "<<":
                self._note(key, name, "is a merge key, which is not read", "the fields themselves, or defaults")
                self.skip(value)
            else:
                yield name, value

    def skip(self, event: yaml.Event) -> None:
        """Skip a value and everything in it."""
        depth = 0
        while True:
            if isinstance(event, _STARTS):
                depth += 1
            elif isinstance(event, _ENDS):
                depth -= 1
            self._skipped += 1
            if depth > _DEEPEST or self._skipped > _MAX_SKIPPED:
                raise Unreadable(place(event), "contains too much that a shot does not have", "the fields of a shot")
            if depth == 0:
                return
            event = self.next()

    def _check(self, event: yaml.NodeEvent) -> None:
        tag = getattr(event, "tag", None)
        if isinstance(event, yaml.AliasEvent):
            self._note(event, "", f"refers to an anchor, {shown(f'*{event.anchor}')}", _PLAIN)
        elif event.anchor is not None:
            self._note(event, "", f"has an anchor, {shown(f'&{event.anchor}')}", _PLAIN)
        if tag is not None:
            self._note(event, "", f"has a tag, {shown(tag)}", _PLAIN)

    def _note(self, event: yaml.Event, field: str, message: str, hint: str) -> None:
        self._problems.add(shot=place(event), field=field, message=message, hint=hint)
