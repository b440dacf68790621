"""CSV as spreadsheets and editors write it."""

from fractions import Fraction
from pathlib import Path

import pytest

from tests.shots.writing import printed_problems, problems, put, read
from ttv_dagster.shots.files import read_prompt_set

PLAIN = 'id,prompt,image\nfox,"A fox, in snow.",images/fox.jpg\nhen,"A hen.",images/hen.jpg\n'


def test_prompts_with_images(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    for name in ("fox", "hen"):
        put(tmp_path, f"images/{name}.jpg", b"image")

    found = read(tmp_path, "birds.csv", PLAIN)

    assert found.name == "birds"
    assert [(shot.id, shot.prompt) for shot in found.shots] == [("fox", "A fox, in snow."), ("hen", "A hen.")]
    assert found.shots[0].image == str((tmp_path / "images/fox.jpg").resolve())


def test_what_a_spreadsheet_makes_of_it(tmp_path: Path) -> None:
    content = (
        "\ufeffid;prompt;seed;num_frames;fps;continues;negative_prompt;params.steps;params.sampler;;\r\n"
        '1;"A fox says ""hi"";\r\nthen leaves.";42.0;49.0;23,976;FALSE;;30.0;euler;;\r\n'
        "2;A hen.;;;24.0;TRUE;blur;;;;\r\n"
        ";;;;;;;;;;\r\n"
        "\r\n"
    ).replace("23,976", "23.976")

    fox, hen = read(tmp_path, "sheet.csv", content).shots

    assert (fox.id, fox.prompt, fox.seed, fox.num_frames) == ("1", 'A fox says "hi";\nthen leaves.', 42, 49)
    assert str(fox.fps) == "24000/1001"
    assert fox.params == {"steps": 30, "sampler": "euler"}
    assert (hen.seed, hen.num_frames, hen.fps, hen.continues, hen.negative_prompt) == (
        None,
        None,
        Fraction(24),
        True,
        "blur",
    )
    assert hen.params == {}


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_the_separator_is_found_in_the_first_row(tmp_path: Path, separator: str) -> None:
    content = separator.join(["id", "prompt"]) + "\n" + separator.join(["a", '"a fox, a hen; a cow\t"'])

    assert read(tmp_path, "a.csv", content).shots[0].prompt == "a fox, a hen; a cow"


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_every_end_of_line(tmp_path: Path, ends: str) -> None:
    content = ends.join(["prompt,seed", "", '"one', 'two",7', "three,8"])

    assert [(shot.prompt, shot.seed) for shot in read(tmp_path, "a.csv", content).shots] == [
        ("one\ntwo", 7),
        ("three", 8),
    ]


def test_spaces_around_cells_mean_nothing(tmp_path: Path) -> None:
    found = read(tmp_path, "a.csv", ' prompt , seed\n "a fox, a hen", 7 \n')

    assert (found.shots[0].prompt, found.shots[0].seed) == ("a fox, a hen", 7)


def test_a_row_may_end_early(tmp_path: Path) -> None:
    assert read(tmp_path, "a.csv", "prompt,seed,fps\na fox\n").shots[0].seed is None


def test_utf_16_as_spreadsheets_call_unicode_text(tmp_path: Path) -> None:
    content = "prompt\tseed\nein Fuchs im Schnee, größer\t7\n🦊\t8\n"

    for encoding in ("utf-16", "utf-16-be"):
        mark = "\ufeff" if encoding == "utf-16-be" else ""
        found = read(tmp_path, "a.csv", (mark + content).encode(encoding))
        assert [shot.prompt for shot in found.shots] == ["ein Fuchs im Schnee, größer", "🦊"]


def test_a_formula_is_text(tmp_path: Path) -> None:
    assert read(tmp_path, "a.csv", 'prompt\n"=HYPERLINK(""http://x"")"\n').shots[0].prompt == '=HYPERLINK("http://x")'


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ("prompt,widht\na,1\n", ["line 1: widht: unknown field; did you mean width?"]),
        ("prompt,seed,seed\na,1,2\n", ["line 1: seed: names two columns; one column for each field"]),
        ("prompt,params\na,1\n", ["line 1: params: unknown field; did you mean params.<name>?"]),
        (
            "prompt,params.a b\na,1\n",
            [
                "line 1: params.a b: is not a valid parameter name;"
                " letters, digits and '_', not starting with a digit, at most 100 of them"
            ],
        ),
        (
            "id,seed\na,x\n",
            [
                "line 1: prompt: is not in the header; a first row that names the columns",
                "shot \"a\" (line 2): seed: is 'x'; a whole number from 0 to 2147483647",
            ],
        ),
        ("", ["has no shots; at least one shot, with a prompt"]),
        ("\n \n", ["has no shots; at least one shot, with a prompt"]),
        ("prompt\n", ["has no shots; at least one shot, with a prompt"]),
        (
            "prompt,seed\na\nb,x\n,7\n",
            [
                "line 3: seed: is 'x'; a whole number from 0 to 2147483647",
                "line 4: prompt: is missing; say what the shot shows",
            ],
        ),
    ],
)
def test_what_is_refused(tmp_path: Path, content: str, found: list[str]) -> None:
    assert printed_problems(tmp_path, "a.csv", content) == found


@pytest.mark.parametrize(
    ("content", "place", "message"),
    [
        ("id,prompt\na,A fox, in snow.\n", "line 2", "has 3 cells, and there are 2 columns"),
        ('id,prompt\na,"A fox\nb,A hen\n', "line 2", "cannot be read as CSV (unexpected end of data)"),
        ('id,prompt\na,"A "fox" runs"\n', "line 2", "cannot be read as CSV (',' expected after '\"')"),
        (
            'prompt\nb\n"' + "x\n" * 100_000,
            "line 3",
            "cannot be read as CSV (field larger than field limit (131072))",
        ),
        ("prompt\n" + ",".join(["a"] * 600_000) + "\n", "line 2", "is longer than 1,000,000 characters"),
        ("a," * 1000, "line 1", "names 1,000 columns"),
    ],
)
def test_rows_that_fall_apart(tmp_path: Path, content: str, place: str, message: str) -> None:
    (problem,) = [each for each in problems(tmp_path, "a.csv", content) if each.field == ""]

    assert (problem.shot, problem.message) == (place, message)


def test_the_line_of_a_row_counts_the_lines_within_cells(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, "a.csv", 'prompt,seed\n"one\n\ntwo",1\n\nthree,x\n')

    assert problem.shot == "line 6"


def test_a_suffix_in_capitals(tmp_path: Path) -> None:
    assert read_prompt_set(put(tmp_path, "SHEET.CSV", "prompt\na fox\n")).name == "SHEET"
