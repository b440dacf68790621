"""YAML files: a mapping with the shots, and optionally a name and defaults."""

import sys
from collections import deque
from collections.abc import Iterator

import yaml

from ttv_dagster.shots import values
from ttv_dagster.shots.formats.rows import FIELDS, UNREADABLE, Draft, Row, check_position, unknown_field
from ttv_dagster.shots.formats.yaml_events import Events, is_null, kind, place
from ttv_dagster.shots.problems import Problems, Unreadable, shown_name

_TOP: dict[str, tuple[type[yaml.Event], str]] = {
    "name": (yaml.ScalarEvent, "one name"),
    "defaults": (yaml.MappingStartEvent, "a mapping of the fields of every shot"),
    "shots": (yaml.SequenceStartEvent, "a list of shots, each with a prompt"),
}


def read_yaml(data: bytes, name: str, problems: Problems) -> Draft:
    """Return what a YAML file says about a set, as far as it can be read.

    Args:
        data: The file, in UTF-8.
        name: Name of the set if the file does not give one.
        problems: Where problems in the form of the file are noted.
    """
    rows: deque[Row] = deque()
    draft = Draft(name, _drained(rows))
    try:
        _read_stream(Events(data, problems), draft, rows, problems)
    except Unreadable as rest:
        problems.add(shot=rest.place, message=rest.message, hint=rest.hint)
    return draft


def _read_stream(events: Events, draft: Draft, rows: deque[Row], problems: Problems) -> None:
    events.next()  # the start of the stream
    if isinstance(events.next(), yaml.StreamEndEvent):
        return
    root = events.next()
    if isinstance(root, yaml.MappingStartEvent):
        _read_top(events, draft, rows, problems)
    elif not is_null(root):
        raise Unreadable(place(root), f"is {kind(root)}", "a mapping with shots, and a name and defaults if wanted")
    events.next()  # the end of the document
    if isinstance(rest := events.next(), yaml.DocumentStartEvent):
        raise Unreadable(place(rest), "starts a second document", "one set per file")


def _read_top(events: Events, draft: Draft, rows: deque[Row], problems: Problems) -> None:
    for key, event in events.pairs():
        wanted, hint = _TOP.get(key, (yaml.Event, ""))
        if key not in _TOP:
            message, hint = unknown_field(key, tuple(_TOP))
            problems.add(shot=place(event), field=shown_name(key), message=message, hint=hint)
            events.skip(event)
        elif is_null(event) or isinstance(event, yaml.AliasEvent):
            continue
        elif not isinstance(event, wanted):
            problems.add(shot=place(event), field=key, message=f"is {kind(event)}", hint=hint)
            events.skip(event)
        elif isinstance(event, yaml.ScalarEvent):
            draft.name = event.value.strip()
        elif isinstance(event, yaml.MappingStartEvent):
            draft.defaults = Row(place(event), _fields(events))
        else:
            _read_shots(events, rows)


def _read_shots(events: Events, rows: deque[Row]) -> None:
    while not isinstance(event := events.next(), yaml.SequenceEndEvent):
        where = place(event)
        check_position(len(rows) + 1, where)
        if isinstance(event, yaml.MappingStartEvent):
            rows.append(Row(where, _fields(events)))
        else:
            rows.append(Row(where, {"prompt": _value(events, event)}))


def _drained(rows: deque[Row]) -> Iterator[Row]:
    # Row by row, so that raw and validated shots are not in memory side by side.
    while rows:
        yield rows.popleft()


def _fields(events: Events) -> dict[str, object]:
    """Return the fields of the shot or the defaults that have just started; unknown fields as empty text."""
    fields: dict[str, object] = {}
    for key, event in events.pairs():
        if key not in FIELDS:
            events.skip(event)
            fields[key] = ""
        elif key == "params" and isinstance(event, yaml.MappingStartEvent):
            fields[key] = _params(events)
        else:
            fields[key] = _value(events, event)
    return fields


def _params(events: Events) -> dict[str, object]:
    """Return the parameters of an engine, up to the first that is too many."""
    params: dict[str, object] = {}
    for key, event in events.pairs():
        value = _value(events, event)
        if value is not UNREADABLE and len(params) <= values.MAX_PARAMS:
            plain = isinstance(event, yaml.ScalarEvent) and not event.style
            params[sys.intern(key)] = values.untyped(str(value)) if plain and value is not None else value
    return params


def _value(events: Events, event: yaml.Event) -> object:
    """Return a scalar's text, None if it is empty; what no field can have is skipped, and stays wrong."""
    if isinstance(event, yaml.ScalarEvent):
        return None if is_null(event) else event.value
    if isinstance(event, yaml.AliasEvent):
        return UNREADABLE
    events.skip(event)
    return {} if isinstance(event, yaml.MappingStartEvent) else []
