"""CSV files: a first row that names the columns, then a shot a row, as spreadsheets write them."""

import csv
from collections.abc import Iterator

from ttv_dagster.shots.formats.columns import Columns
from ttv_dagster.shots.formats.rows import Row
from ttv_dagster.shots.formats.text import LONGEST_LINE, lines
from ttv_dagster.shots.problems import Problems, Unreadable

_SEPARATORS = ",;\t"
_QUOTES = 'a cell with a separator, a quote or a line end goes in "double quotes", with quotes in it doubled'


def read_csv(data: bytes, problems: Problems) -> Iterator[Row]:
    """Yield the shots of a CSV file, separated by commas, semicolons or tabs: whichever the first row has most of.

    Args:
        data: The file, in UTF-8.
        problems: Where problems in the form of the file are noted.

    Raises:
        Unreadable: The rest of the file cannot be read.
    """
    columns: Columns | None = None
    for place, cells in _records(data):
        if columns is None:
            columns = Columns(_without_empty_end(cells), place, problems)
            continue
        if any(map(str.strip, cells[len(columns) :])):
            message = f"has {len(cells)} cells, and there are {len(columns)} columns"
            problems.add(shot=place, message=message, hint=_QUOTES)
        row = columns.row(cells, place)
        if row is not None:
            yield row


def _without_empty_end(cells: list[str]) -> list[str]:
    """Return the cells up to the last one that is not empty: spreadsheets write columns that were once used."""
    width = max(number for number, cell in enumerate(cells, 1) if cell.strip())
    return cells[:width]


def _records(data: bytes) -> Iterator[tuple[str, list[str]]]:
    """Yield the records that are not empty, each with the line where it starts."""
    length = 0

    def bounded() -> Iterator[str]:
        nonlocal length
        for line in lines(data):
            length += len(line)
            if length > LONGEST_LINE:
                # One quote too many, and the rest of the file is one record.
                raise csv.Error(f"a record of more than {LONGEST_LINE:,} characters")
            yield line

    header = next((line for line in lines(data) if line.strip()), "")
    separator = max(_SEPARATORS, key=header.count)
    reader = csv.reader(bounded(), delimiter=separator, skipinitialspace=True, strict=True)
    while True:
        place = f"line {reader.line_num + 1}"
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise Unreadable(place, f"cannot be read as CSV ({error})", _QUOTES) from None
        if cells is None:
            return
        length = 0
        if any(map(str.strip, cells)):
            yield place, cells
