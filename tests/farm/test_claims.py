import json
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.cli.sets import renders, write_set
from tests.deployments import NOWHERE
from tests.farm.planning import jobs, local_farm, plan
from tests.farm.test_local import Watch
from tests.support import TTV
from ttv_dagster.engines.title_card import TitleCard
from ttv_dagster.farm.claims import Claims
from ttv_dagster.farm.protocol import KeyframeJob, RenderJob
from ttv_dagster.shots.recipe import KeyframeRecipe
from ttv_dagster.storage.layout import keyframe_name
from ttv_dagster.storage.locks import Locks
from ttv_dagster.storage.store import Store

HOLD = """
import sys
from pathlib import Path
from ttv_dagster.farm.claims import Claims
from ttv_dagster.storage.locks import Locks
claims = Claims(Locks(Path(sys.argv[1])))
print(claims.claim(sys.argv[2]), flush=True)
sys.stdin.read()
"""


def holder(locks: Path, key: str) -> "subprocess.Popen[str]":
    """A process that has claimed a key."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(locks), key], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "True\n"
    return process


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "media")


def test_a_claim_is_one_process_s_and_a_killed_one_frees_it_at_once(tmp_path: Path) -> None:
    claims = Claims(Locks(tmp_path))
    process = holder(tmp_path, "aa")
    assert not claims.claim("aa")
    assert claims.claim("bb")
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert claims.claim("aa")
    claims.close()
    assert list(tmp_path.iterdir()) == [], "a claim's file outlives it"


def test_a_claim_whose_file_was_deleted_while_another_one_waited_for_it_is_held_once(tmp_path: Path) -> None:
    def hold_alone(number: int) -> None:
        claims = Claims(Locks(tmp_path / "locks"))
        for _ in range(200):
            if claims.claim("key"):
                descriptor = os.open(tmp_path / "held", os.O_CREAT | os.O_EXCL)
                os.close(descriptor)
                (tmp_path / "held").unlink()
                claims.release("key")

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(hold_alone, range(4)))


def test_a_clip_that_another_process_renders_is_awaited_last_and_taken_from_the_store(store: Store) -> None:
    planned = plan({"id": "a"}, {"id": "after", "continues": True}, {"id": "b"})
    locks = Path(store.url("locks"))
    elsewhere = holder(locks, planned[0].key)

    class Elsewhere(Watch):
        """The other process publishes its clip as soon as this one waits for it."""

        def waiting(self, job: RenderJob) -> None:
            super().waiting(job)
            if elsewhere.poll() is None:
                elsewhere.kill()
                elsewhere.wait()
                list(local_farm(NOWHERE, store).render(jobs(planned[:1]), Watch()))

    watch = Elsewhere()
    found = {outcome.label: outcome for outcome in local_farm(NOWHERE, store).render(jobs(planned), watch)}
    assert {label: outcome.status for label, outcome in found.items()} == {
        "a": "cached", "after": "rendered", "b": "rendered",
    }  # fmt: skip
    assert watch.started_labels == ["b", "after"]
    assert watch.awaited[0] == "a"
    assert list(locks.iterdir()) == []


def test_a_clip_that_a_killed_process_was_rendering_is_rendered_here(store: Store) -> None:
    planned = plan({"id": "a"})
    elsewhere = holder(Path(store.url("locks")), planned[0].key)

    class Elsewhere(Watch):
        def waiting(self, job: RenderJob) -> None:
            elsewhere.kill()
            elsewhere.wait()

    (outcome,) = local_farm(NOWHERE, store).render(jobs(planned), Elsewhere())
    assert outcome.status == "rendered"


def test_a_keyframe_that_another_process_generates_is_awaited_while_the_others_are_generated(store: Store) -> None:
    recipes = [KeyframeRecipe("title-card", TitleCard.version, f"a fox, {n}", 1, 64, 48) for n in range(3)]
    elsewhere = holder(Path(store.url("locks")), recipes[0].key())
    found = []
    for outcome in local_farm(NOWHERE, store).generate_keyframes(list(map(KeyframeJob, recipes))):
        found.append(outcome.key)
        if len(found) == 2:
            elsewhere.kill()
            elsewhere.wait()
    assert found == [recipes[number].key() for number in (1, 2, 0)]
    assert all(store.size(keyframe_name(key)) for key in found)


def test_two_renders_of_sets_that_share_shots_render_each_of_them_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tmp_path / "renders.jsonl"
    monkeypatch.setenv("TTV_TEST_RENDERS", str(log))
    shared = [{"id": f"s{number}", "seed": number, "params": {"sleep": 0.1}} for number in range(5)]
    files = [
        write_set(tmp_path / f"{name}.yaml", *shared, {"id": f"only-{name}", "seed": 9}) for name in ("one", "two")
    ]
    env = {**os.environ, "TTV_HOME": str(tmp_path / "home")}
    processes = [
        subprocess.Popen([*TTV, "render", str(file), "--json"], cwd=tmp_path, env=env, stdout=subprocess.PIPE)
        for file in files
    ]
    documents = [json.loads(process.communicate(timeout=120)[0]) for process in processes]
    assert [process.returncode for process in processes] == [0, 0]
    keys = renders(log)
    assert len(keys) == len(set(keys)) == 7
    statuses = [{shot["id"]: shot["status"] for shot in document["shots"]} for document in documents]
    for number in range(5):
        assert sorted(each[f"s{number}"] for each in statuses) == ["cached", "rendered"]
    assert list((tmp_path / "home" / "locks").glob("claim-*")) == []
