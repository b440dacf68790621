from dataclasses import replace
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from ttv_dagster.shots.plan import PlannedShot, ResolvedShot, film_key, plan_shots, seed_of, with_needed


def shot(name: str, *, continues: bool = False, image: str | None = None, prompt: str | None = None) -> ResolvedShot:
    made = image is None and not continues
    return ResolvedShot(
        id=name,
        prompt=prompt or f"the prompt of {name}",
        seed=seed_of(prompt or f"the prompt of {name}"),
        width=64,
        height=48,
        num_frames=9,
        fps=Fraction(8),
        engine="animatic",
        engine_version="1",
        encoding="h264-1",
        continues=continues,
        image=image,
        keyframe_generator="title-card" if made else None,
        keyframe_generator_version="1" if made else None,
        params={"move": "pan"},
    )


@st.composite
def films(draw: st.DrawFn) -> list[ResolvedShot]:
    flags = draw(st.lists(st.booleans(), min_size=1, max_size=12))
    return [shot(f"s{n}", continues=flag and n > 0) for n, flag in enumerate(flags)]


def keys(shots: list[ResolvedShot]) -> dict[str, str]:
    return {each.shot.id: each.key for each in plan_shots(shots)}


def chain(shots: list[ResolvedShot], index: int) -> set[str]:
    """The shot and all that continue it."""
    found = {shots[index].id}
    for later in shots[index + 1 :]:
        if not later.continues:
            break
        found.add(later.id)
    return found


@given(films(), st.data())
def test_editing_one_shot_changes_its_key_and_those_that_continue_it(
    shots: list[ResolvedShot], data: st.DataObject
) -> None:
    index = data.draw(st.integers(0, len(shots) - 1))
    edited = [*shots[:index], replace(shots[index], prompt="another prompt"), *shots[index + 1 :]]
    before, after = keys(shots), keys(edited)
    assert {name for name in before if before[name] != after[name]} == chain(shots, index)


@given(films(), st.data())
def test_inserting_a_shot_between_chains_changes_no_other_key(shots: list[ResolvedShot], data: st.DataObject) -> None:
    places = [n for n in range(len(shots) + 1) if n == len(shots) or not shots[n].continues]
    index = data.draw(st.sampled_from(places))
    longer = [*shots[:index], shot("new"), *shots[index:]]
    before, after = keys(shots), keys(longer)
    assert {name: after[name] for name in before} == before


@given(films())
def test_moving_whole_chains_changes_no_key(shots: list[ResolvedShot]) -> None:
    chains: list[list[ResolvedShot]] = []
    for each in shots:
        if each.continues:
            chains[-1].append(each)
        else:
            chains.append([each])
    moved = [each for one in reversed(chains) for each in one]
    assert keys(moved) == keys(shots)


@given(films())
def test_a_shot_survives_its_row(shots: list[ResolvedShot]) -> None:
    assert [ResolvedShot.from_row(each.to_row()) for each in shots] == shots


@given(films(), st.data())
def test_what_is_needed_is_the_wanted_shots_and_all_they_continue(
    shots: list[ResolvedShot], data: st.DataObject
) -> None:
    planned = list(plan_shots(shots))
    wanted = data.draw(st.sets(st.sampled_from([each.id for each in shots])))
    expected = set(wanted)
    for each in reversed(planned):
        if each.shot.id in expected and each.after_id is not None:
            expected.add(each.after_id)
    assert with_needed(planned, wanted) == expected


def plan_of(*shots: ResolvedShot) -> list[PlannedShot]:
    return list(plan_shots(shots))


def test_a_first_frame_is_named_by_what_it_is() -> None:
    given_image, made, continued = plan_of(
        shot("a", image=f"images/{'ab' * 32}.jpg"), shot("b"), shot("c", continues=True)
    )
    first = given_image.recipe.first_frame
    assert first is not None
    assert (first.source, first.key) == ("image", "ab" * 32)
    first = made.recipe.first_frame
    assert first is not None
    assert made.keyframe is not None
    assert (first.source, first.key) == ("keyframe", made.keyframe.key())
    first = continued.recipe.first_frame
    assert first is not None
    assert (first.source, first.key) == ("clip", made.key)
    assert (continued.after, continued.after_id, continued.keyframe) == (made.key, "b", None)


def test_the_name_of_a_shot_decides_no_pixel() -> None:
    one, other = plan_of(shot("a", prompt="the same"), shot("b", prompt="the same"))
    assert one.key == other.key


def test_an_unset_seed_comes_from_the_prompt_alone() -> None:
    assert seed_of("a fox") == seed_of("a fox") != seed_of("a dog")
    assert all(0 <= seed_of(str(n)) < 2**31 for n in range(1000))


def test_a_film_is_named_by_its_clips_their_order_and_the_joining() -> None:
    one, other = plan_of(shot("a"), shot("b"))
    assert film_key([one, other], "1") != film_key([other, one], "1")
    assert film_key([one, other], "1") != film_key([one, other], "2")
