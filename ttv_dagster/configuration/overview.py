"""Every setting in force: its value, where it came from and what it means."""

import json
import os
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined
from pydantic_settings import BaseSettings

from ttv_dagster.configuration.settings_file import SettingsFile, find_settings_file, read_settings_file
from ttv_dagster.configuration.source import is_secret, settings_of, variable_of

_WIDTH = 100


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting.

    Attributes:
        key: Its key in the settings file, such as ``fastvideo.offload``.
        variable: Its environment variable.
        value: Its value as JSON; ``***`` for a secret that is set.
        source: The environment variable, ``ttv.toml:3``, or ``default``.
        meaning: What it means.
    """

    key: str
    variable: str
    value: Any
    source: str
    meaning: str


def overview(settings: BaseSettings) -> Iterator[Setting]:
    """Describe every setting of an installation, in the order of their definition."""
    file = read_settings_file(find_settings_file())
    document = settings.model_dump(mode="json")
    for key, field in settings_of(type(settings)):
        table, _, name = key.rpartition(".")
        value = document[table][name] if table else document[name]
        yield Setting(key, variable_of(key), value, source_of(key, file), field.description or "")


def source_of(key: str, file: SettingsFile) -> str:
    """Say where a setting's value comes from."""
    variable = variable_of(key)
    if os.environ.get(variable):
        return variable
    table, _, name = key.rpartition(".")
    given = file.values.get(table, {}) if table else file.values
    return file.where(key) if isinstance(given, dict) and name in given else "default"


def explain(error: ValidationError) -> str:
    """Say what is wrong with a setting: which one, where it comes from and why. Its value is not repeated."""
    first = error.errors(include_input=False, include_url=False)[0]
    key = ".".join(str(part) for part in first["loc"])
    file = read_settings_file(find_settings_file())
    source = source_of(key, file)
    where = variable_of(key) if source in ("default", variable_of(key)) else f"{source}: {key}"
    return f"{where}: {first['msg'].removeprefix('Value error, ')}"


def as_toml(settings: type[BaseSettings]) -> str:
    """Write a settings file to start from: every setting with its meaning, each commented out at its default."""
    lines = ["# Settings of this installation of ttv_dagster. Environment variables (TTV_…) win over this file, and"]
    lines += ["# relative paths resolve from its folder. Uncomment what you change; secrets stay in the environment."]
    top = [(key, field) for key, field in settings_of(settings) if "." not in key]
    nested = [(key, field) for key, field in settings_of(settings) if "." in key]
    for key, field in top:
        lines += ["", *_entry(key, field)]
    table = ""
    for key, field in nested:
        if key.split(".")[0] != table:
            table = key.split(".")[0]
            lines += ["", f"# [{table}]"]
        lines += ["", *_entry(key.split(".")[1], field)]
    return "\n".join(lines) + "\n"


def _entry(name: str, field: FieldInfo) -> list[str]:
    meaning = textwrap.wrap(field.description or "", _WIDTH, initial_indent="# ", subsequent_indent="# ")
    if is_secret(field):
        return [*meaning, f"# ({name} is a secret: set {variable_of(name)} in the environment.)"]
    return [*meaning, f"# {name} = {_toml_value(field)}"]


def _toml_value(field: FieldInfo) -> str:
    default = field.default
    if default is PydanticUndefined or default is None:
        default = field.examples[0] if field.examples else {} if str(field.annotation).startswith("dict") else ""
    if isinstance(default, bool):
        return "true" if default else "false"
    if isinstance(default, dict):
        return "{}"
    if isinstance(default, int | float):
        return str(default)
    return json.dumps(str(default) if isinstance(default, Path) else default)
