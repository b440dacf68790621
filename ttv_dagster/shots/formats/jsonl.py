"""JSONL files: one JSON object per line."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from ttv_dagster.shots.formats.rows import UNREADABLE, Row
from ttv_dagster.shots.formats.text import lines
from ttv_dagster.shots.problems import Problems, shown, shown_name

_OBJECT = 'an object such as {"prompt": "a fox"} on each line'


def read_jsonl(data: bytes, problems: Problems) -> Iterator[Row]:
    """Yield the shots of a JSONL file.

    Args:
        data: The file, in UTF-8.
        problems: Where problems in the form of the file are noted.

    Raises:
        Unreadable: The rest of the file cannot be read.
    """
    twice: list[str] = []

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        fields = dict(pairs)
        if len(fields) < len(pairs):
            twice.extend(name for name, times in Counter(name for name, _ in pairs).items() if times > 1)
        return fields

    decode = json.JSONDecoder(object_pairs_hook=once).decode
    for number, line in enumerate(lines(data), 1):
        if line.isspace():
            continue
        place, message = f"line {number}", ""
        fields: object = None
        try:
            fields = decode(line)
        except json.JSONDecodeError as error:
            message = f"is not JSON: {error.msg.lower()} at character {error.pos + 1:,}"
        except RecursionError:
            message = "is nested too deeply"
        except ValueError:
            message = "has a number with thousands of digits"
        else:
            if not isinstance(fields, dict):
                message = f"is {shown(fields)}"
        if message:
            problems.add(shot=place, message=message, hint=_OBJECT)
        for name in twice:
            problems.add(shot=place, field=shown_name(name), message="is given twice", hint="one value")
        twice.clear()
        yield Row(place, fields if isinstance(fields, dict) else {"prompt": UNREADABLE})
