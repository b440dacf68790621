import json
from pathlib import Path

import pytest
from PIL import Image

from tests.cli.sets import write_set
from ttv_dagster.library.intake import Intake, read_intake
from ttv_dagster.library.library import Library, LibraryError
from ttv_dagster.shots.problems import PromptSetError


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(url=str(tmp_path / "library"))


def image(path: Path, color: tuple[int, int, int] = (200, 30, 60)) -> Path:
    Image.new("RGB", (40, 30), color).save(path)
    return path


def story(folder: Path, **shot: object) -> Path:
    return write_set(folder / "story.yaml", {"id": "a", **shot})


def test_a_set_comes_back_as_it_was_added(library: Library, tmp_path: Path) -> None:
    image(tmp_path / "red.png")
    file = story(tmp_path, image="red.png", fps="24000/1001", params={"sleep": 0.5})
    intake = read_intake(file)
    assert library.add(intake, file) == "new"
    assert library.read("story") == intake.prompt_set
    assert library.names() == ["story"]
    name = library.read("story").shots[0].image
    assert name is not None
    assert library.image("story", name) == (tmp_path / "red.png").read_bytes()


def test_the_same_file_again_changes_nothing_and_an_edited_one_replaces(library: Library, tmp_path: Path) -> None:
    file = story(tmp_path)
    assert library.add(read_intake(file), file) == "new"
    assert library.add(read_intake(file), file) == "unchanged"
    story(tmp_path, seed=7)
    assert library.add(read_intake(file), file) == "replaced"
    assert library.read("story").shots[0].seed == 7


def test_a_name_belongs_to_the_file_that_took_it(library: Library, tmp_path: Path) -> None:
    file, other = story(tmp_path), tmp_path / "other"
    library.add(read_intake(file), file)
    other.mkdir()
    intake = read_intake(story(other, seed=1))
    with pytest.raises(LibraryError, match="--replace"):
        library.add(intake, other / "story.yaml")
    assert library.read("story").shots[0].seed is None
    assert library.add(intake, other / "story.yaml", replace=True) == "replaced"


def test_one_image_named_twice_is_kept_once_and_one_changed_meanwhile_is_refused(
    library: Library, tmp_path: Path
) -> None:
    image(tmp_path / "red.png")
    (tmp_path / "copy.png").write_bytes((tmp_path / "red.png").read_bytes())
    file = write_set(tmp_path / "story.yaml", {"id": "a", "image": "red.png"}, {"id": "b", "image": "copy.png"})
    intake = read_intake(file)
    assert len(intake.images) == 1
    for path in (tmp_path / "red.png", tmp_path / "copy.png"):
        image(path, (0, 0, 255))
    with pytest.raises(LibraryError, match="changed while it was being added"):
        library.add(intake, file)
    assert library.names() == [], "the set is kept only after its images"


def test_every_image_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "text.png").write_text("not an image")
    (tmp_path / "empty.jpg").write_bytes(b"")
    image(tmp_path / "red.png")
    shots = [{"id": "a", "image": "text.png"}, {"id": "b", "image": "red.png", "last_image": "empty.jpg"}]
    with pytest.raises(PromptSetError) as refused:
        read_intake(write_set(tmp_path / "story.yaml", *shots))
    assert [(problem.shot, problem.field) for problem in refused.value.problems] == [
        ("a", "image"),
        ("b", "last_image"),
    ]


def test_a_set_that_is_not_there_is_said_with_those_that_are(library: Library, tmp_path: Path) -> None:
    with pytest.raises(LibraryError, match="none yet"):
        library.read("ghost")
    file = story(tmp_path)
    library.add(read_intake(file), file)
    with pytest.raises(LibraryError, match="it has: story"):
        library.read("ghost")


def test_what_is_kept_is_plain_json(library: Library, tmp_path: Path) -> None:
    file = story(tmp_path, prompt="ein Füchslein 🦊")
    intake: Intake = read_intake(file)
    library.add(intake, file)
    entry = json.loads((tmp_path / "library" / "story" / "set.json").read_text())
    assert entry["prompt_set"]["shots"][0]["prompt"] == "ein Füchslein 🦊"


def test_a_damaged_entry_is_replaced_only_when_that_is_asked_for(library: Library, tmp_path: Path) -> None:
    file = story(tmp_path)
    library.add(read_intake(file), file)
    entry = Path(library.url, "story", "set.json")
    entry.write_text('{"source": ')
    with pytest.raises(LibraryError, match=r"is damaged .*--replace"):
        library.add(read_intake(file), file)
    assert entry.read_text() == '{"source": '
    assert library.add(read_intake(file), file, replace=True) == "new"
    assert library.read("story").shots[0].id == "a"
