"""Images are found beside the prompt file, and nowhere else unless that is configured."""

import os
from collections.abc import Sequence
from pathlib import Path

import pytest
from pydantic_core import PydanticCustomError

from ttv_dagster.shots.image_paths import ImagePaths


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The folder of a prompt set, with a secret beside it."""
    home = tmp_path / "home"
    (home / "images").mkdir(parents=True)
    (tmp_path / "elsewhere").mkdir()
    for name in (
        "home/images/fox.png",
        "home/größe 1.png",
        "home/a\\b.png",
        "elsewhere/secret.png",
        "homely.png",
    ):
        (tmp_path / name).write_bytes(b"image")
    (home / "good-link.png").symlink_to("images/fox.png")
    (home / "bad-link.png").symlink_to("../elsewhere/secret.png")
    (home / "bad-folder").symlink_to("../elsewhere")
    (home / "loop.png").symlink_to("loop.png")
    (home / "torn-link.png").symlink_to("nothing.png")
    os.mkfifo(home / "pipe.png")
    return home


def find(home: Path, path: str, roots: Sequence[Path] = ()) -> str:
    return ImagePaths(home, roots)(path)


def problem(home: Path, path: str) -> str:
    with pytest.raises(PydanticCustomError) as caught:
        find(home, path)
    return caught.value.message()


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("images/fox.png", "images/fox.png"),
        ("./images//fox.png", "images/fox.png"),
        ("images/../images/fox.png", "images/fox.png"),
        ("../home/images/fox.png", "images/fox.png"),
        ("good-link.png", "images/fox.png"),
        ("größe 1.png", "größe 1.png"),
        ("a\\b.png", "a\\b.png"),
    ],
)
def test_an_image_inside(home: Path, path: str, found: str) -> None:
    assert find(home, path) == str(home.resolve() / found)


def test_an_absolute_path_inside(home: Path) -> None:
    assert find(home, str(home / "good-link.png")) == str(home.resolve() / "images/fox.png")


def test_a_folder_that_is_itself_a_link(home: Path) -> None:
    link = home.parent / "link"
    link.symlink_to(home)

    assert find(link, "images/fox.png") == str(home.resolve() / "images/fox.png")
    assert find(link, str(link / "images/fox.png")) == str(home.resolve() / "images/fox.png")


@pytest.mark.parametrize(
    "path",
    ["../elsewhere/secret.png", "images/../../elsewhere/secret.png", "bad-link.png", "bad-folder/secret.png",
     "/etc/passwd", "../homely.png", "..", "../nothing.png", "bad-folder/nothing.png"],
)  # fmt: skip
def test_what_leads_out(home: Path, path: str) -> None:
    assert "leads out of the folder" in problem(home, path)
    assert "inside it" in problem(home, path)


@pytest.mark.parametrize("path", ["../elsewhere/secret.png", "bad-link.png", "bad-folder/secret.png"])
def test_a_configured_root_may_be_led_to(home: Path, path: str) -> None:
    root = home.parent / "elsewhere"

    assert find(home, path, [root]) == str(root.resolve() / "secret.png")


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("nothing.png", "no such file"),
        ("torn-link.png", "no such file"),
        ("images/fox.png/x", "not a directory"),
        ("loop.png", "symbolic links"),
        ("images", "not a regular file"),
        (".", "not a regular file"),
        ("pipe.png", "not a regular file"),
        ("x" * 300, "name too long"),
        ("a/" * 33 + "b.png", "too many folders deep"),
        ("images\\fox.png", "separated by /"),
        ("http://example.com/a.png", "no such file"),
        ("~/a.png", "no such file"),
    ],
)
def test_what_is_no_image(home: Path, path: str, message: str) -> None:
    assert message in problem(home, path)
