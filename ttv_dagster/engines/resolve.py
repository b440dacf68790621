"""From a prompt set to shots with every choice made, or every reason why not."""

from collections.abc import Iterator
from fractions import Fraction

from ttv_dagster.engines.protocol import Capabilities, Engine
from ttv_dagster.engines.registry import engine_names, open_engine, open_keyframe_maker
from ttv_dagster.media.encode import ENCODING
from ttv_dagster.shots.mistakes import Mistake, PromptSetError
from ttv_dagster.shots.plan import PlannedShot, ResolvedShot, plan_shots, seed_of
from ttv_dagster.shots.shot import PromptSet, Shot


class _Engines:
    """The engines that one set asks for, each opened once."""

    def __init__(self) -> None:
        self._engines: dict[str, Engine] = {}
        self._able: dict[tuple[str, str | None], Capabilities] = {}
        self._makers: dict[str, str] = {}

    def engine(self, name: str) -> Engine:
        if name not in self._engines:
            self._engines[name] = open_engine(name)
        return self._engines[name]

    def able(self, name: str, model: str | None) -> Capabilities:
        if (name, model) not in self._able:
            self._able[name, model] = self.engine(name).capabilities(model)
        return self._able[name, model]

    def maker_version(self, name: str) -> str:
        if name not in self._makers:
            self._makers[name] = open_keyframe_maker(name).version
        return self._makers[name]


def _resolve_shot(shot: Shot, default_engine: str, override: str | None, engines: _Engines) -> ResolvedShot:
    asked = shot.engine or default_engine
    name = override or asked
    # An override to another engine leaves behind what was meant for the engine the shot was written for.
    same = name == asked
    model = shot.model if same else None
    able = engines.able(name, model)
    maker = None
    if shot.image is None and not shot.continues and able.reads_image:
        maker = able.keyframe_maker
    return ResolvedShot(
        id=shot.id,
        prompt=shot.prompt,
        negative_prompt=shot.negative_prompt if able.reads_negative_prompt else "",
        seed=shot.seed if shot.seed is not None else seed_of(shot.prompt),
        width=shot.width or able.native.width,
        height=shot.height or able.native.height,
        num_frames=shot.num_frames or able.native.num_frames,
        fps=Fraction(shot.fps or able.native.fps),
        engine=name,
        engine_version=engines.engine(name).version,
        encoding=ENCODING,
        continues=shot.continues,
        image=shot.image,
        last_image=shot.last_image,
        model=model,
        keyframe_maker=maker,
        keyframe_maker_version=engines.maker_version(maker) if maker else None,
        params=shot.params if same else {},
    )


def _resolved(
    prompt_set: PromptSet, file: str, default_engine: str, override: str | None, mistakes: list[Mistake]
) -> Iterator[ResolvedShot]:
    engines = _Engines()
    known = engine_names()
    for shot in prompt_set.shots:
        name = override or shot.engine or default_engine
        if name not in known:
            right = f"one of {', '.join(known)}"
            mistakes.append(Mistake(file, shot.id, "engine", f"no engine is called {name!r}", right))
            continue
        try:
            yield _resolve_shot(shot, default_engine, override, engines)
        except ValueError as error:
            mistakes.append(Mistake(file, shot.id, "model", str(error), "a model that the engine knows"))


def plan_set(
    prompt_set: PromptSet, *, file: str, default_engine: str, override: str | None = None
) -> list[PlannedShot]:
    """Every shot of the set with its recipe, none of which its engine refuses.

    Args:
        prompt_set: The set; its pictures are named ``pictures/<digest><suffix>``.
        file: Where the set was read from, for the mistakes.
        default_engine: The engine of shots that name none.
        override: The engine of every shot, whatever it names.

    Raises:
        PromptSetError: With every engine, model, size, length or parameter that is refused.
    """
    mistakes: list[Mistake] = []
    shots = list(_resolved(prompt_set, file, default_engine, override, mistakes))
    if mistakes:
        raise PromptSetError(mistakes)
    planned = list(plan_shots(shots))
    engines = _Engines()
    for each in planned:
        for refusal in engines.engine(each.shot.engine).validate(each.recipe):
            mistakes.append(Mistake(file, each.shot.id, refusal.field, refusal.wrong, refusal.right))
    if mistakes:
        raise PromptSetError(mistakes)
    return planned
