"""YAML: values are read as text, and only what a person writes by hand is read at all."""

from fractions import Fraction
from pathlib import Path
from textwrap import dedent

import pytest

from tests.shots.writing import printed_problems, problems, read
from ttv_dagster.shots.formats.rows import FIELDS
from ttv_dagster.shots.names import SET_NAME_RULE
from ttv_dagster.shots.values import PARAM_NAME_RULE

STORY = dedent(
    """\
    # Two shots that continue one another.
    name: fox-and-hen
    defaults:
      width: 832
      height: 480
      fps: 23.976
      seed: 42
      negative_prompt: blur
      params: {steps: 30, sampler: "euler"}
    shots:
      - id: yard
        prompt: >-
          A fox walks into a yard,
          slowly.

      - id: stare
        continues: yes
        prompt: "The hen stares: \\"1/2 + 1/4 = ?\\""
        seed: ~
        params:
          steps: 8
          shift: 5.0
      - id: leap
        prompt: |
          The fox leaps.
          The hen does not.
        negative_prompt: ""
        fps: 24
    """
)


def test_a_set_with_defaults(tmp_path: Path) -> None:
    found = read(tmp_path, "story.yaml", STORY)
    yard, stare, leap = found.shots

    assert found.name == "fox-and-hen"
    assert [shot.id for shot in found.shots] == ["yard", "stare", "leap"]
    assert yard.prompt == "A fox walks into a yard, slowly."
    assert (yard.width, yard.height, yard.seed, yard.fps) == (832, 480, 42, Fraction(24000, 1001))
    assert yard.params == {"steps": 30, "sampler": "euler"}
    assert stare.prompt == 'The hen stares: "1/2 + 1/4 = ?"'
    assert stare.continues
    assert stare.seed == 42
    assert stare.params == {"steps": 8, "sampler": "euler", "shift": 5}
    assert leap.prompt == "The fox leaps.\nThe hen does not."
    assert leap.negative_prompt == ""
    assert leap.fps == 24


def test_defaults_hold_wherever_they_stand(tmp_path: Path) -> None:
    found = read(tmp_path, "a.yaml", "shots:\n- prompt: a fox\ndefaults: {seed: 7}\nname: later\n")

    assert found.name == "later"
    assert found.shots[0].seed == 7


def test_a_set_without_a_name_is_named_after_its_file(tmp_path: Path) -> None:
    assert read(tmp_path, "My Prompts (2).yml", "shots: [{prompt: a fox}]").name == "My-Prompts-2"


def test_a_prompt_may_stand_alone(tmp_path: Path) -> None:
    found = read(tmp_path, "a.yaml", "shots:\n- a fox\n- 'a hen: brown'\n- {prompt: both}\n")

    assert [(shot.id, shot.prompt) for shot in found.shots] == [
        ("shot-0001", "a fox"),
        ("shot-0002", "a hen: brown"),
        ("shot-0003", "both"),
    ]


@pytest.mark.parametrize("text", ["no", "1984", "1_000", "0x10", "12:30:45", "2026-11-23", "yes", "1e3", "=", "a # b"])
def test_plain_text_stays_text(tmp_path: Path, text: str) -> None:
    quoted = f"'{text}'" if "#" in text else text

    assert read(tmp_path, "a.yaml", f"shots:\n- prompt: {quoted}\n").shots[0].prompt == text


def test_quotes_keep_a_parameter_text(tmp_path: Path) -> None:
    found = read(
        tmp_path, "a.yaml", "shots:\n- {prompt: a, params: {a: '30', b: 30, c: yes, d: true, e: null, f: 0.5}}"
    )

    assert found.shots[0].params == {"a": "30", "b": 30, "c": "yes", "d": True, "e": None, "f": 0.5}


def test_an_unknown_field_is_named_with_its_shot_its_line_and_the_field_that_was_meant(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, "milo.yaml", STORY.replace("fps: 24\n", "widht: 24\n"))

    assert (problem.file, problem.shot, problem.field) == (str(tmp_path / "milo.yaml"), "leap", "widht")
    assert str(problem).endswith('milo.yaml: shot "leap" (line 23): widht: unknown field; did you mean width?')


def test_every_problem_of_a_file_is_listed(tmp_path: Path) -> None:
    message = """\
    naem: typo
    name: my set
    defaults: {widht: 1, fps: 0, image: a.png, params: {a b: 1}}
    shots:
      - id: one
        continues: true
        prompt: a fox
        seed: many
      - prompt: [wide shot]
        params: 7
        steps: 30
      - id: one
        prompt:
      - id: two
        id: three
        prompt: a hen
        image: nowhere.png
    more: {nested: [1, 2, {a: b}]}
    """

    assert printed_problems(tmp_path, "a.yaml", dedent(message)) == [
        "line 1: naem: unknown field; did you mean name?",
        "line 15: id: is given twice; one value",
        "line 18: more: unknown field; one of name, defaults, shots",
        f"name: is 'my set'; {SET_NAME_RULE}, such as my-set",
        "line 3: defaults.image: can only be set for each shot; set it in the shots",
        "line 3: defaults.widht: unknown field; did you mean width?",
        "line 3: defaults.fps: is '0'; frames per second above 0 and at most 240, such as 24, 23.976 or 24000/1001",
        f"line 3: defaults.params.a b: is not a valid parameter name; {PARAM_NAME_RULE}",
        "shot \"one\" (line 5): seed: is 'many'; a whole number from 0 to 2147483647",
        'shot "one" (line 5): continues: is true for the first shot; '
        "a shot before it, or a shot that does not continue another",
        f"line 9: steps: unknown field; one of {', '.join(FIELDS)}; an engine's own parameter goes into params",
        "line 9: prompt: is a list; text",
        "line 9: params: is '7'; a mapping of the engine's parameters, such as {steps: 30}",
        'shot "one" (line 12): prompt: is missing; say what the shot shows',
        'shot "one" (line 12): id: is already the id of line 5; a unique id',
        "shot \"three\" (line 14): image: is 'nowhere.png': no such file or directory; the path of an image,"
        " relative to the folder of the prompt set and inside it",
    ]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("shots: &all\n- prompt: a\n", "line 1: has an anchor, '&all'"),
        ("a: &a x\nshots: [*a]\n", "line 2: refers to an anchor, '*a'"),
        ("shots:\n- prompt: *bold\n", "line 2: refers to an anchor, '*bold'"),
        (
            "shots:\n- prompt: !!python/object/apply:os.system [ls]\n",
            "line 2: has a tag, 'tag:yaml.org,2002:python/",
        ),
        ("shots:\n- prompt: !wow such\n", "line 2: has a tag, '!wow'"),
        ("shots:\n- !!str a\n", "line 2: has a tag"),
        ("%TAG !e! tag:example.com,2026:\n---\nshots: [a]\n", "line 1: declares a tag"),
        ("shots:\n- <<: {seed: 1}\n  prompt: a\n", "line 2: <<: is a merge key"),
        ("shots:\n- prompt: a\n  prompt: b\n", "line 3: prompt: is given twice"),
        ("shots: [a]\nshots: [b]\n", "line 2: shots: is given twice"),
        ("shots:\n- {prompt: a, params: {x: 1, x: 2}}\n", "line 2: x: is given twice"),
        ("shots: [a]\n---\nshots: [b]\n", "line 2: starts a second document"),
        ("---\nshots: [a]\n...\n---\n", "line 4: starts a second document"),
        ("? [a, b]\n: c\nshots: [a]\n", "line 1: has a key that is not a name"),
        ("shots:\n- {[a]: b}\n", "line 2: has a key that is not a name"),
        ("- prompt: a\n", "line 1: is a list; a mapping with shots"),
        ("just a prompt\n", "line 1: is text; a mapping with shots"),
        ("shots: a fox\n", "line 1: shots: is text; a list of shots"),
        ("shots: {prompt: a}\n", "line 1: shots: is a mapping; a list of shots"),
        ("defaults: [seed]\nshots: [a]\n", "line 1: defaults: is a list; a mapping"),
        ("name: [a]\nshots: [a]\n", "line 1: name: is a list; one name"),
        ("shots:\n- [a, b]\n", "line 2: prompt: is a list; text"),
        (
            "shots:\n- prompt: Milo says: hello\n",
            "line 2: is not YAML: mapping values are not allowed in this context",
        ),
        ("shots:\n- prompt: 'open\n- prompt: b\n", "line 2: is not YAML: found unexpected end of stream"),
        ("shots:\n- prompt: @home\n", "line 2: is not YAML: found character that cannot start any token"),
        ("shots:\n\t- prompt: a\n", "line 2: is not YAML"),
        ('shots:\n- "\\ud800"\n', "line 2: is not YAML: found invalid Unicode character escape code"),
        ("shots:\n- prompt: \x1b[31mred\n", "line 2: contains a character that YAML does not allow, U+001B"),
        ("", "has no shots; at least one shot, with a prompt"),
        ("# nothing\n", "has no shots"),
        ("~", "has no shots"),
        ("shots:\n", "has no shots"),
        ("shots: []\n", "has no shots"),
        ("name: a\n", "has no shots"),
        ("name: ''\nshots: [a]\n", "name: is ''"),
    ],
)
def test_what_is_refused(tmp_path: Path, content: str, problem: str) -> None:
    assert any(line.startswith(problem) for line in printed_problems(tmp_path, "a.yaml", content))


def test_what_can_be_read_before_the_end_is_checked_too(tmp_path: Path) -> None:
    found = printed_problems(tmp_path, "a.yaml", "shots:\n- {prompt: a, seed: x}\n- {prompt: 'b\n")

    assert [line.partition(":")[0] for line in found] == ["line 3", "line 2"]


def test_an_alias_is_one_problem_and_not_two(tmp_path: Path) -> None:
    assert len(problems(tmp_path, "a.yaml", "shots:\n- {prompt: *a, params: {x: *b}}\n- *c\n")) == 3


def test_a_yaml_version_may_be_declared(tmp_path: Path) -> None:
    assert read(tmp_path, "a.yaml", "%YAML 1.2\n---\nshots: [a]\n...\n").shots[0].prompt == "a"


def test_escapes_in_double_quotes_are_plain_text(tmp_path: Path) -> None:
    assert read(tmp_path, "a.yaml", 'shots: ["\\e[31mred\\U0001F98A"]').shots[0].prompt == "\x1b[31mred🦊"
