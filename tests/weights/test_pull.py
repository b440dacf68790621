"""Pulls from a real hub over HTTP, through everything that goes wrong on the way."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.support import TTV, on_small_disk
from tests.weights.hub import GATED, TOKEN, noise
from tests.weights.studio import BIG, SMALL, PullStudio
from ttv_dagster.weights.errors import (
    Busy,
    Gated,
    NoNetwork,
    NotAllowed,
    NotFound,
    NotWritable,
    Offline,
    PullError,
    Unsafe,
    WrongBytes,
)
from ttv_dagster.weights.lock import WeightsLock
from ttv_dagster.weights.model import Model, Part
from ttv_dagster.weights.pulling import Progress, move, pull
from ttv_dagster.weights.snapshots import repository_lock, snapshot_folder
from ttv_dagster.weights.state import is_pulled, missing, plan_removal, remove, verify, why_not_to_pull


def gets(studio: PullStudio, path: str) -> int:
    """How often a file was asked for."""
    return sum(request.startswith("GET ") and request.endswith(f"/{path}") for request in studio.server.requests)


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ttv_dagster.weights.pulling._FIRST_WAIT", 0.01)


def test_a_first_pull_pins_the_newest_commit_and_brings_what_the_patterns_take(studio: PullStudio) -> None:
    model = studio.model("one")
    commit = studio.server.commit(model.id, {"README.md": b"long", "run.py": b"print()", "RANDOM_WEIGHTS": b""})
    pulled = studio.pull(model)
    assert studio.lock.commits() == {model.id: commit}
    assert pulled.commit == commit
    assert (pulled.files, pulled.bytes) == (4, 300_000 + sum(len(data) for data in SMALL.values()))
    folder = studio.file(model).parents[1]
    found = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert found == {*SMALL, BIG, "RANDOM_WEIGHTS"}
    assert studio.file(model).read_bytes() == noise(model.id, 300_000)


def test_what_is_there_is_not_fetched_again_nor_asked_for(studio: PullStudio) -> None:
    model = studio.model("one")
    studio.pull(model)
    studio.server.forget()
    (studio.hub.cache / ".locks").rename(studio.hub.cache / "moved")
    (studio.hub.cache / ".locks").write_text("the cache cannot be written")
    assert studio.pull(model).fetched == 0
    assert studio.server.requests == []


def test_a_pin_stays_when_the_repository_goes_on(studio: PullStudio, tmp_path: Path) -> None:
    model = studio.model("one")
    first = studio.pull(model).commit
    studio.server.commit(model.id, {"vae/config.json": b'{"new": 1}'})
    remove(plan_removal(model, [model], studio.lock.read(), studio.hub.cache))
    assert studio.pull(model).commit == first
    assert studio.file(model, "vae/config.json").read_bytes() == b"{}"


def test_every_repository_of_a_model_is_pinned_by_its_own_commit(studio: PullStudio) -> None:
    part = studio.model("part")
    model = studio.model("whole", parts=(part.id,))
    pulled = studio.pull(model)
    assert pulled.commit == f"{studio.lock.commits()[model.id]},{studio.lock.commits()[part.id]}"
    assert pulled.commit == model.commit(studio.lock.commits())
    assert is_pulled(model, studio.lock.read(), studio.hub.cache)
    assert is_pulled(part, studio.lock.read(), studio.hub.cache), "what a part brought is not fetched twice"


def test_progress_counts_the_bytes_of_all_files(studio: PullStudio) -> None:
    model = studio.model("one", big=noise("big", 2_000_000))
    studio.server.faults.bytes_per_second = 1_500_000
    seen: list[Progress] = []
    studio.pull(model, on_progress=seen.append)
    fetched = [each.done for each in seen if each.stage == "fetch"]
    assert fetched == sorted(fetched)
    assert fetched[-1] == 2_000_000 + sum(len(data) for data in SMALL.values())
    assert [each.done for each in seen if each.stage == "check"][-1] == fetched[-1]


def test_a_pull_that_is_stopped_ends_at_once_and_its_download_with_it(studio: PullStudio) -> None:
    model = studio.model("one", big=noise("big", 3_000_000))
    studio.server.faults.bytes_per_second = 300_000

    class Stop(Exception):
        pass

    def stop(progress: Progress) -> None:
        if studio.server.sent.get(BIG):
            raise Stop

    with pytest.raises(Stop):
        studio.pull(model, on_progress=stop)
    sent = studio.server.sent[BIG]
    time.sleep(0.6)
    assert studio.server.sent[BIG] <= sent + 300_000


def test_a_pull_that_is_killed_leaves_no_download_behind_and_the_next_one_goes_on(studio: PullStudio) -> None:
    model = studio.model("one", big=noise("big", 3_000_000))
    studio.server.faults.bytes_per_second = 500_000
    process = studio.start("weights", "pull", model.id)
    deadline = time.monotonic() + 60
    while studio.server.sent.get(BIG, 0) < 200_000 or any(gets(studio, path) == 0 for path in SMALL):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    time.sleep(0.3)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    time.sleep(0.5)
    sent = studio.server.sent[BIG]
    time.sleep(0.5)
    assert studio.server.sent[BIG] == sent, "the download goes on without the one that asked for it"
    assert not is_pulled(model, studio.lock.read(), studio.hub.cache)
    studio.server.forget()
    studio.pull(model)
    assert [gets(studio, path) for path in SMALL] == [0, 0], "what was whole is fetched again"
    assert gets(studio, BIG) == 1
    assert verify(model, studio.lock.read(), studio.hub.cache) == []


def test_a_connection_that_breaks_is_taken_up_where_it_broke(studio: PullStudio) -> None:
    model = studio.model("one", big=noise("big", 25_000_000))
    studio.server.faults.cut = {BIG: [12_000_000]}
    studio.pull(model)
    assert gets(studio, BIG) == 2
    assert studio.server.sent[BIG] < 30_000_000
    assert studio.said == []


def test_bytes_that_are_not_the_hubs_are_thrown_away_and_fetched_again(studio: PullStudio) -> None:
    model = studio.model("one")
    studio.server.faults.flip = {BIG}
    with pytest.raises(WrongBytes, match=f"{BIG} arrived damaged: its digest is") as caught:
        studio.pull(model)
    assert caught.value.retriable
    assert len(studio.said) == 2, "it was not tried again"
    assert not studio.file(model).exists()
    studio.server.forget()
    studio.pull(model)
    assert studio.file(model).read_bytes() == noise(model.id, 300_000)


@pytest.mark.parametrize("path", [BIG, "vae/config.json"], ids=["SHA-256", "git"])
def test_a_file_that_rotted_is_found_by_verify_and_mended_by_a_pull_that_looks(studio: PullStudio, path: str) -> None:
    model = studio.model("one")
    studio.pull(model)
    data = studio.file(model, path).read_bytes()
    studio.file(model, path).resolve().write_bytes(bytes([data[0] ^ 1]) + data[1:])
    pins = studio.lock.read()
    assert is_pulled(model, pins, studio.hub.cache), "it reads nothing"
    (found,) = verify(model, pins, studio.hub.cache)
    assert f"{model.id}: {path}: its digest is" in found
    studio.pull(model, check_all=True)
    assert studio.file(model, path).read_bytes() == data
    assert "is damaged" in studio.said[0]


def test_a_cache_that_was_half_written_is_not_believed(studio: PullStudio) -> None:
    model = studio.model("one")
    studio.pull(model)
    studio.file(model).resolve().write_bytes(b"short")
    studio.file(model, "vae/config.json").resolve().unlink()
    studio.file(model, "model_index.json").unlink()
    pins = studio.lock.read()
    assert missing([model, model], pins, studio.hub.cache) == [model]
    assert len(verify(model, pins, studio.hub.cache)) == 3
    studio.pull(model)
    assert missing([model], pins, studio.hub.cache) == []
    assert verify(model, pins, studio.hub.cache) == []


def test_what_a_dead_process_left_is_swept(studio: PullStudio) -> None:
    model = studio.model("one")
    studio.pull(model)
    blob = studio.file(model).resolve()
    left = blob.with_name(f"{blob.name}.0123abcd.incomplete")
    fresh = blob.with_name(f"{blob.name}.4567abcd.incomplete")
    for path in (left, fresh):
        path.write_bytes(b"part")
    os.utime(left, (0, 0))
    blob.unlink()
    studio.pull(model)
    assert not left.exists()
    assert fresh.exists(), "somebody may be writing to it"


@pytest.mark.parametrize("pinned", [False, True], ids=["at the first question", "at the download"])
@pytest.mark.parametrize(
    ("status", "headers", "kind", "said"),
    [
        (403, GATED, Gated, "is gated: accept its license at {url}/{id} with an account, and set HF_TOKEN"),
        (401, GATED, Gated, "is gated"),
        (401, {"X-Error-Code": "RepoNotFound"}, NotFound, "does not have a repository {id}: check {url}/{id}"),
        (404, {"X-Error-Code": "RepoNotFound"}, NotFound, "set HF_TOKEN (https://huggingface.co/settings/tokens)"),
        (404, {"X-Error-Code": "RevisionNotFound"}, NotFound, "does not have that commit of {id}"),
        (401, {}, NotAllowed, "asks for an account for {id}: set HF_TOKEN"),
    ],
)
def test_a_problem_is_one_line_with_the_page_to_visit(
    studio: PullStudio, status: int, headers: dict[str, str], kind: type[PullError], said: str, pinned: bool
) -> None:
    model = studio.model("one")
    if pinned:
        studio.pull(model)
        remove(plan_removal(model, [model], studio.lock.read(), studio.hub.cache))
    studio.server.faults.status = {model.id: (status, headers)}
    with pytest.raises(kind) as caught:
        studio.pull(model)
    assert said.format(id=model.id, url=studio.server.url) in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not caught.value.retriable
    assert studio.said == [], "it was tried again"


def test_a_token_is_sent_and_never_said(studio: PullStudio, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    model = studio.model("one")
    studio.server.faults.status = {model.id: (401, {})}
    with pytest.raises(NotAllowed, match="refuses the token") as caught:
        studio.pull(model)
    assert studio.server.tokens == {f"Bearer {TOKEN}"}
    assert TOKEN not in str(caught.value)
    done = studio.ttv("weights", "pull", model.id, HF_TOKEN=TOKEN)
    assert done.returncode == 1
    assert "refuses the token" in done.stderr
    assert TOKEN not in done.stdout + done.stderr
    studio.server.forget()
    studio.pull(model)
    written = [
        path for path in studio.folder.rglob("*") if path.is_file() and not path.is_relative_to(studio.hub.cache)
    ]
    assert not [path for path in written if TOKEN.encode() in path.read_bytes()]


def test_no_network_is_tried_a_few_times_and_said(studio: PullStudio) -> None:
    model = studio.model("one")
    studio.server.faults.down = True
    with pytest.raises(NoNetwork, match="cannot be reached") as caught:
        studio.pull(model)
    assert caught.value.retriable
    assert len(studio.said) == 2
    assert studio.lock.commits() == {}


def test_a_busy_hub_is_asked_again(studio: PullStudio) -> None:
    model = studio.model("one")
    studio.server.faults.status = {model.id: (503, {})}

    def recover(sentence: str) -> None:
        assert "answered 503" in sentence
        studio.server.forget()

    assert pull(model, lock=studio.lock, hub=studio.hub, say=recover).files == 3


def test_offline_mode_is_honoured(studio: PullStudio, monkeypatch: pytest.MonkeyPatch) -> None:
    model, other = studio.model("one"), studio.model("two")
    studio.pull(model)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    studio.server.forget()
    studio.pull(model)
    with pytest.raises(Offline, match="offline mode is on"):
        studio.pull(other)
    studio.file(model).unlink()
    with pytest.raises(Offline, match=r"lacks 1 of its files here \(300.0 kB\), and offline mode is on"):
        studio.pull(model)
    assert studio.server.requests == []
    assert str(why_not_to_pull([other], studio.lock.read())).endswith("offline mode is on (HF_HUB_OFFLINE)")


def test_weights_that_exist_only_pickled_are_refused(studio: PullStudio) -> None:
    model = studio.model("one")
    studio.server.commit(model.id, {"unet/config.json": b"{}", "unet/diffusion_pytorch_model.bin": b"pickled"})
    with pytest.raises(Unsafe, match=r"has unet/diffusion_pytorch_model\.bin only pickled"):
        studio.pull(model)
    assert studio.lock.commits() == {}
    assert not studio.hub.cache.exists()


def test_nothing_pickled_and_no_code_is_fetched_beside_safetensors(studio: PullStudio) -> None:
    model = studio.model("one", files=("*",))
    pickled = {"vae/diffusion_pytorch_model.bin": b"pickled", "vae/Model.PT": b"pickled", "pipeline.py": b"import os"}
    studio.server.commit(model.id, pickled)
    studio.pull(model)
    assert not [path for path in pickled if studio.file(model, path).exists()]
    assert not [path for path in pickled if gets(studio, path)]


def test_a_disk_without_room_is_refused_before_anything_is_fetched(studio: PullStudio) -> None:
    model = studio.model("one", big=noise("big", 3_000_000))
    (studio.folder / "hf").mkdir()
    command = on_small_disk(studio.folder / "hf", 1024, [*TTV, "weights", "pull", model.id])
    done = subprocess.run(command, cwd=studio.folder, env=studio.env, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    assert "3.0 MB must be downloaded and the disk of" in done.stderr
    assert gets(studio, BIG) == 0


def test_a_disk_that_fills_up_on_the_way_is_said(studio: PullStudio) -> None:
    model = studio.model("one", big=noise("big", 3_000_000))
    (studio.folder / "hf").mkdir()
    # What else is on the disk comes while the pull is under way.
    code = (
        "import sys, threading, pathlib; from ttv_dagster.weights import pulling; from ttv_dagster.cli import main;"
        f"hog = pathlib.Path({str(studio.folder / 'hf' / 'hog')!r}); check = pulling._check_room;"
        "pulling._check_room = lambda *a: (check(*a), hog.write_bytes(bytes(2_500_000)));"
        f"sys.argv = ['ttv', 'weights', 'pull', {model.id!r}]; main()"
    )
    command = on_small_disk(studio.folder / "hf", 4096, [sys.executable, "-c", code])
    done = subprocess.run(command, cwd=studio.folder, env=studio.env, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    assert "is full: make room" in done.stderr


def test_two_pulls_at_once_fetch_every_file_once_and_agree_on_the_commit(studio: PullStudio) -> None:
    model = studio.model("one", big=noise("big", 2_000_000))
    studio.server.faults.bytes_per_second = 1_000_000
    both = [studio.start("weights", "pull", model.id) for _ in range(2)]
    ended = [process.communicate(timeout=60)[0] for process in both]
    assert [process.returncode for process in both] == [0, 0], ended
    assert gets(studio, BIG) == 1
    assert sum("waiting for it" in text for text in ended) == 1
    assert is_pulled(model, studio.lock.read(), studio.hub.cache)


def test_an_update_fetches_first_and_moves_the_pin_last(studio: PullStudio) -> None:
    model = studio.model("one")
    first = studio.pull(model).commit
    new = studio.server.commit(model.id, {}, large={BIG: noise("new", 300_000)})
    studio.server.faults.flip = {BIG}
    with pytest.raises(WrongBytes):
        move(model, {model.id: new}, lock=studio.lock, hub=studio.hub)
    assert studio.lock.commits() == {model.id: first}
    studio.server.forget()
    move(model, {model.id: new}, lock=studio.lock, hub=studio.hub)
    assert studio.lock.commits() == {model.id: new}
    assert studio.file(model).read_bytes() == noise("new", 300_000)
    assert gets(studio, "model_index.json") == 0, "what did not change is fetched again"


def test_the_hubs_own_pruning_keeps_the_pinned_commit_and_frees_the_one_before(studio: PullStudio) -> None:
    model = studio.model("one")
    first = studio.pull(model).commit
    new = studio.server.commit(model.id, {}, large={BIG: noise("new", 300_000)})
    move(model, {model.id: new}, lock=studio.lock, hub=studio.hub)
    assert snapshot_folder(studio.hub.cache, model.id, first).is_dir()
    prune = [str(Path(sys.executable).parent / "hf"), "cache", "prune", "--yes"]
    subprocess.run(prune, env=studio.env, capture_output=True, check=True)
    assert not snapshot_folder(studio.hub.cache, model.id, first).exists()
    assert is_pulled(model, studio.lock.read(), studio.hub.cache)
    assert verify(model, studio.lock.read(), studio.hub.cache) == []


def test_another_machine_learns_from_the_lock_what_must_be_there(studio: PullStudio, tmp_path: Path) -> None:
    model = studio.model("one")
    studio.pull(model)
    shared = WeightsLock(str(tmp_path / "home" / "weights")).read()
    other = tmp_path / "other machine"
    assert missing([model], shared, other) == [model]
    assert verify(model, shared, studio.hub.cache) == []


def test_a_removal_frees_what_it_says_and_leaves_what_another_model_needs(studio: PullStudio) -> None:
    part = studio.model("part")
    first, second = studio.model("first", parts=(part.id,)), studio.model("second", parts=(part.id,))
    known = [part, first, second]
    for model in (first, second):
        studio.pull(model)
    studio.pull(second)
    pins = studio.lock.read()
    removal = plan_removal(first, [first, second], pins, studio.hub.cache)
    assert (list(removal.folders), removal.kept) == ([first.id], {part.id: second.id})
    before = sum(path.lstat().st_size for path in studio.hub.cache.rglob("*") if path.is_file())
    remove(removal)
    after = sum(path.lstat().st_size for path in studio.hub.cache.rglob("*") if path.is_file())
    assert before - after >= removal.bytes >= 300_000
    assert missing(known, pins, studio.hub.cache) == [first]
    last = plan_removal(second, [first, second], pins, studio.hub.cache)
    assert set(last.folders) == {second.id, part.id}


def test_what_is_being_pulled_is_not_removed(studio: PullStudio) -> None:
    model = studio.model("one")
    studio.pull(model)
    removal = plan_removal(model, [model], studio.lock.read(), studio.hub.cache)
    with repository_lock(studio.hub.cache, model.id), pytest.raises(Busy, match="is being pulled by another process"):
        remove(removal)
    assert studio.file(model).exists()


def test_a_cache_that_cannot_be_written_is_said(studio: PullStudio) -> None:
    model = studio.model("one")
    studio.hub.cache.parent.mkdir()
    studio.hub.cache.write_text("a file where the folder should be")
    with pytest.raises(NotWritable, match="HF_HOME names another folder"):
        studio.pull(model)


def test_a_password_in_the_mirrors_address_is_never_said(studio: PullStudio) -> None:
    from ttv_dagster.weights.hub import Hub

    model = studio.model("one")
    with_password = studio.server.url.replace("http://", "http://me:secret@")
    studio.hub = Hub(with_password, studio.hub.cache)
    studio.server.faults.status = {model.id: (404, {"X-Error-Code": "RepoNotFound"})}
    with pytest.raises(NotFound) as caught:
        studio.pull(model)
    assert "secret" not in str(caught.value)


def test_why_not_to_pull_names_a_license_or_a_lack_of_room(studio: PullStudio) -> None:
    gated = studio.model("gated", gated=True)
    assert "is gated: accept its license at" in str(why_not_to_pull([gated], studio.lock.read()))
    huge = studio.model("huge", bytes=10**18)
    assert "1000000000.0 GB to download" in str(why_not_to_pull([huge], studio.lock.read()))
    assert why_not_to_pull([studio.model("fine")], studio.lock.read()) is None


def test_a_model_with_a_part_that_is_missing_pins_nothing(studio: PullStudio) -> None:
    own = studio.model("own")
    model = Model.model_validate({**own.model_dump(), "parts": (Part(id="nobody/nothing", files=("*",)),)})
    with pytest.raises(NotFound):
        studio.pull(model)
    assert studio.lock.commits() == {}
