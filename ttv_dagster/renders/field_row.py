"""Rows of tables whose columns are the fields of a dataclass."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class FieldRow:
    """A row whose columns are its fields, all of them plain values."""

    def to_row(self) -> dict[str, Any]:
        """Return the row as a mapping."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> Self:
        """Read the row of a mapping that `to_row` returned."""
        return cls(**{field.name: row[field.name] for field in fields(cls)})
