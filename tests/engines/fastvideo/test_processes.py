"""FastVideo's processes end with the one that started them, however it ends, and whatever it is."""

import os
import socket
import subprocess
import sys
import time
from multiprocessing.connection import Connection
from pathlib import Path

import psutil

from tests.engines.fastvideo.processes import end_within, hosts, workers
from tests.tiny.installation import Installation
from tests.tiny.wan import tiny_wan_checkpoint
from ttv_dagster.engines.fastvideo.messages import Load
from ttv_dagster.weights.random_wan import RandomWan

ROOT = Path(__file__).parents[3]

# A script as people write them, with no `if __name__ == "__main__":`. FastVideo's workers would import it again.
SCRIPT = """
import sys
from pathlib import Path

from tests.engines.fastvideo.requests import recipe, render
from ttv_dagster.engines.deployment import Deployment
from ttv_dagster.engines.fastvideo import FastVideo
from ttv_dagster.settings import Settings

print("imported", flush=True)
engine = FastVideo(Deployment.of(Settings()))

class Pulled:
    commits = engine._deployment.lock.commits()

print(render(engine, recipe(engine, Pulled)).shape, flush=True)
print("rendered", flush=True)
render(engine, recipe(engine, Pulled, width=1280, height=704, num_frames=33))
"""


def test_a_script_without_a_spawn_guard_renders_and_its_processes_end_when_it_is_killed(tmp_path: Path) -> None:
    installation = Installation(tmp_path / "installation", [tiny_wan_checkpoint(RandomWan())])
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    path = os.pathsep.join([str(ROOT), os.environ["PYTHONPATH"]])
    env = {**os.environ, **installation.env(PYTHONPATH=path, TMPDIR=str(tmp_path))}
    said = tmp_path / "said"
    with said.open("w") as file:
        process = subprocess.Popen(
            [sys.executable, str(script)], cwd=tmp_path, env=env, stdout=file, stderr=subprocess.STDOUT
        )
    until = time.monotonic() + 300
    while "rendered" not in said.read_text() and time.monotonic() < until:
        assert process.poll() is None, said.read_text()
        time.sleep(0.2)
    assert said.read_text().splitlines() == ["imported", "(9, 64, 64, 3)", "rendered"]
    time.sleep(1)  # It is in the middle of a clip that takes minutes.
    left = [*hosts(process.pid), *workers(process.pid), *psutil.Process(process.pid).children(recursive=True)]
    assert len(hosts(process.pid)) == len(workers(process.pid)) == 1
    process.kill()
    process.wait()
    assert end_within(left, 10)
    assert list(tmp_path.glob("ttv-fastvideo-*")) == []


def test_a_process_ends_with_an_engine_that_did_not_take_its_last_answer(tmp_path: Path) -> None:
    folder = tmp_path / "ttv-fastvideo-test"
    folder.mkdir()
    ours, theirs = socket.socketpair()
    with theirs:
        host = subprocess.Popen(
            [sys.executable, "-m", "ttv_dagster.engines.fastvideo.host", str(theirs.fileno()), str(folder)],
            cwd=ROOT,
            pass_fds=[theirs.fileno()],
            stderr=subprocess.DEVNULL,
        )
    channel = Connection(ours.detach())
    empty = tmp_path / "weights" / "vae" / "model.safetensors"
    empty.parent.mkdir(parents=True)
    empty.touch()
    name = "Wan2.2-TI2V-5B-Diffusers"
    channel.send(Load(str(tmp_path / "weights"), name, 1, "mp", "", "none", False, False, "bf16", None, 1.0))
    assert channel.poll(120), "it says that this is no checkpoint"
    channel.close()
    try:
        host.wait(20)
    finally:
        host.kill()
    assert not folder.exists()
