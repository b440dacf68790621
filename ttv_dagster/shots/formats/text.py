"""From the bytes of a text file to its lines: encodings, and lines of a size that a shot can have."""

import codecs
import io
from collections.abc import Iterator

from ttv_dagster.shots.problems import Unreadable

LONGEST_LINE = 1_000_000
MAX_LINES = 2_000_000

_UTF8_RULE = "save it as UTF-8"


def as_utf8(data: bytes) -> bytes:
    """Return the text of a file as UTF-8 without a byte-order mark; UTF-16 needs one, as spreadsheets write it.

    Raises:
        Unreadable: It is in another encoding, contains NUL bytes, or has too many lines.
    """
    if data.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        raise Unreadable("", "is written in UTF-32", _UTF8_RULE)
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        try:
            data = data.decode("utf-16").encode()
        except UnicodeDecodeError:
            raise Unreadable("", "is not the UTF-16 that its first bytes promise", _UTF8_RULE) from None
    else:
        try:
            data.decode()
        except UnicodeDecodeError as error:
            message = f"is not UTF-8: byte {error.start + 1:,} is 0x{data[error.start]:02X}"
            raise Unreadable(line_at(data, error.start), message, _UTF8_RULE) from None
        data = data.removeprefix(codecs.BOM_UTF8)
    if (nul := data.find(b"\0")) >= 0:
        raise Unreadable(line_at(data, nul), "contains a NUL byte, which text never does", _UTF8_RULE)
    if max(data.count(b"\n"), data.count(b"\r")) > MAX_LINES:
        raise Unreadable("", f"has more than {MAX_LINES:,} lines", "split it into several files")
    return data


def line_at(data: bytes, byte: int) -> str:
    """Return the place of the line that a byte is in."""
    number = data.count(b"\n", 0, byte) + 1
    return f"line {number}"


def lines(data: bytes) -> Iterator[str]:
    r"""Yield the lines of UTF-8 text with their ends, which are `\n`, `\r\n` or `\r`.

    Raises:
        Unreadable: A line is longer than any shot; those before it have been given.
    """
    with io.TextIOWrapper(io.BytesIO(data), "utf-8", newline="") as text:
        number = 0
        while line := text.readline(LONGEST_LINE + 1):
            number += 1
            if len(line) > LONGEST_LINE:
                message = f"is longer than {LONGEST_LINE:,} characters"
                raise Unreadable(f"line {number}", message, "one shot per line")
            yield line
