import os
import resource
import shlex
import subprocess
import tempfile
from pathlib import Path

import pytest

from tests.support import TTV, on_small_disk, ttv_json
from ttv_dagster.diagnostics.selftest import diagnose


def test_a_machine_on_which_fastvideo_works_is_told_so(tmp_path: Path) -> None:
    found = ttv_json("selftest", cwd=tmp_path, timeout=300)
    assert found["failure"] is None
    assert [step["name"] for step in found["steps"]] == [
        "look at the packages",
        "start a process",
        "make a tiny model",
        "start FastVideo and its workers, and load the model",
        "render a tiny clip",
        "end FastVideo and its workers",
    ]
    assert found["steps"][4]["found"] == "5 frames of 64x64"


def test_a_small_dev_shm_is_found_and_its_cure_told(tmp_path: Path) -> None:
    command = on_small_disk(Path("/", "dev", "shm"), 16, [*TTV, "selftest"])
    env = {**os.environ, "TTV_HOME": str(tmp_path / "home"), "COLUMNS": "200"}
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "shared memory is too small: /dev/shm" in done.stdout
    assert "--shm-size=8g" in done.stdout


def test_a_machine_that_lets_no_process_start_is_told_so() -> None:
    with tempfile.TemporaryDirectory() as folder:
        # A limit on processes does not bind root: it runs as nobody, who may read what only root can reach (Python).
        Path(folder).chmod(0o777)
        reading = ["--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"]
        as_nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", *reading]
        nobody = as_nobody if os.geteuid() == 0 else []
        home = {"TTV_HOME": f"{folder}/home", "HOME": folder, "TMPDIR": folder, "COLUMNS": "200"}
        done = subprocess.run(
            [*nobody, "bash", "-c", f"ulimit -u 1; exec {shlex.join(TTV)} selftest"],
            cwd=folder,
            env={**os.environ, **home, "OPENBLAS_NUM_THREADS": "1"},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    assert done.returncode == 1, done.stdout + done.stderr
    assert "this machine lets no more processes start" in done.stdout
    assert resource.getrlimit(resource.RLIMIT_NPROC)[0] != 1


@pytest.mark.parametrize(
    ("said", "cause"),
    [
        (
            "torch.AcceleratorError: CUDA error: no kernel image is available for execution on the device",
            "no code for this GPU",
        ),
        (
            "NVIDIA GeForce RTX 5090 with CUDA capability sm_120 is not compatible with the current PyTorch "
            "installation. The current PyTorch install supports CUDA capabilities sm_50 sm_60 sm_70 sm_80 sm_90.",
            "no code for this GPU",
        ),
        (
            "A module that was compiled using NumPy 1.x cannot be run in NumPy 2.3.1 as it may crash.",
            "NumPy 2 or later",
        ),
        (
            "RuntimeError: The NVIDIA driver on your system is too old (found version 12040).",
            "driver is too old",
        ),
        (
            "RuntimeError: An attempt has been made to start a new process before the current process has finished "
            "its bootstrapping phase.",
            "no spawn guard",
        ),
        (
            "RuntimeError: unable to write to file </torch_4242_1234_0>: No space left on device (28)",
            "shared memory is too small: /dev/shm",
        ),
        ("a worker of FastVideo was ended by SIGBUS", "shared memory is too small: /dev/shm"),
        (
            "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 20.00 GiB. GPU 0 has a total capacity of "
            "23.52 GiB of which 1.11 GiB is free.",
            "too little memory",
        ),
        ("RuntimeError: No CUDA GPUs are available", "no GPU"),
        ("BlockingIOError: [Errno 11] Resource temporarily unavailable", "no more processes"),
        ("ModuleNotFoundError: No module named 'fastvideo'", "not installed"),
    ],
)
def test_what_torch_and_the_kernel_say_leads_to_the_cause(said: str, cause: str) -> None:
    found = diagnose(said)
    assert found is not None
    assert cause in found.name
    assert found.fix


def test_what_nobody_knows_has_no_cause() -> None:
    assert diagnose("ValueError: something else") is None
