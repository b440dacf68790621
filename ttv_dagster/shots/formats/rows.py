"""From the rows of a file to a prompt set: what every format has in common once it is read."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar

from pydantic import ValidationError
from pydantic_core import PydanticCustomError

from ttv_dagster.shots import values
from ttv_dagster.shots.names import SET_NAME_RULE, is_set_name, slug
from ttv_dagster.shots.problems import Problems, Unreadable, did_you_mean, shown, shown_name
from ttv_dagster.shots.shot import MAX_SHOTS, FindImage, PromptSet, Shot

T = TypeVar("T")

FIELDS = tuple(Shot.model_fields)
NOT_DEFAULTS = ("id", "prompt", "image", "last_image", "continues")
DEFAULTS = tuple(name for name in FIELDS if name not in NOT_DEFAULTS)
MAX_FIELDS = 64
"""A shot with more is not read any further: a file of made-up fields is refused quickly."""

_FIELDS = frozenset(FIELDS)
_MISSING = {"message": "is missing", "hint": "say what the shot shows"}

UNREADABLE = object()
"""The value of a field whose problem is already noted."""


class Row(NamedTuple):
    """What a file says about one shot.

    Attributes:
        place: Where it starts, such as ``line 31``.
        fields: Its fields as the format gives them; None is the same as a missing field.
    """

    place: str
    fields: Mapping[str, object]


@dataclass
class Draft:
    """What a file says about a set, before anything is validated.

    Attributes:
        name: Its name.
        rows: Its shots, in order. Reading them may note problems.
        defaults: The values for every shot that does not set its own.
    """

    name: str
    rows: Iterable[Row]
    defaults: Row = field(default_factory=lambda: Row("", {}))


def check_position(position: int, place: str) -> None:
    """Stop at the shot that is one too many.

    Raises:
        Unreadable: It is.
    """
    if position > MAX_SHOTS:
        raise Unreadable(place, f"starts shot {position:,} of the set", f"at most {MAX_SHOTS:,} shots per set")


def unknown_field(name: object, known: Sequence[str]) -> tuple[str, str]:
    """Return what is wrong with a field that does not exist, and what would be right."""
    if near := did_you_mean(name, known):
        return "unknown field", f"did you mean {near}?"
    engine = "; an engine's own parameter goes into params" if "params" in known else ""
    return "unknown field", f"one of {', '.join(known)}{engine}"


def build(draft: Draft, find_image: FindImage, problems: Problems) -> PromptSet:
    """Validate a draft as a whole.

    Args:
        draft: What the file says.
        find_image: Finds and checks the images that the shots name.
        problems: Where the draft's reader notes its problems; those found here are added.

    Raises:
        PromptSetError: There is any problem; it carries every one.
    """
    if not is_set_name(draft.name):
        near = slug(draft.name)
        hint = f"{SET_NAME_RULE}, such as {near}" if near else SET_NAME_RULE
        problems.add(field="name", message=f"is {shown(draft.name)}", hint=hint)
    defaults = _defaults(draft.defaults, problems)
    shots: list[Shot] = []
    places: dict[str, str] = {}
    try:
        for position, row in enumerate(draft.rows, 1):
            check_position(position, row.place)
            shot = _shot(row, position, defaults, places, find_image, problems)
            if shot is not None:
                shots.append(shot)
    except Unreadable as rest:
        problems.add(shot=rest.place, message=rest.message, hint=rest.hint)
    if not shots and not problems:
        problems.add(message="has no shots", hint="at least one shot, with a prompt")
    if problems:
        raise problems.error()
    return PromptSet(name=draft.name, shots=tuple(shots))


@dataclass(frozen=True)
class _Notes:
    """Where the problems of one row are noted, and how they are named."""

    problems: Problems
    shot: str
    place: str
    prefix: str = ""

    def add(self, field: str, message: str, hint: str) -> None:
        name = f"{self.prefix}{field}"
        self.problems.add(shot=self.shot, place=self.place, field=name, message=message, hint=hint)


def _defaults(row: Row, problems: Problems) -> dict[str, object]:
    """Return the defaults, read once for all shots; none of them if one is wrong."""
    notes = _Notes(problems, row.place, row.place, prefix="defaults.")
    given = _given(row.fields)
    for name in NOT_DEFAULTS:
        if given.pop(name, None) is not None:
            notes.add(name, "can only be set for each shot", "set it in the shots")
    named = {"id": "defaults", "prompt": "defaults", **given}
    read = _validated(named, DEFAULTS, None, notes)
    return {name: getattr(read, name) for name in given if name in DEFAULTS} if read else {}


def _shot(
    row: Row,
    position: int,
    defaults: Mapping[str, object],
    places: dict[str, str],
    find_image: FindImage,
    problems: Problems,
) -> Shot | None:
    """Return the shot of a row, its id put among the `places`; None if the model refuses it."""
    if len(row.fields) > MAX_FIELDS:
        problems.add(shot=row.place, message="has too many fields", hint=f"some of {', '.join(FIELDS)}")
        return None
    fields = _merged(defaults, _given(row.fields))
    shot_id = own_id = _meant(values.shot_id, fields.get("id"))
    if values.is_blank(fields.get("id")):
        shot_id = fields["id"] = f"shot-{position:04d}"
    notes = _Notes(problems, own_id or row.place, row.place)
    shot = _validated(fields, FIELDS, find_image, notes)
    if position == 1 and _meant(values.truth, fields.get("continues")):
        notes.add(
            "continues", "is true for the first shot", "a shot before it, or a shot that does not continue another"
        )
    if shot_id in places:
        message = f"is already the id of {places[shot_id]}"
        made = "" if own_id else f"is not given, and {shot_id} (by its position) "
        notes.add("id", made + message, "a unique id")
    elif shot_id is not None:
        places[shot_id] = row.place
    return shot


def _validated(
    fields: dict[str, object], known: Sequence[str], find_image: FindImage | None, notes: _Notes
) -> Shot | None:
    """Return the shot of those fields, less the unknown; None if the model refuses it. Every problem is noted."""
    for name in [name for name in fields if name not in _FIELDS]:
        del fields[name]
        if notes.problems.full:
            notes.problems.count(1)
        else:
            notes.add(shown_name(name), *unknown_field(name, known))
    try:
        return Shot.model_validate(fields, context=find_image)
    except ValidationError as error:
        for item in error.errors(include_url=False, include_input=False):
            first, *rest = item["loc"]
            if fields.get(str(first)) is UNREADABLE:
                continue
            # Pydantic marks the name of a parameter if the name is what is wrong.
            names = [first, *(part for part in rest if part != "[key]")]
            words = item.get("ctx", _MISSING)
            notes.add(".".join(map(shown_name, names)), words["message"], words["hint"])
    return None


def _given(fields: Mapping[str, object]) -> dict[str, object]:
    """Return the fields that have a value, and those that do not exist."""
    return {name: value for name, value in fields.items() if value is not None or name not in _FIELDS}


def _merged(defaults: Mapping[str, object], fields: dict[str, object]) -> dict[str, object]:
    """Return the fields of a shot over the defaults; params are merged key by key."""
    merged = {**defaults, **fields}
    common, own = defaults.get("params"), fields.get("params")
    if isinstance(common, dict) and isinstance(own, dict):
        merged["params"] = {**common, **own}
    return merged


def _meant(read: Callable[[object], T], value: object) -> T | None:
    """Return what the value is read as; None if it cannot be."""
    try:
        return read(value)
    except PydanticCustomError:
        return None
