"""What `ttv doctor` says, and that the troubleshooting table of docs/deploy.md quotes it word for word."""

import re
import shutil
import socket
from pathlib import Path
from types import SimpleNamespace

import pytest

from ttv_dagster.diagnostics import doctor
from ttv_dagster.diagnostics.doctor import Finding, examine
from ttv_dagster.diagnostics.selftest import CAUSES
from ttv_dagster.launching import containers
from ttv_dagster.settings import Settings

DEPLOY = Path(__file__).parents[2] / "docs" / "deploy.md"


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> socket.socket:
    """What listens where the page would be."""
    taken = socket.create_server(("127.0.0.1", 0))
    monkeypatch.setattr(doctor, "UI", taken.getsockname())
    return taken


def found(name: str, settings: Settings) -> Finding:
    (finding,) = [each for each in examine(settings) if each.name == name]
    return finding


def test_a_taken_port_is_named_with_another_one(home: Path, port: socket.socket) -> None:
    with port:
        number = port.getsockname()[1]
        finding = found("port", Settings())
        assert finding.found == f"127.0.0.1:{number}: Address already in use"
        assert f"ttv ui --port {number + 1}" in finding.fix
    assert found("port", Settings()).state == "ok"


def test_shared_memory_that_docker_gives_by_itself_is_too_small(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = shutil.disk_usage

    def small(path: Path) -> object:
        return SimpleNamespace(total=64 << 20) if path.name == "shm" else whole(path)

    monkeypatch.setattr(shutil, "disk_usage", small)
    finding = found("shared memory", Settings(accelerator="cuda"))
    assert finding.state == "warning"
    assert "0.067 GB" in finding.found
    assert "TTV_RENDER_SHM_SIZE=8g" in finding.fix


def test_a_torch_without_code_for_the_gpu_is_a_problem(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    # No GPU is to be had where the tests run: torch's answers are those that it gives on an RTX 5090.
    for name, answer in {
        "is_available": True,
        "get_device_capability": (12, 0),
        "get_device_name": "NVIDIA GeForce RTX 5090",
        "get_arch_list": ["sm_80", "sm_90"],
    }.items():
        monkeypatch.setattr(torch.cuda, name, lambda *_, answer=answer: answer)
    finding = found("torch", Settings(accelerator="cuda"))
    assert finding.state == "problem"
    assert "RTX 5090 is sm_120" in finding.found
    assert "code for sm_80, sm_90" in finding.found
    monkeypatch.setattr(torch.cuda, "get_arch_list", lambda: ["sm_90", "sm_120"])
    assert found("torch", Settings(accelerator="cuda")).state == "ok"


def test_nothing_is_said_of_cuda_where_it_is_not_asked_for(home: Path) -> None:
    assert not {"torch", "shared memory"} & {each.name for each in examine(Settings(accelerator="none"))}


def test_the_troubleshooting_table_quotes_what_is_printed() -> None:
    source = Path(doctor.__file__).read_text() + Path(containers.__file__).read_text()
    printed = source + "".join(f"{cause.name} {cause.fix}" for cause in CAUSES)
    rows = re.findall(r"^\| (.*) \| (.*) \| (.*) \|$", DEPLOY.read_text().partition("what they print")[2], re.MULTILINE)
    quoted = [each for _, said, _ in rows for each in re.findall(r"`([^`]+)`", said)]
    others = ("ttv ui", "TTV_RENDER_MEMORY", "mp", "sm_", "sm_120", "errors/", "inbox")
    quoted = [each for each in quoted if each not in others]
    assert len(quoted) >= 14
    assert [each for each in quoted if each not in printed] == ["127.0.0.1:3000: Address already in use"]
