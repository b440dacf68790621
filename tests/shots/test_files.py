"""From a path to a prompt set, or to every reason why not."""

import os
import stat
from pathlib import Path

import pytest

from tests.shots.writing import printed_problems, problems, put, read
from ttv_dagster.shots.files import LARGEST_FILE, read_prompt_set
from ttv_dagster.shots.problems import PromptSetError

NO_TEXT = [
    ("prompt\ncafé".encode("latin-1"), "line 2: is not UTF-8: byte 11 is 0xE9; save it as UTF-8"),
    ("\ufeffprompt\né".encode() + b"\x80", "line 2: is not UTF-8: byte 13 is 0x80; save it as UTF-8"),
    ("prompt\na fox".encode("utf-32"), "is written in UTF-32; save it as UTF-8"),
    (
        "prompt\na fox".encode("utf-16") + b"\x00",
        "is not the UTF-16 that its first bytes promise; save it as UTF-8",
    ),
    (b"\xff\xfe\x00\xd8", "is not the UTF-16 that its first bytes promise; save it as UTF-8"),
    ("prompt\na fox".encode("utf-16-le"), "line 1: contains a NUL byte, which text never does; save it as UTF-8"),
    (b"prompt\na \x00 fox\n", "line 2: contains a NUL byte, which text never does; save it as UTF-8"),
    (b"\n" * 2_000_001, "has more than 2,000,000 lines; split it into several files"),
    (b"\r" * 2_000_001, "has more than 2,000,000 lines; split it into several files"),
    (b"", "has no shots; at least one shot, with a prompt"),
    (b"\xef\xbb\xbf", "has no shots; at least one shot, with a prompt"),
]

SHARED = Path(__file__).parents[2].parent / "shared" / "data" / "prompts"


def refused(path: Path) -> str:
    with pytest.raises(PromptSetError) as caught:
        read_prompt_set(path)
    (problem,) = caught.value.problems
    assert (problem.file, problem.shot, problem.field) == (str(path), "", "")
    return f"{problem.message}; {problem.hint}"


def test_every_prompt_file_that_is_shared_parses() -> None:
    for path in sorted(SHARED.glob("*.*")):
        found = read_prompt_set(path)
        assert found.name == path.stem.replace("_and_", "-and-")
        assert all(shot.image is None or Path(shot.image).is_file() for shot in found.shots)


def test_one_story_in_four_formats(tmp_path: Path) -> None:
    yaml = "shots:\n- prompt: a fox\n- prompt: a hen\n"
    csv = "prompt\na fox\na hen\n"
    jsonl = '{"prompt": "a fox"}\n{"prompt": "a hen"}\n'
    txt = "a fox\na hen\n"

    sets = [read(tmp_path, f"story{suffix}", content) for suffix, content in [
        (".yaml", yaml), (".yml", yaml), (".csv", csv), (".jsonl", jsonl), (".txt", txt),
    ]]  # fmt: skip

    assert all(each == sets[0] for each in sets)
    assert sets[0].name == "story"
    assert [shot.id for shot in sets[0].shots] == ["shot-0001", "shot-0002"]


def test_an_id_that_is_made_meets_one_that_is_given(tmp_path: Path) -> None:
    assert printed_problems(tmp_path, "a.csv", "id,prompt\nshot-0002,a\n,b\n,c\nshot-0003,d\n") == [
        "line 3: id: is not given, and shot-0002 (by its position) is already the id of line 2; a unique id",
        'shot "shot-0003" (line 5): id: is already the id of line 4; a unique id',
    ]


def test_the_first_shot_continues_nothing_even_where_it_is_wrong(tmp_path: Path) -> None:
    assert [problem.field for problem in problems(tmp_path, "a.csv", "prompt,seed,continues\na,x,TRUE\nb,,1\n")] == [
        "seed",
        "continues",
    ]


def test_a_file_whose_name_cannot_name_a_set(tmp_path: Path) -> None:
    assert printed_problems(tmp_path, "!!!.txt", "a fox\n")[0].startswith("name: is '!!!'; letters, digits")


@pytest.mark.parametrize("name", ["set.json", "set", "set.xlsx", "set.csv.gz", ".yaml"])
def test_other_suffixes(tmp_path: Path, name: str) -> None:
    path = put(tmp_path, name, "a fox")

    assert refused(path) == "is not a prompt file by its name; a name that ends in .yaml, .yml, .csv, .jsonl, .txt"


def test_a_path_that_leads_to_no_file(tmp_path: Path) -> None:
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "torn.csv").symlink_to("nothing.csv")
    (tmp_path / "loop.csv").symlink_to("loop.csv")
    os.mkfifo(tmp_path / "pipe.csv")
    (tmp_path / "terminal.csv").symlink_to("/dev/tty")

    assert "no such file" in refused(tmp_path / "missing.csv")
    assert "no such file" in refused(tmp_path / "torn.csv")
    assert "symbolic links" in refused(tmp_path / "loop.csv")
    assert "is a folder" in refused(tmp_path / "folder.csv")
    assert "not a regular file" in refused(tmp_path / "pipe.csv")
    assert "not a regular file" in refused(tmp_path / "terminal.csv")
    assert "null byte" in refused(tmp_path / "a\0b.csv")
    assert "too long" in refused(tmp_path / f"{'x' * 300}.csv")
    assert "cannot be read" in refused(tmp_path / "\ud800.csv")


def test_a_file_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    path = put(tmp_path, "secret.csv", "prompt\na\n")
    monkeypatch.setattr(os, "open", denied)

    assert refused(path) == "cannot be read: permission denied; a text file of at most 64 MiB"


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "large.csv"
    with path.open("wb") as file:
        file.truncate(LARGEST_FILE + 1)

    assert refused(path) == "has more than 64 MiB; several smaller files"


@pytest.mark.parametrize("suffix", [".yaml", ".csv", ".jsonl", ".txt"])
@pytest.mark.parametrize(("content", "message"), NO_TEXT, ids=[message for _, message in NO_TEXT])
def test_what_is_no_text(tmp_path: Path, suffix: str, content: bytes, message: str) -> None:
    assert printed_problems(tmp_path, f"a{suffix}", content) == [message]


def test_images_may_be_in_a_configured_root(tmp_path: Path) -> None:
    for folder in ("sets", "images"):
        (tmp_path / folder).mkdir()
    put(tmp_path, "images/fox.png", b"image")
    path = put(tmp_path / "sets", "a.csv", "prompt,image,last_image\na,../images/fox.png,../images/fox.png\n")

    shot = read_prompt_set(path, image_roots=[tmp_path / "images"]).shots[0]
    with pytest.raises(PromptSetError) as caught:
        read_prompt_set(path)

    assert shot.image == shot.last_image == str((tmp_path / "images/fox.png").resolve())
    assert [problem.field for problem in caught.value.problems] == ["image", "last_image"]


def test_nothing_is_left_open_or_changed(tmp_path: Path) -> None:
    path = put(tmp_path, "a.csv", "prompt\na\n")
    path.chmod(0o400)
    before = len(os.listdir("/dev/fd"))  # noqa: PTH208

    read_prompt_set(path)

    assert len(os.listdir("/dev/fd")) == before  # noqa: PTH208
    assert stat.S_IMODE(path.stat().st_mode) == 0o400
