"""TXT files: a prompt a line. Every line that is not empty is one, whatever it starts with: no comments."""

from collections.abc import Iterator

from ttv_dagster.shots.formats.rows import Row
from ttv_dagster.shots.formats.text import lines


def read_txt(data: bytes) -> Iterator[Row]:
    """The shots of a TXT file in UTF-8.

    Raises:
        Unreadable: Nothing more can be read of it.
    """
    for number, line in enumerate(lines(data), 1):
        if not line.isspace():
            yield Row(f"line {number}", {"prompt": line})
