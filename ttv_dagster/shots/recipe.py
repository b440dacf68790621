"""Recipes and render keys: everything that decides pixels, and its digest."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from fractions import Fraction
from typing import Any, Literal, Self

FirstFrameSource = Literal["image", "keyframe", "clip"]


@dataclass(frozen=True, slots=True)
class FirstFrame:
    """What a clip starts on.

    Attributes:
        source: ``image`` (given by the user), ``keyframe`` (generated from its own recipe) or ``clip`` (the
            last frame of the clip that this one continues).
        key: SHA-256 hex: the digest of the image's file, the keyframe's key, or that clip's render key.
    """

    source: FirstFrameSource
    key: str


def _digest(document: str) -> str:
    return hashlib.sha256(document.encode("utf-8")).hexdigest()


def _canonical(fields: Mapping[str, Any]) -> str:
    return json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that decides the pixels of one clip, and nothing else.

    Attributes:
        engine: Name of the engine in the registry.
        engine_version: The engine's own version: it changes when the same request would give other pixels.
        model: Hub id of the model; None for an engine without one.
        commit: Commit of the model's weights; None for an engine without a model.
        prompt: What to show.
        negative_prompt: What to avoid; empty for none.
        seed: 0 to 2**31 - 1.
        width: Pixels.
        height: Pixels.
        num_frames: Frames of the clip, its first frame included.
        fps: Frames per second, exact.
        params: The engine's own parameters, JSON values only.
        first_frame: What the clip starts on; None if the model reads the prompt alone.
        last_frame: SHA-256 hex of the image that the clip ends on; None for none.
        encoding: Name and version of the encoder settings (``media.encode.ENCODING``).
    """

    engine: str
    engine_version: str
    prompt: str
    seed: int
    width: int
    height: int
    num_frames: int
    fps: Fraction
    encoding: str
    negative_prompt: str = ""
    model: str | None = None
    commit: str | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
    first_frame: FirstFrame | None = None
    last_frame: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return the recipe as JSON values."""
        fields = {name: getattr(self, name) for name in self.__dataclass_fields__}
        fields["fps"] = str(self.fps)
        fields["params"] = dict(self.params)
        if self.first_frame is not None:
            fields["first_frame"] = {"source": self.first_frame.source, "key": self.first_frame.key}
        return {"kind": "clip", **fields}

    def canonical(self) -> str:
        """Return the recipe as JSON with sorted keys and no white space: equal recipes give equal text."""
        return _canonical(self.as_dict())

    def key(self) -> str:
        """Return the render key: SHA-256 hex of the canonical recipe."""
        return _digest(self.canonical())

    @classmethod
    def from_json(cls, document: str) -> Self:
        """Read a recipe back from `canonical`'s text.

        Raises:
            ValueError: The text is not a clip's recipe.
        """
        fields = json.loads(document)
        if not isinstance(fields, dict) or fields.pop("kind", None) != "clip":
            raise ValueError("not the recipe of a clip")
        try:
            first = fields.pop("first_frame")
            return cls(
                **{**fields, "fps": Fraction(fields["fps"])},
                first_frame=FirstFrame(**first) if first else None,
            )
        except (KeyError, TypeError) as error:
            raise ValueError(f"not the recipe of a clip: {error}") from error


@dataclass(frozen=True, slots=True)
class KeyframeRecipe:
    """Everything that decides the pixels of a generated keyframe.

    Attributes:
        generator: Name of the keyframe generator in the registry.
        generator_version: Its version: it changes when the same request would give another image.
        prompt: What to show.
        negative_prompt: What to avoid; empty for none.
        seed: 0 to 2**31 - 1.
        width: Pixels.
        height: Pixels.
        model: Hub id of the text-to-image model; None for a generator without one.
        commit: Commit of the model's weights; None for a generator without a model.
        params: The generator's own parameters, JSON values only.
    """

    generator: str
    generator_version: str
    prompt: str
    seed: int
    width: int
    height: int
    negative_prompt: str = ""
    model: str | None = None
    commit: str | None = None
    params: Mapping[str, Any] = field(default_factory=dict)

    def canonical(self) -> str:
        """Return the recipe as JSON with sorted keys and no white space."""
        return _canonical({"kind": "keyframe", **asdict(self)})

    def key(self) -> str:
        """SHA-256 hex of the canonical recipe."""
        return _digest(self.canonical())
