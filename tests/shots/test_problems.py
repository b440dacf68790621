"""Problems name the file, the shot, the field, what is wrong and what would be right."""

import pickle

import pytest

from ttv_dagster.shots.problems import MAX_PROBLEMS, Problem, Problems, PromptSetError, did_you_mean, shown


@pytest.mark.parametrize(
    ("problem", "sentence"),
    [
        (
            Problem("widht", "unknown field", "did you mean width?", "milo.yaml", "slip", "line 31"),
            'milo.yaml: shot "slip" (line 31): widht: unknown field; did you mean width?',
        ),
        (
            Problem("seed", "is 'x'", "a whole number", "milo.yaml", "line 31", "line 31"),
            "milo.yaml: line 31: seed: is 'x'; a whole number",
        ),
        (Problem("image", "is torn", "an image", "a.csv", "fox"), 'a.csv: shot "fox": image: is torn; an image'),
        (Problem("", "has no shots", "one shot", "a.csv"), "a.csv: has no shots; one shot"),
    ],
)
def test_a_problem_reads_as_one_sentence(problem: Problem, sentence: str) -> None:
    assert str(problem) == sentence


def test_what_a_stranger_wrote_cannot_command_the_terminal() -> None:
    problem = Problem("a\nb", f"is {shown(chr(27) + ']0;title' + chr(7))}", "text \u202e", "evil\x1b[2J.csv")

    assert str(problem).isprintable()


def test_a_value_is_shown_short() -> None:
    assert len(shown("x" * 1_000_000)) < 100
    assert shown(10**5000) == "a huge number"
    assert shown([1]) == "a list"
    assert shown({}) == "a mapping"
    assert shown(object()) == "a object"


def test_the_error_lists_every_problem_and_survives_a_process_boundary() -> None:
    error = PromptSetError([Problem("seed", "is -1", "0", "a.csv", "one"), Problem("fps", "is 0", "1", "a.csv", "two")])

    copy = pickle.loads(pickle.dumps(error))  # noqa: S301

    assert str(error).splitlines() == [str(problem) for problem in error.problems]
    assert copy.problems == error.problems
    assert str(copy) == str(error)


def test_a_long_list_is_cut_in_print_alone() -> None:
    error = PromptSetError([Problem("", "is wrong", "hint", "a.csv", f"s{number}") for number in range(60)])

    assert len(error.problems) == 60
    assert len(str(error).splitlines()) == 51
    assert str(error).endswith("... and 10 more")


def test_of_a_file_of_garbage_so_many_are_kept_and_the_rest_is_counted() -> None:
    collected = Problems("a.csv")
    for number in range(MAX_PROBLEMS + 5):
        collected.add(shot=f"line {number}", message="is wrong", hint="hint")
    collected.count(2)

    kept = collected.error().problems

    assert len(kept) == MAX_PROBLEMS + 1
    assert kept[-1].message == "7 more problems are not listed"


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
