"""What this installation is: where it keeps its things, which engine it renders with, whether it has a GPU.

Every field is an environment variable with the prefix ``TTV_``, and a key of `ttv.toml`; nothing here is probed.
"""

import os
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator
from pydantic.config import JsonDict
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict

from ttv_dagster.configuration.source import SettingsFileSource

LOCATION: JsonDict = {"location": True}
"""Marks a folder or file, or the URL of one: in the settings file, its relative paths resolve from there."""

Offload = Literal["auto", "none", "model", "sequential"]
"""What is moved off the GPU while it is not needed: nothing, whole models or single layers; `auto` asks the GPU."""


class FastVideoOptions(BaseModel):
    """How FastVideo runs in this installation. What decides a pixel is in the recipe."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    num_gpus: int = Field(1, ge=1, description="GPUs that render one clip together.")
    executor: Literal["mp", "ray"] = Field("mp", description="How FastVideo starts its workers.")
    attention: str = Field("", description="FastVideo's attention backend; its own choice for the model if empty.")
    offload: Offload = Field("auto", description="What is moved off the GPU while it is not needed.")
    compile: bool = Field(False, description="Compile the transformer: slower to load, faster to render.")
    precision: Literal["bf16", "fp16", "fp32"] = Field(
        "bf16", description="Number format of the transformer, for shots that do not name one; it is in their recipe."
    )
    lora_folder: str = Field(
        "",
        description="Folder of the LoRA files, NAME.safetensors, that shots may name.",
        json_schema_extra=LOCATION,
    )
    lora: str = Field("", description="The LoRA of shots that do not name one, as NAME@DIGEST; it is in their recipe.")
    recycle_after: int = Field(200, ge=1, description="Clips after which the generator is built again.")


class DiffusersOptions(BaseModel):
    """How the pipelines of diffusers run in this installation."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    offload: Offload = Field("auto", description="What is moved off the GPU while it is not needed.")
    tile_vae: bool = Field(False, description="Decode in tiles: less memory, more time.")


QUEUES = ("inbox", "images", "nightly", "series")
"""Who starts runs automatically; each may have a budget."""

TimeOfDay = Annotated[str, Field(pattern=r"^(([01]\d|2[0-3]):[0-5]\d)?$", examples=["02:30"])]


class Settings(BaseSettings):
    """The settings of one installation, read from the environment."""

    model_config = SettingsConfigDict(
        env_prefix="TTV_",
        env_nested_delimiter="_",
        env_nested_max_split=1,
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
    )

    home: Path = Field(
        Path(".ttv"),
        description="Folder of Dagster's storage and, by default, of all the rest.",
        json_schema_extra=LOCATION,
    )
    library_url: str = Field(
        "",
        description="Prompt sets and their images: a folder or any fsspec URL.",
        json_schema_extra=LOCATION,
    )
    media_url: str = Field(
        "", description="Clips, keyframes and films: a folder or any fsspec URL.", json_schema_extra=LOCATION
    )
    tables_url: str = Field(
        "",
        description="Prompt sets' tables and manifests: a folder or any fsspec URL.",
        json_schema_extra=LOCATION,
    )
    text_model: str = Field("", description="The model of shots without an image that do not name one.")
    image_model: str = Field("", description="The model of shots with an image that do not name one.")
    models_file: Path | None = Field(
        None, description="A YAML file with models of this installation's own.", json_schema_extra=LOCATION
    )
    weights_lock_url: str = Field(
        "", description="Where weights.lock is kept: a folder or any fsspec URL.", json_schema_extra=LOCATION
    )
    accelerator: Literal["none", "cuda"] = Field("none", description="What render steps ask for.")
    engine: str = Field(
        default_factory=lambda known: "fastvideo" if known.get("accelerator") == "cuda" else "animatic",
        description="The engine of shots that do not name one.",
    )
    vram_gb: float | None = Field(None, gt=0, description="Memory of each GPU in GB, for what is refused in a plan.")
    retry_low_memory: bool = Field(
        True, description="Try a render that ran out of memory once more in low-memory mode."
    )
    fastvideo: FastVideoOptions = Field(FastVideoOptions(), description="How FastVideo runs here.")
    diffusers: DiffusersOptions = Field(DiffusersOptions(), description="How the pipelines of diffusers run here.")
    inbox_url: str = Field(
        "",
        description="The inbox: a folder or any fsspec URL; no inbox if empty.",
        json_schema_extra=LOCATION,
    )
    image_inbox_url: str = Field(
        "",
        description="The image inbox: a folder or any fsspec URL; none if empty.",
        json_schema_extra=LOCATION,
    )
    image_inbox_template: Path | None = Field(
        None, description="A YAML file that says what a dropped image becomes.", json_schema_extra=LOCATION
    )
    time_zone: str = Field("UTC", description="Time zone of every time of the day below.")
    nightly_at: TimeOfDay = Field("", description="When every set that is not fresh is rendered; never if empty.")
    series_file: Path | None = Field(
        None, description="A YAML file of daily series; none if unset.", json_schema_extra=LOCATION
    )
    verify_weights_at: TimeOfDay = Field(
        "", description="When on Sundays all weights are read and checked; never if empty."
    )
    prune_at: TimeOfDay = Field("", description="When files that are no longer needed are looked for; never if empty.")
    prune_after_days: float = Field(30, ge=1, description="Days that they are kept.")
    prune_delete: bool = Field(False, description="Delete them; only report what would be deleted if false.")
    archive_after_days: float | None = Field(
        None, ge=0, description="Days after which pruning archives a delivered set; never if unset."
    )
    alerts_urls: SecretStr = Field(SecretStr(""), description="Apprise URLs, with spaces between; no alerts if empty.")
    alerts_queue_minutes: float = Field(60, gt=0, description="A queue that has not moved for longer is reported.")
    ui_url: str = Field("http://127.0.0.1:3000", description="Address of Dagster's page, for the links in alerts.")
    films_fresh_hours: float | None = Field(
        None,
        gt=0,
        description="Hours without a new film after which Dagster shows films as not fresh.",
    )
    auto_keyframes: bool = Field(
        False, description="Generate the keyframes of a set automatically when its prompt_sets was materialized."
    )
    budgets: Annotated[dict[str, float], NoDecode] = Field(
        default_factory=dict,
        description="Seconds a day that runs of a queue may hold the GPU, such as 'nightly=7200 inbox=3600'.",
    )
    json_log_file: Path | None = Field(
        None,
        description="A file that the log of every run is appended to, as JSON lines.",
        json_schema_extra=LOCATION,
    )
    image_roots: Annotated[list[Path], NoDecode] = Field(
        default_factory=list,
        description=f"Folders outside a prompt file's own that images may lie in, separated by '{os.pathsep}'.",
        json_schema_extra=LOCATION,
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read the environment, and under it the settings file."""
        return init_settings, env_settings, SettingsFileSource(settings_cls)

    @field_validator("budgets", mode="before")
    @classmethod
    def _by_queue(cls, value: object) -> object:
        if isinstance(value, str):
            value = {queue: seconds for queue, _, seconds in (part.partition("=") for part in value.split())}
        if isinstance(value, dict) and (unknown := [queue for queue in value if queue not in QUEUES]):
            raise ValueError(f"no queue is called {unknown[0]!r}; the queues are {', '.join(QUEUES)}")
        return value

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            return ZoneInfo(value).key
        except (ValueError, ZoneInfoNotFoundError):
            raise ValueError(f"no time zone is called {value!r}; one such as Europe/Berlin") from None

    @field_validator("image_roots", mode="before")
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
    def automation_database(self) -> Path:
        """What automation remembers: a SQLite file."""
        return self.home / "automation" / "automation.sqlite"

    @property
    def library(self) -> str:
        """The set library's folder or URL."""
        return self.library_url or str(self.home / "library")

    @property
    def media(self) -> str:
        """The media store's folder or URL."""
        return self.media_url or str(self.home / "media")

    @property
    def weights_lock(self) -> str:
        """The folder or URL of `weights.lock`."""
        return self.weights_lock_url or str(self.home / "weights")

    @property
    def tables(self) -> str:
        """The tables' folder or URL."""
        return self.tables_url or str(self.home / "tables")
