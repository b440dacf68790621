"""The inbox, looked into again and again as its sensor does; Dagster is a list of the runs that it was told of."""

import logging
import os
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from filelock import FileLock
from PIL import Image
from upath import UPath

from tests.deployments import NOWHERE
from ttv_dagster.automation.inbox import prompt_files as inbox_module
from ttv_dagster.automation.inbox.folder import WatchedFolder
from ttv_dagster.automation.inbox.ledger import WantedRun
from ttv_dagster.automation.inbox.prompt_files import Inbox
from ttv_dagster.automation.inbox.scanner import InboxBusyError, Scan
from ttv_dagster.library.library import Library


class Dagster:
    """Remembers each run that it was told of."""

    def __init__(self) -> None:
        self.runs: list[WantedRun] = []

    def has_run(self, run_key: str) -> bool:
        return run_key in {each.run_key for each in self.runs}

    def has_content(self, prompt_set: str, content: str) -> bool:
        return (prompt_set, content) in {(each.prompt_set, each.content) for each in self.runs}


class Desk:
    """An inbox on a folder of the test's own."""

    def __init__(self, folder: Path) -> None:
        self.home = folder
        self.inbox = folder / "inbox"
        self.inbox.mkdir()
        self.dagster = Dagster()
        self.url = str(self.inbox)
        self.library = Library(url=str(folder / "library"))
        self.roots: Sequence[Path] = ()

    def scan(self, *, reported: bool = True) -> Scan:
        """One scan; Dagster hears of what it came to unless the daemon died first."""
        inbox = Inbox(
            WatchedFolder(self.url),
            database=self.home / "ledger" / "automation.sqlite",
            library=self.library,
            deployment=NOWHERE,
            image_roots=self.roots,
            log=logging.getLogger("inbox"),
        )
        found = inbox.scan(self.dagster)
        if reported:
            self.dagster.runs += found.runs
        return found

    def settle(self) -> list[str]:
        """Look until nothing moves; the sets whose runs were started meanwhile."""
        before = len(self.dagster.runs)
        quiet = 0
        while quiet < 2:
            scan = self.scan()
            quiet = 0 if scan.runs or scan.accepted or scan.refused or scan.settling else quiet + 1
        return [run.prompt_set for run in self.dagster.runs[before:]]

    def write(self, name: str, text: str) -> Path:
        file = self.inbox / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return file

    def errors(self, name: str) -> str | None:
        file = self.inbox / WatchedFolder.errors_of(name)
        return file.read_text() if file.exists() else None


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setattr(inbox_module, "SETTLE_SECONDS", 0.0)
    monkeypatch.setattr(inbox_module, "SECONDS_PER_SCAN", 60.0)
    return Desk(tmp_path)


def test_a_dropped_file_is_in_the_library_and_its_run_is_asked_for_at_the_same_look(desk: Desk) -> None:
    desk.write("story.txt", "a harbour\n")
    assert desk.scan().runs == []
    scan = desk.scan()
    assert scan.accepted == ["story.txt"]
    assert [run.prompt_set for run in scan.runs] == ["story"]
    assert desk.library.read("story").shots[0].prompt == "a harbour"


def test_a_file_is_not_read_while_it_grows(desk: Desk) -> None:
    file = desk.write("story.txt", "a harbour\n")
    for number in range(3):
        assert desk.scan().accepted == []
        with file.open("a") as growing:
            growing.write(f"shot {number}\n")
    assert desk.settle() == ["story"]
    assert len(desk.library.read("story").shots) == 4


def test_a_file_has_to_stay_as_it_is_for_a_while(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbox_module, "SETTLE_SECONDS", 0.3)
    desk.write("story.txt", "a harbour\n")
    assert desk.scan().settling == 1
    assert desk.scan().accepted == []
    time.sleep(0.3)
    assert desk.scan().accepted == ["story.txt"]


def test_a_touch_starts_nothing_and_neither_does_the_same_file_again(desk: Desk) -> None:
    file = desk.write("story.txt", "a harbour\n")
    assert desk.settle() == ["story"]
    os.utime(file, (1, 1))
    assert desk.settle() == []
    file.unlink()
    assert desk.settle() == []
    desk.write("story.txt", "a harbour\n")
    assert desk.settle() == []


def test_an_edit_starts_one_run_and_going_back_another(desk: Desk) -> None:
    for text in ("a harbour\n", "a boat\n", "a harbour\n", "a boat\n"):
        desk.write("story.txt", text)
        assert desk.settle() == ["story"]
        assert desk.settle() == []
    assert len({run.run_key for run in desk.dagster.runs}) == 4
    assert len({run.content for run in desk.dagster.runs}) == 2


def test_another_way_to_write_the_same_set_starts_nothing(desk: Desk) -> None:
    desk.write("story.yaml", "shots:\n- {id: a, prompt: a harbour}\n")
    assert desk.settle() == ["story"]
    desk.write("story.yaml", "# tidied up\nshots:\n  - id: a\n    prompt: a harbour\n")
    assert desk.settle() == []


def test_a_renamed_file_is_a_new_set_where_the_file_names_it(desk: Desk) -> None:
    desk.write("story.txt", "a harbour\n").rename(desk.inbox / "tale.txt")
    desk.settle()
    (desk.inbox / "tale.txt").rename(desk.inbox / "saga.txt")
    assert desk.settle() == ["saga"]


def test_a_renamed_file_that_names_its_set_is_the_same_set(desk: Desk) -> None:
    file = desk.write("story.yaml", "name: harbour\nshots: [{id: a, prompt: a harbour}]\n")
    assert desk.settle() == ["harbour"]
    file.rename(desk.inbox / "tale.yaml")
    assert desk.settle() == []
    desk.write("tale.yaml", "name: harbour\nshots: [{id: a, prompt: a boat}]\n")
    assert desk.settle() == ["harbour"]


def test_two_files_of_one_set_do_not_fight_over_it(desk: Desk) -> None:
    desk.write("a/story.txt", "a harbour\n")
    desk.settle()
    desk.write("b/story.txt", "a boat\n")
    assert desk.settle() == []
    assert "another file" in (desk.errors("b/story.txt") or "")
    assert desk.library.read("story").shots[0].prompt == "a harbour"


def test_a_bad_file_blocks_no_good_one_and_says_why_beside_it(desk: Desk) -> None:
    desk.write("bad.yaml", "shots:\n- {id: a, promt: a harbour}\n- {id: b, prompt: a boat, width: -1}\n")
    desk.write("worse.csv", "\0")
    desk.write("never.yaml", "shots: [{id: a, prompt: x, engine: nobody}]\n")
    desk.write("good.txt", "a harbour\n")
    assert desk.settle() == ["good"]
    said = desk.errors("bad.yaml") or ""
    assert 'bad.yaml: shot "a"' in said
    assert "width" in said
    assert str(desk.home) not in said
    assert desk.errors("worse.csv")
    assert "nobody" in (desk.errors("never.yaml") or "")
    assert desk.errors("good.txt") is None


def test_what_is_in_errors_is_never_taken_for_a_prompt_file(desk: Desk) -> None:
    desk.write("bad.yaml", "shots: 7\n")
    desk.settle()
    desk.write("errors/mine.txt", "a harbour\n")
    desk.write("client/errors/mine.txt", "a harbour\n")
    assert desk.settle() == []


def test_a_bad_file_is_taken_again_when_it_is_mended(desk: Desk) -> None:
    desk.write("story.yaml", "shots: 7\n")
    desk.settle()
    assert desk.errors("story.yaml")
    desk.write("story.yaml", "shots: [{id: a, prompt: a harbour}]\n")
    assert desk.settle() == ["story"]
    assert not (desk.inbox / "errors").exists()


def test_the_problems_of_a_file_go_when_the_file_goes(desk: Desk) -> None:
    file = desk.write("story.yaml", "shots: 7\n")
    desk.settle()
    file.unlink()
    desk.settle()
    assert not (desk.inbox / "errors").exists()


IMAGED = "shots:\n- {id: a, prompt: a harbour, image: images/a.png}\n"


def image(path: Path, grey: int = 90) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (32, 32), (grey, grey, grey)).save(path)
    return path


def test_a_file_waits_for_its_images(desk: Desk) -> None:
    desk.write("client/story.yaml", IMAGED)
    assert desk.settle() == []
    assert desk.scan().waiting == 1
    assert desk.errors("client/story.yaml") is None
    image(desk.inbox / "client/images/a.png")
    assert desk.settle() == ["story"]
    kept = desk.library.read("story").shots[0].image
    assert kept is not None
    assert desk.library.image("story", kept)


def test_an_image_that_never_comes_is_told_of_after_a_while_and_still_awaited(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox_module, "WAIT_SECONDS", 0.0)
    desk.write("story.yaml", IMAGED)
    desk.settle()
    assert "waits for the image images/a.png" in (desk.errors("story.yaml") or "")
    image(desk.inbox / "images/a.png")
    assert desk.settle() == ["story"]
    assert desk.errors("story.yaml") is None


def test_an_image_that_arrives_in_pieces_is_read_when_it_is_whole(desk: Desk) -> None:
    whole = image(desk.home / "a.png").read_bytes()
    desk.write("story.yaml", IMAGED)
    (desk.inbox / "images").mkdir()
    (desk.inbox / "images/a.png").write_bytes(whole[:40])
    assert desk.settle() == []
    assert "a.png" in (desk.errors("story.yaml") or "")
    (desk.inbox / "images/a.png").write_bytes(whole)
    assert desk.settle() == ["story"]


def test_another_image_under_the_same_name_is_an_edit(desk: Desk) -> None:
    desk.write("story.yaml", IMAGED)
    image(desk.inbox / "images/a.png")
    assert desk.settle() == ["story"]
    image(desk.inbox / "images/a.png", grey=200)
    assert desk.settle() == ["story"]


def test_an_image_outside_the_folder_of_its_file_is_refused_unless_that_is_configured(desk: Desk) -> None:
    image(desk.home / "elsewhere/a.png")
    text = "shots:\n- {id: a, prompt: a harbour, image: ../elsewhere/a.png}\n"
    desk.write("story.yaml", text)
    assert desk.settle() == []
    assert "out of the folder" in (desk.errors("story.yaml") or "")
    desk.roots = [desk.home / "elsewhere"]
    desk.write("story.yaml", text + "# touched\n")
    assert desk.settle() == ["story"]


def test_hidden_files_and_links_are_left_alone(desk: Desk) -> None:
    desk.write(".story.txt", "a harbour\n")
    desk.write(".partial/story.txt", "a harbour\n")
    secret = desk.home / "secret.txt"
    secret.write_text("a password\n")
    (desk.inbox / "link.txt").symlink_to(secret)
    (desk.inbox / "around").symlink_to(desk.inbox)
    assert desk.settle() == []


def test_what_does_not_fit_into_one_look_is_taken_at_the_next(desk: Desk) -> None:
    for number in range(45):
        desk.write(f"{number}.txt", f"shot {number}\n")
    desk.scan()
    assert [len(desk.scan().accepted) for _ in range(4)] == [20, 20, 5, 0]
    assert sorted(run.prompt_set for run in desk.dagster.runs) == sorted(map(str, range(45)))


def test_a_run_that_dagster_never_heard_of_is_asked_for_again_by_the_same_key(desk: Desk) -> None:
    desk.write("story.txt", "a harbour\n")
    desk.scan()
    lost = desk.scan(reported=False).runs
    again = desk.scan().runs
    assert [run.run_key for run in lost] == [run.run_key for run in again]
    assert desk.scan().runs == []


def test_a_lost_ledger_starts_nothing_again(desk: Desk) -> None:
    desk.write("story.txt", "a harbour\n")
    desk.settle()
    (desk.home / "ledger" / "automation.sqlite").unlink()
    assert desk.settle() == []
    desk.write("story.txt", "a boat\n")
    assert desk.settle() == ["story"]


def test_a_folder_that_is_not_mounted_for_a_while_starts_nothing(desk: Desk) -> None:
    desk.write("story.txt", "a harbour\n")
    desk.settle()
    desk.inbox.rename(desk.home / "unmounted")
    with pytest.raises(FileNotFoundError, match="no such folder"):
        desk.scan()
    (desk.home / "unmounted").rename(desk.inbox)
    assert desk.settle() == []


def test_two_scans_never_overlap(desk: Desk) -> None:
    desk.scan()
    with FileLock(desk.home / "ledger" / "prompts-inbox.lock"), pytest.raises(InboxBusyError):
        desk.scan()


def test_a_file_too_large_for_a_scan_says_what_takes_it(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbox_module, "LARGEST_FILE", 10)
    desk.write("story.txt", "a harbour at dusk\n")
    assert desk.settle() == []
    assert "`ttv add`" in (desk.errors("story.txt") or "")


def test_a_library_that_cannot_be_written_is_tried_again(desk: Desk) -> None:
    desk.write("story.txt", "a harbour\n")
    (desk.home / "library").write_text("in the way")
    desk.scan()
    assert desk.scan().accepted == []
    assert desk.errors("story.txt") is None
    (desk.home / "library").unlink()
    assert desk.settle() == ["story"]


def test_an_inbox_may_be_at_any_url(desk: Desk) -> None:
    desk.url = f"memory://{desk.home.name}"
    inbox = UPath(desk.url)
    inbox.mkdir(parents=True)
    assert desk.settle() == []
    (inbox / "client/story.yaml").write_text(IMAGED)
    (inbox / "bad.yaml").write_text("shots: 7\n")
    assert desk.settle() == []
    assert (inbox / "errors/bad.yaml.txt").read_text().startswith("bad.yaml: ")
    (inbox / "client/images/a.png").write_bytes(image(desk.home / "a.png").read_bytes())
    assert desk.settle() == ["story"]
    assert desk.library.source("story") == str(inbox / "client/story.yaml")
    (inbox / "bad.yaml").write_text("shots: [{id: a, prompt: mended}]\n")
    assert desk.settle() == ["bad"]
    assert not (inbox / "errors/bad.yaml.txt").exists()
