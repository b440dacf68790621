"""From a prompt set to shots with every choice made, or every reason why not.

The order of the choices: is it a shot with an image; which engine; which model; who makes its keyframe.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from ttv_dagster.engines.deployment import Deployment
from ttv_dagster.engines.protocol import Capabilities, Engine, KeyframeGenerator
from ttv_dagster.engines.registry import engine_names, open_engine, open_keyframe_generator
from ttv_dagster.media.encode import ENCODING
from ttv_dagster.shots.plan import PlannedShot, ResolvedShot, plan_shots, seed_of
from ttv_dagster.shots.problems import Problem, PromptSetError
from ttv_dagster.shots.shot import PromptSet, Shot

TEXT_TO_IMAGE = "text-to-image"
"""The keyframe generator that runs the text-to-image models of the catalog."""

NO_KEYFRAME = "none"
"""What `keyframe_model` says where no image is to be made."""


class _Unknown(ValueError):
    """A shot names what is not there."""

    def __init__(self, field: str, message: str, hint: str) -> None:
        super().__init__(message)
        self.problem = Problem(field, message, hint)


class _Lookup:
    """The engines, generators and commits that one set asks for, each looked up once."""

    def __init__(self, deployment: Deployment) -> None:
        self.deployment = deployment
        self._pinned = deployment.lock.commits()
        self._engines: dict[str, Engine] = {}
        self._generators: dict[str, KeyframeGenerator] = {}
        self._capabilities: dict[tuple[str, str | None], Capabilities] = {}

    def engine(self, name: str) -> Engine:
        if name not in self._engines:
            known = engine_names()
            if name not in known:
                raise _Unknown("engine", f"no engine is called {name!r}", f"one of {', '.join(known)}")
            self._engines[name] = open_engine(name, self.deployment)
        return self._engines[name]

    def capabilities(self, name: str, model: str | None) -> Capabilities:
        if (name, model) not in self._capabilities:
            try:
                self._capabilities[name, model] = self.engine(name).capabilities(model)
            except _Unknown:
                raise
            except ValueError as error:
                raise _Unknown("model", str(error), "a model that the engine knows") from error
        return self._capabilities[name, model]

    def generator(self, name: str) -> KeyframeGenerator:
        if name not in self._generators:
            self._generators[name] = open_keyframe_generator(name, self.deployment)
        return self._generators[name]

    def commit(self, model: str | None) -> str | None:
        """The pinned commit of a model's weights; None without a model, or where they were never pulled."""
        known = self.deployment.catalog.get(model) if model else None
        return known.commit(self._pinned) if known else None


@dataclass(frozen=True, slots=True)
class _Choice:
    engine: str
    model: str | None
    chosen: str
    params: Mapping[str, Any]


def _choose(shot: Shot, override: str | None, lookup: _Lookup) -> _Choice:
    """The engine and model of a shot, and why."""
    deployment = lookup.deployment
    known = deployment.catalog.get(shot.model) if shot.model else None
    asked, why = deployment.engine, "the installation's engine"
    if shot.engine:
        asked, why = shot.engine, "the shot names its engine"
    elif known and asked not in known.engines:
        asked, why = known.engines[0], "runs the model that the shot names"
        if asked not in engine_names():
            raise _Unknown(
                "model",
                f"{shot.model} is a model of {asked}, which is not an engine here",
                f"a model that renders clips; one of {TEXT_TO_IMAGE} is a keyframe_model",
            )
    name = override or asked
    if override:
        why = "asked for in this run"
    # An override to another engine leaves behind what was meant for the engine the shot was written for.
    params = shot.params if name == asked else {}
    if shot.model and name == asked:
        return _Choice(name, shot.model, f"{why}; the shot names its model", params)
    image = shot.image is not None or shot.continues or shot.keyframe_model not in (None, NO_KEYFRAME)
    kind = "shots with an image" if image else "shots without an image"
    installed = deployment.image_model if image else deployment.text_model
    entry = deployment.catalog.get(installed) if installed else None
    variable = "TTV_IMAGE_MODEL" if image else "TTV_TEXT_MODEL"
    if installed and entry is None:
        raise _Unknown(
            "model", f"{variable} names {installed!r}, which no catalog has", "a model of `ttv weights list`"
        )
    if entry and name in entry.engines:
        return _Choice(name, installed, f"{why}; its model here for {kind}", params)
    model = lookup.engine(name).default_model(image=image)
    if entry and model and not shot.engine and not override:
        raise _Unknown(
            "model",
            f"{variable} names {installed!r}, which the installation's engine {name} does not run",
            f"a model of {name} in `ttv weights list`, or TTV_ENGINE={entry.engines[0]}",
        )
    return _Choice(name, model, f"{why}; its model for {kind}" if model else why, params)


def _keyframe(shot: Shot, capabilities: Capabilities, lookup: _Lookup) -> tuple[str, str | None] | None:
    """Return who generates the first frame, and with which model; None if there is none."""
    if shot.image is not None or shot.continues or shot.keyframe_model == NO_KEYFRAME:
        return None
    if shot.keyframe_model is not None:
        known = lookup.deployment.catalog.get(shot.keyframe_model)
        if known is None or TEXT_TO_IMAGE not in known.engines:
            able_to = ", ".join(model.id for model in lookup.deployment.catalog.of_engine(TEXT_TO_IMAGE))
            message = f"no text-to-image model is called {shot.keyframe_model!r}"
            raise _Unknown("keyframe_model", message, f"{NO_KEYFRAME}, or one of {able_to}")
        return TEXT_TO_IMAGE, shot.keyframe_model
    if capabilities.reads_image and capabilities.keyframe_generator:
        return capabilities.keyframe_generator, capabilities.keyframe_model
    return None


def _resolve_shot(shot: Shot, override: str | None, lookup: _Lookup) -> ResolvedShot:
    choice = _choose(shot, override, lookup)
    capabilities = lookup.capabilities(choice.engine, choice.model)
    generator, keyframe_model = _keyframe(shot, capabilities, lookup) or (None, None)
    return ResolvedShot(
        id=shot.id,
        prompt=shot.prompt,
        negative_prompt=shot.negative_prompt if capabilities.reads_negative_prompt else "",
        seed=shot.seed if shot.seed is not None else seed_of(shot.prompt),
        width=shot.width or capabilities.native.width,
        height=shot.height or capabilities.native.height,
        num_frames=shot.num_frames or capabilities.native.num_frames,
        fps=Fraction(shot.fps or capabilities.native.fps),
        engine=choice.engine,
        engine_version=lookup.engine(choice.engine).version,
        encoding=ENCODING,
        continues=shot.continues,
        image=shot.image,
        last_image=shot.last_image,
        model=choice.model,
        commit=lookup.commit(choice.model),
        keyframe_generator=generator,
        keyframe_generator_version=lookup.generator(generator).version if generator else None,
        keyframe_model=keyframe_model,
        keyframe_commit=lookup.commit(keyframe_model),
        keyframe_params=lookup.generator(generator).default_params(keyframe_model) if generator else {},
        params={**capabilities.default_params, **choice.params},
        chosen=choice.chosen,
    )


def plan_set(
    prompt_set: PromptSet, *, file: str, deployment: Deployment, override: str | None = None
) -> list[PlannedShot]:
    """Every shot of the set with its recipe, none of which its engine refuses.

    Args:
        prompt_set: The set; its images are named ``images/<digest><suffix>``.
        file: Where the set was read from, for the problems.
        deployment: Which engine, models and commits shots get that do not say.
        override: The engine of every shot, whatever it names.

    Raises:
        PromptSetError: With every engine, model, size, length or parameter that is refused.
    """
    problems: list[Problem] = []
    lookup = _Lookup(deployment)

    def resolved() -> Iterator[ResolvedShot]:
        for shot in prompt_set.shots:
            try:
                yield _resolve_shot(shot, override, lookup)
            except _Unknown as unknown:
                problems.append(replace(unknown.problem, file=file, shot=shot.id))

    shots = list(resolved())
    if problems:
        raise PromptSetError(problems)
    planned = list(plan_shots(shots))
    for each in planned:
        for problem in lookup.engine(each.shot.engine).validate(each.recipe):
            problems.append(replace(problem, file=file, shot=each.shot.id))
    if problems:
        raise PromptSetError(problems)
    return planned
