"""From a prompt set to shots with every choice made, or every reason why not.

The order of the choices: is it a shot with a picture; which engine; which model; who makes its keyframe.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from ttv_dagster.engines.deployment import Deployment
from ttv_dagster.engines.protocol import Capabilities, Engine, KeyframeMaker
from ttv_dagster.engines.registry import engine_names, open_engine, open_keyframe_maker
from ttv_dagster.media.encode import ENCODING
from ttv_dagster.shots.plan import PlannedShot, ResolvedShot, plan_shots, seed_of
from ttv_dagster.shots.problems import Mistake, PromptSetError
from ttv_dagster.shots.shot import PromptSet, Shot

TEXT_TO_IMAGE = "text-to-image"
"""The keyframe maker that runs the text-to-image models of the catalogue."""

NO_KEYFRAME = "none"
"""What `keyframe_model` says where no picture is to be made."""


class _Unknown(ValueError):
    """A shot names what is not there."""

    def __init__(self, field: str, wrong: str, right: str) -> None:
        super().__init__(wrong)
        self.field, self.wrong, self.right = field, wrong, right


class _House:
    """The engines, makers and commits that one set asks for, each looked up once."""

    def __init__(self, deployment: Deployment) -> None:
        self.deployment = deployment
        self._pinned = deployment.lock.commits()
        self._engines: dict[str, Engine] = {}
        self._makers: dict[str, KeyframeMaker] = {}
        self._able: dict[tuple[str, str | None], Capabilities] = {}

    def engine(self, name: str) -> Engine:
        if name not in self._engines:
            known = engine_names()
            if name not in known:
                raise _Unknown("engine", f"no engine is called {name!r}", f"one of {', '.join(known)}")
            self._engines[name] = open_engine(name, self.deployment)
        return self._engines[name]

    def able(self, name: str, model: str | None) -> Capabilities:
        if (name, model) not in self._able:
            try:
                self._able[name, model] = self.engine(name).capabilities(model)
            except _Unknown:
                raise
            except ValueError as error:
                raise _Unknown("model", str(error), "a model that the engine knows") from error
        return self._able[name, model]

    def maker(self, name: str) -> KeyframeMaker:
        if name not in self._makers:
            self._makers[name] = open_keyframe_maker(name, self.deployment)
        return self._makers[name]

    def commit(self, model: str | None) -> str | None:
        """The pinned commit of a model's weights; None without a model, or where they were never pulled."""
        known = self.deployment.catalogue.get(model) if model else None
        return known.commit(self._pinned) if known else None


@dataclass(frozen=True, slots=True)
class _Choice:
    engine: str
    model: str | None
    chosen: str
    params: Mapping[str, Any]


def _choose(shot: Shot, override: str | None, house: _House) -> _Choice:
    """The engine and model of a shot, and why."""
    deployment = house.deployment
    known = deployment.catalogue.get(shot.model) if shot.model else None
    asked, why = deployment.engine, "the installation's engine"
    if shot.engine:
        asked, why = shot.engine, "the shot names its engine"
    elif known and asked not in known.engines:
        asked, why = known.engines[0], "runs the model that the shot names"
        if asked not in engine_names():
            raise _Unknown(
                "model",
                f"{shot.model} is a model of {asked}, which is no engine here",
                f"a model that renders clips; one of {TEXT_TO_IMAGE} is a keyframe_model",
            )
    name = override or asked
    if override:
        why = "asked for in this run"
    # An override to another engine leaves behind what was meant for the engine the shot was written for.
    params = shot.params if name == asked else {}
    if shot.model and name == asked:
        return _Choice(name, shot.model, f"{why}; the shot names its model", params)
    picture = shot.image is not None or shot.continues or shot.keyframe_model not in (None, NO_KEYFRAME)
    kind = "shots with a picture" if picture else "shots without a picture"
    installed = deployment.picture_model if picture else deployment.model
    entry = deployment.catalogue.get(installed) if installed else None
    variable = "TTV_PICTURE_MODEL" if picture else "TTV_MODEL"
    if installed and entry is None:
        raise _Unknown(
            "model", f"{variable} names {installed!r}, which no catalogue has", "a model of `ttv weights list`"
        )
    if entry and name in entry.engines:
        return _Choice(name, installed, f"{why}; its model here for {kind}", params)
    model = house.engine(name).default_model(picture=picture)
    if entry and model and not shot.engine and not override:
        raise _Unknown(
            "model",
            f"{variable} names {installed!r}, which the installation's engine {name} does not run",
            f"a model of {name} in `ttv weights list`, or TTV_ENGINE={entry.engines[0]}",
        )
    return _Choice(name, model, f"{why}; its model for {kind}" if model else why, params)


def _keyframe(shot: Shot, able: Capabilities, house: _House) -> tuple[str, str | None] | None:
    """Who makes the first frame, and with which model; None where nobody does."""
    if shot.image is not None or shot.continues or shot.keyframe_model == NO_KEYFRAME:
        return None
    if shot.keyframe_model is not None:
        known = house.deployment.catalogue.get(shot.keyframe_model)
        if known is None or TEXT_TO_IMAGE not in known.engines:
            able_to = ", ".join(model.id for model in house.deployment.catalogue.of_engine(TEXT_TO_IMAGE))
            wrong = f"no text-to-image model is called {shot.keyframe_model!r}"
            raise _Unknown("keyframe_model", wrong, f"{NO_KEYFRAME}, or one of {able_to}")
        return TEXT_TO_IMAGE, shot.keyframe_model
    if able.reads_image and able.keyframe_maker:
        return able.keyframe_maker, able.keyframe_model
    return None


def _resolve_shot(shot: Shot, override: str | None, house: _House) -> ResolvedShot:
    choice = _choose(shot, override, house)
    able = house.able(choice.engine, choice.model)
    maker, keyframe_model = _keyframe(shot, able, house) or (None, None)
    return ResolvedShot(
        id=shot.id,
        prompt=shot.prompt,
        negative_prompt=shot.negative_prompt if able.reads_negative_prompt else "",
        seed=shot.seed if shot.seed is not None else seed_of(shot.prompt),
        width=shot.width or able.native.width,
        height=shot.height or able.native.height,
        num_frames=shot.num_frames or able.native.num_frames,
        fps=Fraction(shot.fps or able.native.fps),
        engine=choice.engine,
        engine_version=house.engine(choice.engine).version,
        encoding=ENCODING,
        continues=shot.continues,
        image=shot.image,
        last_image=shot.last_image,
        model=choice.model,
        commit=house.commit(choice.model),
        keyframe_maker=maker,
        keyframe_maker_version=house.maker(maker).version if maker else None,
        keyframe_model=keyframe_model,
        keyframe_commit=house.commit(keyframe_model),
        keyframe_params=house.maker(maker).default_params(keyframe_model) if maker else {},
        params={**able.default_params, **choice.params},
        chosen=choice.chosen,
    )


def plan_set(
    prompt_set: PromptSet, *, file: str, deployment: Deployment, override: str | None = None
) -> list[PlannedShot]:
    """Every shot of the set with its recipe, none of which its engine refuses.

    Args:
        prompt_set: The set; its pictures are named ``pictures/<digest><suffix>``.
        file: Where the set was read from, for the mistakes.
        deployment: Which engine, models and commits shots get that do not say.
        override: The engine of every shot, whatever it names.

    Raises:
        PromptSetError: With every engine, model, size, length or parameter that is refused.
    """
    mistakes: list[Mistake] = []
    house = _House(deployment)

    def resolved() -> Iterator[ResolvedShot]:
        for shot in prompt_set.shots:
            try:
                yield _resolve_shot(shot, override, house)
            except _Unknown as unknown:
                mistakes.append(Mistake(file, shot.id, unknown.field, unknown.wrong, unknown.right))

    shots = list(resolved())
    if mistakes:
        raise PromptSetError(mistakes)
    planned = list(plan_shots(shots))
    for each in planned:
        for refusal in house.engine(each.shot.engine).validate(each.recipe):
            mistakes.append(Mistake(file, each.shot.id, refusal.field, refusal.wrong, refusal.right))
    if mistakes:
        raise PromptSetError(mistakes)
    return planned
