"""Names that are safe everywhere: as a partition key, in a URL, and as a file name on every system."""

import re

from anyascii import anyascii

LONGEST_NAME = 100
NAME_RULE = f"letters, digits, '.', '_' and '-', starting with a letter or digit, at most {LONGEST_NAME} of them"
SET_NAME_RULE = f"{NAME_RULE}; no '..', no '.' at the end, and no name that Windows keeps for a device"

_NAME = re.compile(rf"[A-Za-z0-9][A-Za-z0-9._-]{{0,{LONGEST_NAME - 1}}}")
# Windows keeps these for devices, with every ending and in every case.
_DEVICE = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?", re.IGNORECASE)


def is_shot_id(text: str) -> bool:
    """Return whether `text` can be the id of a shot."""
    return _NAME.fullmatch(text) is not None


def is_set_name(text: str) -> bool:
    """Return whether `text` can name a prompt set: safe as a Dagster partition key and as a file name everywhere."""
    return (
        _NAME.fullmatch(text) is not None
        and ".." not in text
        and not text.endswith(".")
        and _DEVICE.fullmatch(text) is None
    )


def slug(text: str) -> str:
    """Return the nearest valid name of a set or a shot; empty if nothing of `text` is valid.

    Example:
        >>> slug("My Prompts (2)")
        'My-Prompts-2'
    """
    words = re.findall(r"[A-Za-z0-9_]+(?:\.[A-Za-z0-9_]+)*", anyascii(text[:LONGEST_NAME]))
    name = "-".join(words).strip("._-")
    if _DEVICE.fullmatch(name):
        name = f"set-{name}"
    return name[:LONGEST_NAME].rstrip("._-")
