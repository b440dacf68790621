"""Engines and keyframe generators by name.

They are found through the entry point groups ``ttv_dagster.engines`` and ``ttv_dagster.keyframe_generators``, so an
engine of another package is used as the built-in ones are.
"""

from functools import cache
from importlib.metadata import EntryPoint, entry_points

from ttv_dagster.engines.deployment import Deployment
from ttv_dagster.engines.protocol import Engine, KeyframeGenerator

ENGINES = "ttv_dagster.engines"
KEYFRAME_GENERATORS = "ttv_dagster.keyframe_generators"


@cache
def _found(group: str) -> dict[str, EntryPoint]:
    return {entry.name: entry for entry in sorted(entry_points(group=group))}


def engine_names() -> list[str]:
    """The engines that can be asked for, in alphabetical order."""
    return list(_found(ENGINES))


def keyframe_generator_names() -> list[str]:
    """Name the keyframe generators that are installed, in alphabetical order."""
    return list(_found(KEYFRAME_GENERATORS))


def open_engine(name: str, deployment: Deployment) -> Engine:
    """A new engine of a deployment, with nothing loaded yet.

    Raises:
        KeyError: No engine has this name.
    """
    engine: Engine = _found(ENGINES)[name].load()(deployment)
    return engine


def open_keyframe_generator(name: str, deployment: Deployment) -> KeyframeGenerator:
    """A new keyframe generator of a deployment, with nothing loaded yet.

    Raises:
        KeyError: No keyframe generator has this name.
    """
    generator: KeyframeGenerator = _found(KEYFRAME_GENERATORS)[name].load()(deployment)
    return generator
