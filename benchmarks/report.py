"""What the benchmarks have in common: where they ran, and how they say and keep what they measured."""

import json
import os
import platform
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from rich.console import Console, Group, RenderableType

RESULTS = Path(__file__).parent / "results"
PACKAGES = (
    "ttv-dagster",
    "dagster",
    "av",
    "diffusers",
    "fastvideo",
    "numpy",
    "pandas",
    "pillow",
    "pyarrow",
    "pydantic",
    "pyyaml",
    "torch",
    "transformers",
)


def arguments(parser: ArgumentParser) -> Namespace:
    """The arguments of a benchmark: its own, and those that all have."""
    parser.add_argument("--json", action="store_true", help="print one JSON document on stdout")
    parser.add_argument("--save", action="store_true", help=f"keep the document in {RESULTS.name}/")
    return parser.parse_args()


def _cpu_model() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")


def surroundings() -> dict[str, Any]:
    """What a figure has to be read with: the versions, the kind of machine, and how busy it is now."""
    return {
        "versions": {"python": platform.python_version(), **{name: version(name) for name in PACKAGES}},
        "machine": {
            "cpus": os.cpu_count(),
            "cpu": _cpu_model(),
            "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
            "system": f"{platform.system()} {platform.machine()}",
            "load_before": round(os.getloadavg()[0], 1),
        },
    }


def busy_seconds() -> float:
    """CPU seconds that this machine's processes have used since it started; 0 where it does not say (no Linux)."""
    try:
        fields = Path("/proc/stat").read_text().split(maxsplit=9)[1:9]
    except OSError:
        return 0.0
    user, nice, system, _, _, interrupts, soft_interrupts, stolen = map(int, fields)
    return (user + nice + system + interrupts + soft_interrupts + stolen) / os.sysconf("SC_CLK_TCK")


def clean_environment() -> None:
    """Forget the settings of any installation of this machine's user."""
    for name in [name for name in os.environ if name.startswith(("TTV_", "DAGSTER_"))]:
        del os.environ[name]


def deliver(name: str, document: Mapping[str, Any], shown: Sequence[RenderableType], options: Namespace) -> None:
    """Print the document or the tables, and keep the document where that was asked for."""
    text = json.dumps(document, indent=1, ensure_ascii=False)
    if options.json:
        print(text)
    else:
        Console().print(Group(*shown))
    if options.save:
        RESULTS.mkdir(exist_ok=True)
        (RESULTS / f"{name}-{os.cpu_count()}cpu.json").write_text(text + "\n")
