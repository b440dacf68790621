"""Plans: from the shots of a set to their recipes and render keys, before anything renders."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import PurePosixPath
from typing import Any

from ttv_dagster.shots.recipe import FirstFrame, KeyframeRecipe, Recipe


@dataclass(frozen=True, slots=True)
class ResolvedShot:
    """A shot with every choice made: what the deployment and its engine decide if the file does not.

    Attributes:
        id: The shot's id.
        prompt: What to show.
        negative_prompt: What to avoid; empty if the engine reads none.
        seed: Given, or derived from the prompt.
        width: Pixels.
        height: Pixels.
        num_frames: Frames.
        fps: Frames per second, exact.
        engine: Name of the engine.
        engine_version: Its version when this was written down.
        encoding: Name and version of the encoder settings.
        continues: Starts on the last frame of the shot before.
        image: The given first frame, ``images/<digest><suffix>`` in the set's folder of the library.
        last_image: The given last frame, likewise.
        model: Hub id of the model; None for an engine without one.
        commit: Commit of the model's weights; None for an engine without a model, or if they were never pulled.
        keyframe_generator: What generates the first frame; None if it is given, continued or not read.
        keyframe_generator_version: Its version; None without a generator.
        keyframe_model: That generator's model; None for a generator without one.
        keyframe_commit: Commit of its weights; None for a generator without a model, or if they were never pulled.
        keyframe_params: The generator's own parameters.
        params: The engine's own parameters.
        chosen: Why this engine and model, in a few words.
    """

    id: str
    prompt: str
    seed: int
    width: int
    height: int
    num_frames: int
    fps: Fraction
    engine: str
    engine_version: str
    encoding: str
    negative_prompt: str = ""
    continues: bool = False
    image: str | None = None
    last_image: str | None = None
    model: str | None = None
    commit: str | None = None
    keyframe_generator: str | None = None
    keyframe_generator_version: str | None = None
    keyframe_model: str | None = None
    keyframe_commit: str | None = None
    keyframe_params: Mapping[str, Any] = field(default_factory=dict)
    params: Mapping[str, Any] = field(default_factory=dict)
    chosen: str = ""

    @property
    def unpinned(self) -> tuple[str, ...]:
        """Return the models that it needs and whose commit is not known yet."""
        pairs = ((self.model, self.commit), (self.keyframe_model, self.keyframe_commit))
        return tuple(model for model, commit in pairs if model is not None and commit is None)

    def to_row(self) -> dict[str, Any]:
        """Return the shot as one row of the `prompt_sets` table: text, numbers, booleans and None only."""
        row = {name: getattr(self, name) for name in self.__dataclass_fields__}
        row["fps"] = str(self.fps)
        for name in ("params", "keyframe_params"):
            row[name] = json.dumps(dict(row[name]), sort_keys=True)
        return row

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> "ResolvedShot":
        """Return the shot in one row."""
        params = {name: json.loads(row[name]) for name in ("params", "keyframe_params")}
        return cls(**{**row, "fps": Fraction(row["fps"]), **params})


def seed_of(prompt: str) -> int:
    """Return the seed of a shot that does not have one: from its prompt, so that moving the shot changes nothing."""
    return int.from_bytes(hashlib.sha256(prompt.encode()).digest()[:4]) & 0x7FFF_FFFF


@dataclass(frozen=True, slots=True)
class PlannedShot:
    """A shot with its recipe.

    Attributes:
        shot: The shot.
        recipe: What decides its clip's pixels.
        key: Its render key, which is meaningless while a model is unpinned.
        keyframe: The recipe of the keyframe to generate; None if there is none.
        after: The render key of the clip that this one continues; None if it continues none.
        after_id: The id of that clip's shot.
        unpinned: Models that this shot, or one that it continues, needs and whose commit is not known yet.
    """

    shot: ResolvedShot
    recipe: Recipe
    key: str
    keyframe: KeyframeRecipe | None = None
    after: str | None = None
    after_id: str | None = None
    unpinned: tuple[str, ...] = ()


def image_digest(name: str) -> str:
    """Return the SHA-256 hex in a library image's name."""
    return PurePosixPath(name).stem


def _keyframe_recipe(shot: ResolvedShot) -> KeyframeRecipe | None:
    if shot.keyframe_generator is None or shot.keyframe_generator_version is None:
        return None
    return KeyframeRecipe(
        generator=shot.keyframe_generator,
        generator_version=shot.keyframe_generator_version,
        prompt=shot.prompt,
        negative_prompt=shot.negative_prompt if shot.keyframe_model else "",
        seed=shot.seed,
        width=shot.width,
        height=shot.height,
        model=shot.keyframe_model,
        commit=shot.keyframe_commit,
        params=shot.keyframe_params,
    )


def plan_shots(shots: Iterable[ResolvedShot]) -> Iterator[PlannedShot]:
    """Recipe and render key of every shot, in order."""
    before: PlannedShot | None = None
    for shot in shots:
        keyframe = None
        first: FirstFrame | None = None
        if shot.continues:
            if before is None:
                raise ValueError(f"shot {shot.id!r} continues the shot before it, and there is none")
            first = FirstFrame("clip", before.key)
        elif shot.image is not None:
            first = FirstFrame("image", image_digest(shot.image))
        else:
            keyframe = _keyframe_recipe(shot)
            first = FirstFrame("keyframe", keyframe.key()) if keyframe else None
        recipe = Recipe(
            engine=shot.engine,
            engine_version=shot.engine_version,
            model=shot.model,
            commit=shot.commit,
            prompt=shot.prompt,
            negative_prompt=shot.negative_prompt,
            seed=shot.seed,
            width=shot.width,
            height=shot.height,
            num_frames=shot.num_frames,
            fps=shot.fps,
            params=shot.params,
            first_frame=first,
            last_frame=image_digest(shot.last_image) if shot.last_image else None,
            encoding=shot.encoding,
        )
        after = before if shot.continues else None
        before = PlannedShot(
            shot=shot,
            recipe=recipe,
            key=recipe.key(),
            keyframe=keyframe,
            after=after.key if after else None,
            after_id=after.shot.id if after else None,
            unpinned=tuple(dict.fromkeys((*(after.unpinned if after else ()), *shot.unpinned))),
        )
        yield before


def with_needed(planned: Iterable[PlannedShot], wanted: set[str]) -> set[str]:
    """Return the ids in `wanted`, and of every shot that one of them continues, however far back."""
    shots = list(planned)
    needed: set[str] = set()
    follows = False
    for shot in reversed(shots):
        if shot.shot.id in wanted or follows:
            needed.add(shot.shot.id)
            follows = shot.shot.continues
        else:
            follows = False
    return needed


def film_key(planned: Iterable[PlannedShot], joining: str) -> str:
    """Return the key of a film: SHA-256 hex of its clips' render keys in order and the version of `join`."""
    document = {"kind": "film", "joining": joining, "clips": [shot.key for shot in planned]}
    return hashlib.sha256(json.dumps(document, separators=(",", ":")).encode()).hexdigest()
