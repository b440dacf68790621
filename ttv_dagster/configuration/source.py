"""The settings file as a source of pydantic-settings, checked against the settings that there are."""

import difflib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource

from ttv_dagster.configuration.settings_file import SettingsError, SettingsFile, find_settings_file, read_settings_file

PREFIX = "TTV_"


def is_location(field: FieldInfo) -> bool:
    """Return whether a setting is a folder or file, or the URL of one: relative paths of it resolve from the file."""
    extra = field.json_schema_extra
    return isinstance(extra, dict) and bool(extra.get("location"))


def is_secret(field: FieldInfo) -> bool:
    """Return whether a setting is a secret."""
    return field.annotation is SecretStr


def variable_of(key: str) -> str:
    """Return the environment variable of a setting, such as `TTV_FASTVIDEO_OFFLOAD` of ``fastvideo.offload``."""
    return PREFIX + key.replace(".", "_").upper()


def options_of(field: FieldInfo) -> type[BaseModel] | None:
    """Return the model of a setting that is a table of options; None for any other."""
    kind = field.annotation
    return kind if isinstance(kind, type) and issubclass(kind, BaseModel) else None


def settings_of(model: type[BaseModel], table: str = "") -> Iterator[tuple[str, FieldInfo]]:
    """Yield every setting and its key, those of a table as ``table.key``."""
    for name, field in model.model_fields.items():
        options = None if table else options_of(field)
        if options is not None:
            yield from settings_of(options, name)
        else:
            yield (f"{table}.{name}" if table else name), field


class SettingsFileSource(PydanticBaseSettingsSource):
    """Gives the values of the settings file, which the environment overrides.

    Args:
        settings: The settings.
        file: What the file says; that of this process if None.
    """

    def __init__(self, settings: type[BaseSettings], file: SettingsFile | None = None) -> None:
        super().__init__(settings)
        self._file = read_settings_file(find_settings_file()) if file is None else file

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:  # noqa: ARG002
        """Return the value of one setting."""
        return self._file.values.get(field_name), field_name, False

    def __call__(self) -> dict[str, Any]:
        """Return all values, with relative paths resolved from the file.

        Raises:
            SettingsError: A key is not a setting, or is a secret.
        """
        path = self._file.path
        if path is None:
            return {}
        values = self._checked(self.settings_cls, self._file.values, "")
        values.setdefault("home", path.parent / ".ttv")
        return values

    def _checked(self, model: type[BaseModel], given: Mapping[str, Any], table: str) -> dict[str, Any]:
        checked: dict[str, Any] = {}
        for name, value in given.items():
            key = f"{table}.{name}" if table else name
            field = model.model_fields.get(name)
            if field is None:
                raise SettingsError(f"{self._file.where(key)}: {key}: is not a setting; {_near(name, model)}")
            if is_secret(field):
                raise SettingsError(
                    f"{self._file.where(key)}: {key}: is a secret; set {variable_of(key)} in the environment instead"
                )
            if value == "":
                continue  # As an empty variable: not set.
            options = None if table else options_of(field)
            if options is not None:
                if not isinstance(value, dict):
                    raise SettingsError(f"{self._file.where(key)}: {key}: is a table of options; write [{key}]")
                checked[name] = self._checked(options, value, name)
            else:
                checked[name] = self._resolved(value) if is_location(field) else value
        return checked

    def _resolved(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._resolved(each) for each in value]
        if not isinstance(value, str) or not value or "://" in value or self._file.path is None:
            return value
        return str(self._file.path.parent / Path(value).expanduser())


def _near(name: str, model: type[BaseModel]) -> str:
    known = list(model.model_fields)
    near = difflib.get_close_matches(name, known, n=1)
    return f"did you mean {near[0]}?" if near else "`ttv config` lists them all"
