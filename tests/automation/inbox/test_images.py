import logging
import os
from pathlib import Path

import pytest
from PIL import Image

from tests.automation.inbox.test_prompt_files import Dagster
from tests.deployments import NOWHERE
from ttv_dagster.automation.inbox import images as images_module
from ttv_dagster.automation.inbox.folder import WatchedFolder
from ttv_dagster.automation.inbox.images import ImageInbox, ImageTemplate, read_template
from ttv_dagster.automation.inbox.scanner import Scan
from ttv_dagster.automation.inbox.template import TemplateError
from ttv_dagster.library.library import Library
from ttv_dagster.shots.shot import PromptSet


class Desk:
    def __init__(self, folder: Path) -> None:
        self.home = folder
        self.folder = folder / "images"
        self.folder.mkdir()
        self.dagster = Dagster()
        self.library = Library(url=str(folder / "library"))
        self.template = ImageTemplate(prompt="{caption}, slow push in", caption="a photograph")

    def scan(self, *, reported: bool = True) -> Scan:
        inbox = ImageInbox(
            WatchedFolder(str(self.folder)),
            template=self.template,
            database=self.home / "ledger" / "automation.sqlite",
            library=self.library,
            deployment=NOWHERE,
            log=logging.getLogger("images"),
        )
        scan = inbox.scan(self.dagster, day="2026-11-25")
        if reported:
            self.dagster.runs += scan.runs
        return scan

    def settle(self) -> list[PromptSet]:
        """Look until nothing moves; the sets that were made meanwhile."""
        before = len(self.dagster.runs)
        for _ in range(6):
            self.scan()
        return [self.library.read(run.prompt_set) for run in self.dagster.runs[before:]]

    def drop(self, name: str, grey: int = 90, caption: str | None = None) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if caption is not None:
            path.with_suffix(".txt").write_text(caption)
        Image.new("RGB", (32, 32), (grey, grey, grey)).save(path)
        return path

    def errors(self, name: str) -> str:
        return (self.folder / WatchedFolder.errors_of(name)).read_text()


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setattr(images_module, "SETTLE_SECONDS", 0.0)
    return Desk(tmp_path)


def prompts(prompt_set: PromptSet) -> dict[str, str]:
    return {shot.id: shot.prompt for shot in prompt_set.shots}


def test_dropped_images_become_the_shots_of_one_set(desk: Desk) -> None:
    desk.drop("My Boat.png", grey=20, caption="a red boat\n at dusk\n")
    desk.drop("client/harbour.jpg")
    (made,) = desk.settle()
    assert prompts(made) == {"My-Boat": "a red boat at dusk, slow push in", "harbour": "a photograph, slow push in"}
    assert all(desk.library.image(made.name, shot.image or "") for shot in made.shots)
    assert made.name.startswith("images-2026-11-25-")


def test_a_touched_image_starts_nothing_and_a_new_caption_one_shot(desk: Desk) -> None:
    path = desk.drop("boat.png", caption="a boat")
    desk.drop("harbour.png", grey=20)
    desk.settle()
    os.utime(path, (1, 1))
    assert desk.settle() == []
    path.with_suffix(".txt").write_text("a ship")
    assert [prompts(made) for made in desk.settle()] == [{"boat": "a ship, slow push in"}]
    path.with_suffix(".txt").write_text("a boat")
    assert [prompts(made) for made in desk.settle()] == [{"boat": "a boat, slow push in"}]


def test_images_of_one_name_in_two_folders_are_two_shots(desk: Desk) -> None:
    desk.drop("a/boat.png")
    desk.drop("b/boat.png", grey=20)
    (made,) = desk.settle()
    assert list(prompts(made)) == ["boat", "boat-2"]


def test_a_bad_image_keeps_no_other_from_being_taken(desk: Desk) -> None:
    (desk.folder / "bad.png").write_bytes(b"no image")
    desk.drop("empty.png", caption="  ")
    desk.drop("good.png", grey=20)
    (made,) = desk.settle()
    assert list(prompts(made)) == ["good"]
    assert "is not a PNG" in desk.errors("bad.png")
    assert "caption is empty" in desk.errors("empty.png")
    desk.drop("bad.png", grey=40)
    assert [list(prompts(made)) for made in desk.settle()] == [["bad"]]
    assert not (desk.folder / "errors/bad.png.txt").exists()


def test_a_daemon_that_never_heard_of_a_set_is_asked_for_it_again(desk: Desk) -> None:
    desk.drop("boat.png")
    desk.scan()
    (lost,) = desk.scan(reported=False).runs
    (again,) = desk.scan().runs
    assert lost.run_key == again.run_key
    assert desk.settle() == []


def test_a_look_makes_a_set_of_at_most_twenty_images(desk: Desk) -> None:
    for number in range(25):
        desk.drop(f"{number}.png", grey=number)
    assert sorted(len(made.shots) for made in desk.settle()) == [5, 20]


def test_a_template_that_no_engine_can_render_fails_the_look_and_loses_no_image(desk: Desk) -> None:
    hint = desk.template
    desk.template = ImageTemplate(defaults={"width": "wide"})
    desk.drop("boat.png")
    desk.scan()
    with pytest.raises(ValueError, match="width"):
        desk.scan()
    desk.template = hint
    assert len(desk.settle()) == 1


def test_a_template_is_a_yaml_file(tmp_path: Path) -> None:
    file = tmp_path / "template.yaml"
    file.write_text("prompt: '{caption}, {name}'\ndefaults: {fps: 24}\n")
    assert read_template(file).defaults == {"fps": 24}
    file.write_text("prompt: '{captoin}'\n")
    with pytest.raises(TemplateError, match="did you mean caption"):
        read_template(file)
    file.write_text("prompt: '{caption.__class__}'\n")
    with pytest.raises(TemplateError, match="is not a gap"):
        read_template(file)
    file.write_text("promt: x\n")
    with pytest.raises(TemplateError, match="promt"):
        read_template(file)
