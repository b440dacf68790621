"""Prompt sets of every kind, for hypothesis."""

from fractions import Fraction

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy, composite

from ttv_dagster.shots.shot import PromptSet, Shot
from ttv_dagster.shots.values import Scalar, untyped

# How busy the machine is says nothing about the code.
QUICK = settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])

CHARACTERS = st.characters(exclude_categories=["Cs", "Cc"])
LINES = st.text(CHARACTERS | st.sampled_from("a \t#'\",;:%{[-"), max_size=40)
TEXTS = st.lists(LINES, max_size=3).map("\n".join)
PROMPTS = TEXTS.map(lambda text: f"a fox {text}")
IDS = st.from_regex(r"\A[A-Za-z0-9][A-Za-z0-9._-]{0,20}\Z")
RATES = st.sampled_from([Fraction(24), Fraction(24000, 1001), Fraction(25, 2), Fraction(1, 3), Fraction(240)])
LABELS = st.from_regex(r"\A[a-z0-9/._-]{1,12}\Z")
PARAM_NAMES = st.from_regex(r"\A[a-z_][a-z0-9_]{0,8}\Z")
PARAMS = (
    st.none() | st.booleans() | st.integers(-(2**62), 2**62) | st.floats(allow_nan=False, allow_infinity=False) | TEXTS
)
# A cell is text: it can hold the number 30, and not the text "30" or nothing at all.
CELL_PARAMS = (
    st.booleans()
    | st.integers(-(10**17), 10**17)
    | LINES.map(str.strip).filter(lambda text: text != "" and untyped(text) == text)
)


@composite
def shots(draw: DrawFn, params: SearchStrategy[Scalar], images: bool) -> Shot:
    continues = draw(st.booleans())
    optional = {
        "negative_prompt": TEXTS,
        "seed": st.integers(0, 2**31 - 1),
        "width": st.integers(1, 16_384),
        "height": st.integers(1, 16_384),
        "num_frames": st.integers(1, 100_000),
        "fps": RATES,
        "engine": LABELS,
        "model": LABELS,
        "params": st.dictionaries(PARAM_NAMES, params, max_size=3),
    }
    if images:
        optional["last_image"] = st.just("images/last.png")
        if not continues:
            optional["image"] = st.just("images/first.png")
    fields = draw(st.fixed_dictionaries({"id": IDS, "prompt": PROMPTS}, optional=optional))
    return Shot(continues=continues, **fields)


def _as_a_set(found: list[Shot]) -> PromptSet:
    first = found[0].model_copy(update={"continues": False})
    return PromptSet(name="written", shots=(first, *found[1:]))


def prompt_sets(params: SearchStrategy[Scalar] = PARAMS, images: bool = False) -> SearchStrategy[PromptSet]:
    found = st.lists(shots(params, images), min_size=1, max_size=4, unique_by=lambda shot: shot.id)
    return found.map(_as_a_set)


def lists_of_prompts() -> SearchStrategy[PromptSet]:
    """Sets that say nothing but their prompts, each in one line."""
    prompts = st.lists(LINES.map(lambda line: f"a fox {line}"), min_size=1, max_size=5)
    return prompts.map(
        lambda found: PromptSet(
            name="written",
            shots=tuple(Shot(id=f"shot-{place:04d}", prompt=prompt) for place, prompt in enumerate(found, 1)),
        )
    )
