"""TXT files: every line that is not empty is a prompt, whatever it starts with: there are no comments."""

from collections.abc import Iterator

from ttv_dagster.shots.formats.rows import Row
from ttv_dagster.shots.formats.text import lines


def read_txt(data: bytes) -> Iterator[Row]:
    """Yield the shots of a TXT file in UTF-8.

    Raises:
        Unreadable: The rest of the file cannot be read.
    """
    for number, line in enumerate(lines(data), 1):
        if not line.isspace():
            yield Row(f"line {number}", {"prompt": line})
