"""The models that this installation knows: those of this table, and those of its own file."""

from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import yaml
from pydantic import ValidationError

from ttv_dagster.weights.model import Model

MODELS = (
    Model(
        id="FastVideo/FastWan2.2-TI2V-5B-Diffusers",
        engines=("fastvideo",),
        tasks=("T2V",),
        family="wan2.2-ti2v-5b-dmd",
        width=1280,
        height=704,
        num_frames=121,
        fps=24,
    ),
    Model(
        id="Wan-AI/Wan2.2-TI2V-5B-Diffusers",
        engines=("fastvideo", "wan"),
        tasks=("T2V", "I2V"),
        family="wan2.2-ti2v-5b",
        width=1280,
        height=704,
        num_frames=121,
        fps=24,
        steps=50,
        guidance=5.0,
    ),
)
"""Every figure names its source, and is empty where none is known."""


class CatalogueError(ValueError):
    """The installation's own models cannot be read; the message says where and why."""


class Catalogue:
    """Models by their Hub id.

    Args:
        models: The models; a later one takes the place of an earlier one of the same id.
    """

    def __init__(self, models: Iterable[Model]) -> None:
        self._models = {model.id: model for model in models}

    def __iter__(self) -> Iterator[Model]:
        return iter(self._models.values())

    def __getitem__(self, name: str) -> Model:
        """The model of this Hub id.

        Raises:
            ValueError: There is none; the message says which there are.
        """
        if name not in self._models:
            raise ValueError(f"no model is called {name!r}; the catalogue has {', '.join(self._models)}")
        return self._models[name]

    def get(self, name: str) -> Model | None:
        """The model of this Hub id; None where there is none."""
        return self._models.get(name)

    def of_engine(self, engine: str) -> list[Model]:
        """The models that an engine runs."""
        return [model for model in self._models.values() if engine in model.engines]


@cache
def _own_models(path: Path, _changed: float) -> tuple[Model, ...]:
    try:
        document = yaml.safe_load(path.read_text())
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise CatalogueError(f"{path}: {error}") from error
    if not isinstance(document, dict) or not isinstance(document.get("models"), list) or len(document) > 1:
        raise CatalogueError(f"{path}: a mapping with the one key `models`, a list, is expected")
    found = []
    for number, entry in enumerate(document["models"], 1):
        try:
            found.append(Model.model_validate(entry))
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"])
            raise CatalogueError(f"{path}: model {number}: {where}: {first['msg']}") from error
    return tuple(found)


def read_catalogue(own: Path | None) -> Catalogue:
    """The catalogue of an installation.

    Args:
        own: A YAML file with the installation's own models, a list under `models` with the fields of `Model`;
            None where it has none.

    Raises:
        CatalogueError: The file cannot be read, or a model in it is wrong.
    """
    if own is None:
        return Catalogue(MODELS)
    try:
        changed = own.stat().st_mtime
    except OSError as error:
        raise CatalogueError(f"{own}: {error.strerror}; TTV_MODELS_FILE names the file of the own models") from error
    return Catalogue([*MODELS, *_own_models(own, changed)])
