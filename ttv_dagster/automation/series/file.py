"""Series: a prompt template over a table, one prompt set per day, such as a clip for each product."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from ttv_dagster.automation.inbox.template import Template
from ttv_dagster.library.intake import Intake, take_images
from ttv_dagster.settings import TimeOfDay
from ttv_dagster.shots.formats.rows import Draft, Row, build
from ttv_dagster.shots.image_paths import ImagePaths
from ttv_dagster.shots.names import is_set_name
from ttv_dagster.shots.problems import Problems, TtvError
from ttv_dagster.storage.tables import rows_of

if TYPE_CHECKING:
    import pandas as pd


class SeriesError(TtvError, ValueError):
    """The series of this installation are not understood; the message says what would be right."""


class SeriesTable(BaseModel):
    """Where the rows of a series come from: a file, or a query.

    Attributes:
        file: A CSV or Parquet file, or any URL of one.
        query: A SELECT; ``:day`` in it is the day.
        database: Name of the environment variable that holds the SQLAlchemy URL of the database.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    file: str = ""
    query: str = ""
    database: str = ""

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if bool(self.file) == bool(self.query) or bool(self.query) != bool(self.database):
            raise ValueError("a table is a `file`, or a `query` with the name of the `database` variable")
        return self


class Series(BaseModel):
    """One series.

    Attributes:
        name: What the sets are named by, with the day.
        at: When the day's set is created.
        start: The first day.
        table: Its rows: one shot each.
        id: Template of the shots' ids, over the columns of the table and ``day``.
        prompt: Template of their prompts.
        image: Template of their images' paths; empty for none.
        defaults: Values for every shot, as in a prompt file.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    at: TimeOfDay = Field(min_length=1)
    start: str = Field(pattern=r"^\d{4}-\d\d-\d\d$")
    table: SeriesTable
    id: str
    prompt: str
    image: str = ""
    defaults: dict[str, object] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _named(self) -> Self:
        if not is_set_name(self.name) or not self.name.replace("-", "_").isidentifier():
            raise ValueError(f"{self.name!r} is not a name of a series; letters, digits, '-' and '_'")
        return self


def read_series(file: Path) -> list[Series]:
    """Return the series in a YAML file, a mapping of names to what each is.

    Raises:
        SeriesError: The file cannot be read, or says something that is not understood.
    """
    try:
        document = yaml.safe_load(file.read_text(encoding="utf-8"))
        if not isinstance(document, dict) or not all(isinstance(body, dict) for body in document.values()):
            raise SeriesError(f"{file}: is not a mapping of series by name")
        found = [Series.model_validate({"name": name, **_dated(body)}) for name, body in document.items()]
        for series in found:
            for text in (series.id, series.prompt, series.image):
                Template(text, series.name)
    except ValidationError as error:
        said = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
        raise SeriesError(f"{file}: {said}") from error
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise SeriesError(f"{file}: {error}") from error
    return found


def _dated(body: dict[str, Any]) -> dict[str, Any]:
    # YAML makes a date of 2026-11-25.
    return {name: str(value) if name == "start" else value for name, value in body.items()}


def read_table(table: SeriesTable, *, day: str, folder: Path, database_url: str | None) -> "pd.DataFrame":
    """Return the rows of a series on a day.

    Args:
        table: Where they are.
        day: The day.
        folder: What the path of a file is relative to.
        database_url: The SQLAlchemy URL of the database, if the table is a query.

    Raises:
        SeriesError: The database's variable is not set, or the file is of another type.
    """
    import pandas as pd

    if table.query:
        import sqlalchemy

        if not database_url:
            raise SeriesError(f"the environment variable {table.database} is not set; it is the URL of the database")
        engine = sqlalchemy.create_engine(database_url)
        try:
            with engine.connect() as connection:
                given = {"day": day} if ":day" in table.query else None
                return pd.read_sql(sqlalchemy.text(table.query), connection, params=given)
        finally:
            engine.dispose()
    place = table.file if "://" in table.file else str(folder / table.file)
    if place.endswith(".parquet"):
        return pd.read_parquet(place)
    if place.endswith(".csv"):
        # Text as it is written: an article number of 007 is not 7.
        return pd.read_csv(place, dtype=str, keep_default_na=False)
    raise SeriesError(f"{table.file} is not a table by its name; it ends in .csv or .parquet")


@dataclass(frozen=True, slots=True)
class SeriesDay:
    """A series on one of its days."""

    series: Series
    day: str

    @property
    def set_name(self) -> str:
        """Return the name of the day's prompt set."""
        return f"{self.series.name}-{self.day}"

    def intake(self, frame: "pd.DataFrame", *, file: Path, image_roots: Sequence[Path]) -> Intake:
        """Return the day's prompt set, one shot per row.

        Args:
            frame: The rows.
            file: The file of the series, whose folder images are relative to.
            image_roots: More folders that images may come from.

        Raises:
            TemplateError: A template names a column that is not there.
            PromptSetError: A row is not a valid shot, or the table has no rows.
        """
        where = f"{file}: {self.series.name}"
        texts = {"id": self.series.id, "prompt": self.series.prompt, "image": self.series.image}
        templates = {name: Template(text, f"{where}: {name}") for name, text in texts.items() if text}
        for template in templates.values():
            template.check({"day", *map(str, frame.columns)})
        drafted = []
        for number, row in enumerate(rows_of(frame), 1):
            values = {"day": self.day, **row}
            fields = {name: template.fill(values) for name, template in templates.items()}
            drafted.append(Row(f"row {number}", fields))
        draft = Draft(self.set_name, drafted, Row("", self.series.defaults))
        prompt_set = build(draft, ImagePaths(file.parent, image_roots), Problems(where))
        return take_images(prompt_set, where)
