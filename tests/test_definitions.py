import json
import os
import subprocess
import sys
import time
from pathlib import Path

import dagster as dg
import pytest
from syrupy.assertion import SnapshotAssertion

from ttv_dagster.definitions import make_definitions
from ttv_dagster.settings import Settings

HEAVY = (
    "torch", "diffusers", "fastvideo", "transformers", "ray", "gradio", "huggingface_hub", "pandas", "pyarrow", "av",
)  # fmt: skip


def graph(settings: Settings) -> dict[str, object]:
    """What a person sees of the asset graph, as JSON values."""
    defs = make_definitions(settings)
    found: dict[str, object] = {}
    for spec in sorted(defs.resolve_all_asset_specs(), key=lambda spec: spec.key.to_string()):
        name = spec.key.to_user_string()
        assets = defs.get_assets_def(spec.key)
        found[name] = {
            "after": sorted(dep.asset_key.to_user_string() for dep in spec.deps),
            "description": spec.description,
            "group": spec.group_name,
            "kinds": sorted(spec.kinds),
            "owners": list(spec.owners),
            "tags": {name: value for name, value in spec.tags.items() if name.startswith("ttv/")},
            "partitions": str(spec.partitions_def),
            "backfill": assets.backfill_policy.max_partitions_per_run if assets.backfill_policy else None,
            "checks": {check.name: check.blocking for check in assets.check_specs},
            "pools": sorted(assets.op.pools),
            "op tags": {name: value for name, value in assets.op.tags.items() if name.startswith("ttv/")},
        }
    jobs = {}
    for name in ("render_film", "render_clips", "pull_weights"):
        job = defs.resolve_job_def(name)
        jobs[name] = sorted(key.to_user_string() for key in job.asset_layer.executable_asset_keys)
    return {"assets": found, "jobs": jobs}


def test_the_asset_graph_is_what_it_was(snapshot: SnapshotAssertion) -> None:
    assert json.dumps(graph(Settings()), indent=1) == snapshot


def test_only_a_deployment_with_a_gpu_has_its_pool_and_its_tag() -> None:
    def of(asset: str, settings: Settings) -> tuple[object, object]:
        found = graph(settings)["assets"][asset]  # type: ignore[index]
        return found["pools"], found["op tags"]

    for asset in ("keyframes", "clips"):
        assert of(asset, Settings()) == ([], {})
        assert of(asset, Settings(accelerator="cuda")) == (["gpu"], {"ttv/accelerator": "cuda"})


def test_definitions_are_valid() -> None:
    dg.Definitions.validate_loadable(make_definitions(Settings()))


def test_loading_the_definitions_loads_no_heavy_library() -> None:
    code = f"import sys, ttv_dagster.definitions; print([m for m in {HEAVY} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_definitions_load_in_under_a_second_beyond_dagster_itself() -> None:
    code = "import time, dagster; t = time.time(); import ttv_dagster.definitions; print(time.time() - t)"
    seconds = []
    for _ in range(3):
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        seconds.append(float(done.stdout))
        if seconds[-1] < 1:
            return
        time.sleep(1)
    pytest.fail(f"took {seconds} s")


BIN = Path(sys.executable).parent


@pytest.mark.parametrize("command", [["dagster", "definitions", "validate"], ["dg", "check", "defs"]], ids=" ".join)
def test_dagsters_own_tools_find_the_definitions_in_this_folder(command: list[str], home: Path) -> None:
    home.joinpath("dagster").mkdir(parents=True)
    done = subprocess.run(
        [BIN / command[0], *command[1:]],
        cwd=Path(__file__).parents[1],
        env={**os.environ, "VIRTUAL_ENV": str(BIN.parent), "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
