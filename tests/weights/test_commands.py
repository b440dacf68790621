"""`ttv weights`, as a user runs it."""

import os
import pty
import re
import signal
import time
from pathlib import Path

import dagster as dg

from tests.cli.sets import write_set
from tests.support import TTV
from tests.weights.hub import noise
from tests.weights.studio import BIG, PullStudio
from ttv_dagster.library.intake import read_intake
from ttv_dagster.library.library import Library
from ttv_dagster.runs.home import open_instance
from ttv_dagster.settings import Settings


def test_list_says_what_is_known_and_what_is_here(studio: PullStudio) -> None:
    model = studio.model("one", license="mit")
    before = {each["id"]: each for each in studio.ttv_json("weights", "list")["models"]}
    assert "FastVideo/FastWan2.2-TI2V-5B-Diffusers" in before
    assert (before[model.id]["pulled"], before[model.id]["commit"]) == (False, None)
    commit = studio.pull(model).commit
    document = studio.ttv_json("weights", "list")
    assert document["cache"] == str(studio.hub.cache)
    (found,) = [each for each in document["models"] if each["id"] == model.id]
    assert (found["pulled"], found["commit"], found["bytes"], found["license"]) == (True, commit, 300_033, "mit")
    shown = studio.ttv("weights", "list").stdout
    assert re.search(rf"{re.escape(model.id)} +yes +300.0 kB +T2V +{commit[:8]} +noise +\? +mit +\?", shown), shown
    narrow = studio.ttv("weights", "list", COLUMNS="80").stdout
    assert re.search(rf"{re.escape(model.id)} +yes +300.0 kB +T2V *$", narrow, re.MULTILINE), "names are whole"


def test_pull_is_seen_in_the_ui_as_a_materialization(studio: PullStudio) -> None:
    model = studio.model("one", license="mit")
    document = studio.ttv_json("weights", "pull", model.id)
    (pulled,) = document["models"]
    assert (pulled["id"], pulled["files"], pulled["fetched"]) == (model.id, 3, 300_033)
    with open_instance(Settings(home=studio.folder / "home")) as instance:
        key = dg.AssetRecordsFilter(dg.AssetKey("model_weights"), asset_partitions=[model.id])
        found = instance.fetch_materializations(key, limit=1).records[0].asset_materialization
    assert found is not None
    assert found.tags == {"dagster/data_version": pulled["commit"]}
    assert (found.metadata["license"].value, found.metadata["bytes"].value) == ("mit", 300_033)
    again = studio.ttv("weights", "pull", model.id)
    assert f"{model.id} is whole: 3 files, 300.0 kB, all there before" in again.stdout


def test_pull_shows_a_bar_over_the_bytes_of_all_files_on_a_terminal(studio: PullStudio) -> None:
    model = studio.model("one", big=noise("big", 25_000_000))
    studio.server.faults.bytes_per_second = 12_000_000
    pid, terminal = pty.fork()
    if pid == 0:
        os.execve(TTV[0], [*TTV, "weights", "pull", model.id], {**studio.env, "TERM": "xterm-256color"})  # noqa: S606
    seen = b""
    while True:
        try:
            block = os.read(terminal, 1 << 16)
        except OSError:
            break
        if not block:
            break
        seen += block
    _, status = os.waitpid(pid, 0)
    os.close(terminal)
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", seen.decode())
    assert os.waitstatus_to_exitcode(status) == 0, text
    counts = {float(each) for each in re.findall(r"fetch.*? ([0-9.]+)/25\.0 MB", text)}
    assert any(0 < count < 25.0 for count in counts), text
    assert 25.0 in counts


def test_an_interrupted_pull_ends_at_once_with_130(studio: PullStudio) -> None:
    model = studio.model("one", big=noise("big", 5_000_000))
    studio.server.faults.bytes_per_second = 500_000
    process = studio.start("weights", "pull", model.id)
    while not studio.server.sent.get(BIG):
        assert process.poll() is None
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    started = time.monotonic()
    text, _ = process.communicate(timeout=30)
    assert process.returncode == 130
    assert time.monotonic() - started < 5
    assert "Interrupted. What arrived stays; the same command goes on from there." in text


def test_problems_are_one_line_and_bad_input(studio: PullStudio) -> None:
    studio.model("one")
    done = studio.ttv("weights", "pull", "nobody/knows")
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
    assert "there is no model 'nobody/knows'; the catalog has FastVideo/" in done.stderr
    story = write_set(studio.folder / "story.yaml", {"id": "one"})
    for command in (("weights", "list"), ("check", story), ("plan", story), ("render", story)):
        done = studio.ttv(*map(str, command), TTV_MODELS_FILE="nowhere.yaml")
        assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
        assert done.stderr.startswith("nowhere.yaml: No such file or directory; TTV_MODELS_FILE names the file")
    assert studio.ttv_json("weights", "verify", code=2)["error"].startswith("no model is whole on this machine")


def test_verify_ends_with_1_and_names_the_file_and_the_cure(studio: PullStudio) -> None:
    model, other = studio.model("one"), studio.model("two")
    studio.pull(model)
    studio.pull(other)
    studio.file(model).resolve().write_bytes(bytes(300_000))
    done = studio.ttv("weights", "verify")
    assert done.returncode == 1
    assert f"{model.id}: {BIG}: its digest is" in done.stderr
    assert f"`ttv weights pull --verify {model.id}` downloads those files again" in done.stdout
    assert f"{other.id}: all is well" in done.stdout
    document = studio.ttv_json("weights", "verify", other.id)
    assert document == {"models": [{"id": other.id, "damaged": []}]}


def test_rm_asks_and_says_what_it_frees(studio: PullStudio) -> None:
    part = studio.model("part")
    model = studio.model("one", parts=(part.id,))
    studio.pull(model)
    kept = studio.ttv_json("weights", "rm", "--yes", model.id)
    assert kept["models"][0]["removed"] == [model.id]
    assert kept["models"][0]["kept"] == {part.id: part.id}
    assert kept["models"][0]["freed"] >= 300_000
    done = studio.ttv("weights", "rm", part.id)
    assert done.returncode == 1
    assert f"{part.id}: {part.id}, 300.5 kB" in done.stdout
    assert studio.file(part).exists(), "nobody said yes"


def test_update_says_which_sets_render_again(studio: PullStudio, tmp_path: Path) -> None:
    model = studio.model("one", engines=["modelled"])
    first = studio.pull(model).commit
    shots = [{"id": "a", "engine": "modelled", "model": model.id}, {"id": "b"}]
    for name in ("with", "without"):
        file = write_set(tmp_path / f"{name}.yaml", *(shots if name == "with" else shots[1:]))
        Library(url=str(tmp_path / "home" / "library")).add(read_intake(file), file)
    new = studio.server.commit(model.id, {"vae/config.json": b'{"new": 1}'})
    shown = studio.ttv("weights", "update").stdout
    assert f"{model.id}: {first[:12]} → {new[:12]}" in shown
    assert "with: 1 shot renders again" in shown
    assert "without" not in shown
    assert studio.lock.commits() == {model.id: new}
    assert studio.ttv_json("weights", "update", model.id) == {"moved": {}, "renders_again": {}}
