"""The settings file `ttv.toml`: found, read as a file that may be hostile, and remembered line by line."""

import os
import stat
import tomllib
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

NAME = "ttv.toml"
VARIABLE = "TTV_SETTINGS_FILE"
"""Names the settings file, whatever the working folder is; `ttv` sets it for the processes that it starts."""

LARGEST = 64 * 1024
"""Bytes. A settings file that is written by a person has a few thousand."""

_LONGEST_STATEMENT = 500
"""Lines. What comes after a longer one has no line numbers: to find them would take too long."""


class SettingsError(ValueError):
    """The settings cannot be used; the message says which one, where it comes from and what would be right."""


@dataclass(frozen=True, slots=True)
class SettingsFile:
    """What a settings file says.

    Attributes:
        path: The file; None if there is none.
        values: Its keys and tables.
        lines: The line of each key, counted from 1, by ``key`` or ``table.key``.
    """

    path: Path | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    lines: Mapping[str, int] = field(default_factory=dict)

    def where(self, key: str) -> str:
        """Say where a key is, as ``ttv.toml:3``."""
        line = self.lines.get(key) or self.lines.get(key.partition(".")[0])
        return f"{self.path}:{line}" if line else str(self.path)


def find_settings_file(environment: Mapping[str, str] | None = None, folder: Path | None = None) -> Path | None:
    """Find the settings file: the one of `TTV_SETTINGS_FILE`, else that of `TTV_HOME`, else the nearest one upward.

    Args:
        environment: Environment variables; those of this process if None.
        folder: Where to begin; the working folder if None.

    Raises:
        SettingsError: `TTV_SETTINGS_FILE` names no file.
    """
    environment = os.environ if environment is None else environment
    if named := environment.get(VARIABLE):
        path = Path(named).expanduser().absolute()
        if not os.path.lexists(path):
            raise SettingsError(f"{VARIABLE} names {path}, which does not exist; unset it, or name a {NAME}")
        return path
    if home := environment.get("TTV_HOME"):
        candidates = [Path(home).expanduser().absolute() / NAME]
    else:
        start = (folder or Path.cwd()).absolute()
        candidates = [each / NAME for each in (start, *start.parents)]
    return next((path for path in candidates if os.path.lexists(path)), None)


def read_settings_file(path: Path | None) -> SettingsFile:
    """Read a settings file.

    A file of another user, neither this one nor root, is ignored with a warning: it could turn anything on.

    Raises:
        SettingsError: It is not a regular file, is too large, or is not TOML.
    """
    if path is None:
        return SettingsFile()
    data = _read(path)
    if data is None:
        return SettingsFile()
    try:
        text = data.decode("utf-8-sig").replace("\r\n", "\n")
        values = tomllib.loads(text)
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path}: is not UTF-8 text (byte {error.start})") from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path}: is not TOML: {error}") from None
    except RecursionError:
        raise SettingsError(f"{path}: is nested too deeply; settings are keys, and tables of keys") from None
    except ValueError:  # of int(), for a number of thousands of digits
        raise SettingsError(f"{path}: has a number that is too long") from None
    return SettingsFile(path, values, _lines(text))


def _read(path: Path) -> bytes | None:
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise SettingsError(f"{path}: is not a regular file; settings are in a text file {NAME}")
        # Should it have become a pipe since, opening it must not wait for a writer.
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
            found = os.fstat(file.fileno())
            if found.st_uid not in (0, os.geteuid()):
                warnings.warn(f"{path} belongs to another user and is ignored", stacklevel=2)
                return None
            data = file.read(LARGEST + 1)
    except OSError as error:
        raise SettingsError(f"{path}: cannot be read: {(error.strerror or str(error)).lower()}") from None
    if len(data) > LARGEST:
        raise SettingsError(f"{path}: has more than {LARGEST // 1024} KiB; settings are a few lines")
    return data


def _lines(text: str) -> dict[str, int]:
    """Find the line of each key. tomllib tells none, but the statements of a document that parses do so one by one."""
    lines: dict[str, int] = {}
    table = ""
    statement: list[str] = []
    for number, line in enumerate(text.split("\n"), 1):
        statement.append(line)
        try:
            parsed = tomllib.loads("\n".join(statement))
        except (ValueError, RecursionError):
            if len(statement) > _LONGEST_STATEMENT:
                break
            continue
        start = number - len(statement) + 1
        is_header = statement[0].lstrip().startswith("[")
        statement = []
        keys = [f"{table}.{key}" if table and not is_header else key for key in _keys(parsed)]
        if is_header:
            table = keys[-1]
        for key in keys:
            lines.setdefault(key, start)
    return lines


def _keys(values: Mapping[str, Any], above: str = "") -> Iterator[str]:
    for name, value in values.items():
        yield above + name
        inner = value[0] if isinstance(value, list) and value else value  # [[tables]]
        if isinstance(inner, dict):
            yield from _keys(inner, f"{above}{name}.")
