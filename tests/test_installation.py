import os
import pkgutil
import subprocess
import sys
from pathlib import Path

import ttv_dagster
from ttv_dagster.installation import Installation
from ttv_dagster.settings import Settings


def test_importing_any_module_builds_no_settings() -> None:
    modules = [
        module.name
        for module in pkgutil.walk_packages(ttv_dagster.__path__, "ttv_dagster.")
        if not module.name.endswith("__main__")
    ]
    code = f"from importlib import import_module\nfor name in {modules!r}: import_module(name)"
    subprocess.run([sys.executable, "-c", code], check=True, env=os.environ | {"TTV_VRAM_GB": "-1"})


def test_the_parts_of_an_installation_are_made_once(tmp_path: Path) -> None:
    installation = Installation(Settings(home=tmp_path))
    assert installation.library is installation.library
    assert installation.deployment is installation.deployment
    assert installation.manifest("story") == []
