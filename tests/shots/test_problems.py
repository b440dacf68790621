"""Mistakes name the file, the shot, the field, what is wrong and what would be right."""

import pickle

import pytest

from ttv_dagster.shots.problems import MOST_MISTAKES, Mistake, Mistakes, PromptSetError, did_you_mean, shown


@pytest.mark.parametrize(
    ("mistake", "sentence"),
    [
        (
            Mistake("milo.yaml", "slip", "widht", "unknown field", "did you mean width?", "line 31"),
            'milo.yaml: shot "slip" (line 31): widht: unknown field; did you mean width?',
        ),
        (
            Mistake("milo.yaml", "line 31", "seed", "is 'x'", "a whole number", "line 31"),
            "milo.yaml: line 31: seed: is 'x'; a whole number",
        ),
        (Mistake("a.csv", "fox", "image", "is torn", "a picture"), 'a.csv: shot "fox": image: is torn; a picture'),
        (Mistake("a.csv", "", "", "holds no shots", "one shot"), "a.csv: holds no shots; one shot"),
    ],
)
def test_a_mistake_reads_as_one_sentence(mistake: Mistake, sentence: str) -> None:
    assert str(mistake) == sentence


def test_what_a_stranger_wrote_cannot_command_the_terminal() -> None:
    mistake = Mistake("evil\x1b[2J.csv", "", "a\nb", f"is {shown(chr(27) + ']0;title' + chr(7))}", "text \u202e")

    assert str(mistake).isprintable()


def test_a_value_is_shown_short() -> None:
    assert len(shown("x" * 1_000_000)) < 100
    assert shown(10**5000) == "a huge number"
    assert shown([1]) == "a list"
    assert shown({}) == "a mapping"
    assert shown(object()) == "a object"


def test_mistakes_sort_even_where_some_have_no_place() -> None:
    first = Mistake("a", "b", "c", "d", "e")

    assert sorted([Mistake("b", "", "", "", ""), first, first]) == [first, first, Mistake("b", "", "", "", "")]


def test_the_error_lists_every_mistake_and_survives_a_process_boundary() -> None:
    error = PromptSetError([Mistake("a.csv", "one", "seed", "is -1", "0"), Mistake("a.csv", "two", "fps", "is 0", "1")])

    copy = pickle.loads(pickle.dumps(error))  # noqa: S301

    assert str(error).splitlines() == [str(mistake) for mistake in error.mistakes]
    assert copy.mistakes == error.mistakes
    assert str(copy) == str(error)


def test_a_long_list_is_cut_in_print_alone() -> None:
    error = PromptSetError([Mistake("a.csv", f"s{number}", "", "is wrong", "right") for number in range(60)])

    assert len(error.mistakes) == 60
    assert len(str(error).splitlines()) == 51
    assert str(error).endswith("... and 10 more")


def test_of_a_file_of_garbage_so_many_are_kept_and_the_rest_is_counted() -> None:
    collected = Mistakes("a.csv")
    for number in range(MOST_MISTAKES + 5):
        collected.add(shot=f"line {number}", wrong="is wrong", right="right")
    collected.count(2)

    kept = collected.error().mistakes

    assert len(kept) == MOST_MISTAKES + 1
    assert kept[-1].wrong == "7 more mistakes are not listed"


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("widht", "width"),
        ("Negative Prompt", "negative_prompt"),
        ("PROMPT", "prompt"),
        ("zebra", None),
        ("w" * 10_000, None),
        (7, None),
    ],
)
def test_did_you_mean(name: object, meant: str | None) -> None:
    assert did_you_mean(name, ["prompt", "negative_prompt", "width"]) == meant
