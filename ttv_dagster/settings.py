"""What this installation is: where it keeps its things, which engine it renders with, whether it has a GPU.

Every field is an environment variable with the prefix ``TTV_``; nothing here is probed.
"""

import os
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict


class Settings(BaseSettings):
    """The settings of one installation, read from the environment."""

    model_config = SettingsConfigDict(env_prefix="TTV_", env_ignore_empty=True, extra="ignore", frozen=True)

    home: Path = Field(Path(".ttv"), description="Folder of Dagster's storage and, by default, of all the rest.")
    library_url: str = Field("", description="Prompt sets and their pictures: a folder or any fsspec URL.")
    media_url: str = Field("", description="Clips, keyframes and films: a folder or any fsspec URL.")
    tables_url: str = Field("", description="Prompt sets' tables and manifests: a folder or any fsspec URL.")
    engine: str = Field("animatic", description="The engine of shots that name none.")
    accelerator: Literal["none", "cuda"] = Field("none", description="What render steps ask for.")
    picture_roots: Annotated[list[Path], NoDecode] = Field(
        default_factory=list,
        description=f"Folders outside a prompt file's own that pictures may lie in, separated by '{os.pathsep}'.",
    )

    @field_validator("picture_roots", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return [part for part in value.split(os.pathsep) if part] if isinstance(value, str) else value

    @field_validator("home")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().absolute()

    @property
    def dagster_home(self) -> Path:
        """Where Dagster keeps its storage and reads `dagster.yaml`."""
        return self.home / "dagster"

    @property
    def locks(self) -> Path:
        """Where this machine's processes keep out of each other's way."""
        return self.home / "locks"

    @property
    def library(self) -> str:
        """The set library's folder or URL."""
        return self.library_url or str(self.home / "library")

    @property
    def media(self) -> str:
        """The media store's folder or URL."""
        return self.media_url or str(self.home / "media")

    @property
    def tables(self) -> str:
        """The tables' folder or URL."""
        return self.tables_url or str(self.home / "tables")
