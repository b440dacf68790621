"""What CSV files and pandas frames share: columns that name fields, and rows of cells."""

from collections.abc import Sequence

from ttv_dagster.shots import values
from ttv_dagster.shots.formats.rows import FIELDS, UNREADABLE, Row, unknown_field
from ttv_dagster.shots.problems import Problems, Unreadable, shown_name

MAX_COLUMNS = len(FIELDS) + values.MAX_PARAMS

_PARAM = "params."
_FIELDS = tuple(name for name in FIELDS if name != "params")


class Columns:
    """The columns of a table: the fields of a shot, and ``params.<name>`` for an engine's own parameters."""

    def __init__(self, names: Sequence[object], place: str, problems: Problems) -> None:
        """Read a header.

        Args:
            names: The names of the columns.
            place: Where the header is.
            problems: Where the problems in it are noted.

        Raises:
            Unreadable: It has more columns than a shot can have fields.
        """
        if len(names) > MAX_COLUMNS:
            raise Unreadable(place, f"names {len(names):,} columns", f"at most {MAX_COLUMNS} columns")
        self._names: list[str | None] = []
        for given in names:
            name = given.strip() if isinstance(given, str) else given
            message = self._wrong_with(name)
            if message is not None:
                problems.add(shot=place, field=shown_name(name), message=message[0], hint=message[1])
            self._names.append(name if isinstance(name, str) and message is None else None)
        self._has_prompt = "prompt" in self._names
        if not self._has_prompt:
            problems.add(
                shot=place, field="prompt", message="is not in the header", hint="a first row that names the columns"
            )

    def _wrong_with(self, name: object) -> tuple[str, str] | None:
        """Return what is wrong with the name of the next column, and what would be right; None if nothing is."""
        if not isinstance(name, str) or (name not in _FIELDS and not name.startswith(_PARAM)):
            return unknown_field(name, (*_FIELDS, f"{_PARAM}<name>"))
        if name in self._names:
            return "names two columns", "one column for each field"
        if name not in _FIELDS and not values.is_param_name(name.removeprefix(_PARAM)):
            return "is not a valid parameter name", values.PARAM_NAME_RULE
        return None

    def __len__(self) -> int:
        return len(self._names)

    def row(self, cells: Sequence[object], place: str) -> Row | None:
        """Return the row of those cells; None if all are empty. An empty cell is a missing value."""
        fields: dict[str, object] = {}
        params: dict[str, object] = {}
        for name, cell in zip(self._names, cells, strict=False):
            if name is None or values.is_blank(cell):
                continue
            if name.startswith(_PARAM):
                # A cell has no type of its own: 30 is a number.
                params[name.removeprefix(_PARAM)] = values.untyped(cell.strip()) if isinstance(cell, str) else cell
            else:
                fields[name] = cell
        if params:
            fields["params"] = params
        if fields and not self._has_prompt:
            fields["prompt"] = UNREADABLE
        return Row(place, fields) if fields else None
