import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.tiny.installation import Installation
from tests.tiny.wan import tiny_wan, tiny_wan_checkpoint
from ttv_dagster.engines.deployment import Deployment
from ttv_dagster.settings import Settings
from ttv_dagster.weights.random_wan import RandomWan, build_random_wan, random_models
from ttv_dagster.weights.snapshots import has_random_weights, snapshot

ALL = [RandomWan("2.1"), RandomWan("2.1", distilled=True), RandomWan("2.2"), RandomWan("2.2", distilled=True)]


@pytest.mark.parametrize("which", ALL, ids=lambda which: which.name)
def test_a_tiny_checkpoint_is_a_few_megabytes_in_the_layout_of_diffusers(which: RandomWan) -> None:
    folder = tiny_wan(which)
    index = json.loads((folder / "model_index.json").read_text())
    assert {name for name in index if not name.startswith("_")} - {"expand_timesteps"} <= {
        path.name for path in folder.iterdir()
    }
    assert sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) < 12e6
    assert {path.suffix for path in folder.rglob("*") if path.is_file()} == {".json", ".safetensors", ""}


def test_the_same_seed_gives_the_same_weights_and_another_gives_others(tmp_path: Path) -> None:
    def weights(folder: Path) -> bytes:
        return (folder / "transformer" / "diffusion_pytorch_model.safetensors").read_bytes()

    build_random_wan(tmp_path / "again", RandomWan())
    build_random_wan(tmp_path / "other", RandomWan(seed=1))
    assert weights(tmp_path / "again") == weights(tiny_wan(RandomWan()))
    assert weights(tmp_path / "other") != weights(tmp_path / "again")


def test_an_installation_has_pulled_it_and_says_that_its_weights_are_random(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installation = Installation(tmp_path, [tiny_wan_checkpoint(RandomWan())])
    for name, value in installation.env().items():
        monkeypatch.setenv(name, value)
    installation.use_here(monkeypatch)
    deployment = Deployment.of(Settings(home=tmp_path / "home"))
    model = deployment.catalog["tiny/Wan2.2-TI2V-5B-Diffusers"]
    commit = model.commit(deployment.lock.commits())
    assert commit is not None
    assert has_random_weights(snapshot(model, commit))


def test_processes_of_the_tests_can_import_torchvision_and_pay_nothing_before() -> None:
    code = "import sys; assert 'torch' not in sys.modules; import torchvision.transforms; print('imported')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout == "imported\n", done.stderr


def test_the_full_size_is_that_of_wan_2_2_5b() -> None:
    import torch

    with torch.device("meta"):
        found = random_models(RandomWan(size="full", distilled=True))
        billions = {name: sum(each.numel() for each in model.parameters()) / 1e9 for name, model in found}
    assert billions["transformer"] == pytest.approx(5.0, abs=0.05)
    assert billions["text_encoder"] == pytest.approx(5.68, abs=0.05)
    assert billions["vae"] == pytest.approx(0.70, abs=0.05)
