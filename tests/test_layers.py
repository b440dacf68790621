"""Imports run one way through the house."""

import ast
from pathlib import Path

import ttv_dagster

PACKAGE = Path(ttv_dagster.__file__).parent
LAYERS = [
    ["cli"],
    ["diagnostics"],
    ["runs"],
    ["definitions"],
    ["observability"],
    ["automation"],
    ["assets"],
    ["checks"],
    ["resources"],
    ["farm", "planning"],
    ["engines", "renders"],
    ["library", "weights"],
    ["storage"],
    ["media", "shots"],
    ["launching"],
]
MAY = {
    room: {room, *(below for layer in LAYERS[place + 1 :] for below in layer)}
    for place, layer in enumerate(LAYERS)
    for room in layer
}
MAY["storage"] = {"storage"}
MAY["media"] = {"media"}
MAY["shots"] = {"shots"}
MAY["launching"] = {"launching"}
# Leaves that any room but the lowest may read.
EVERYWHERE = {"settings", "tags", "__version__"}


def imported(path: Path) -> set[str]:
    """The rooms of the house that a module imports, at its head or in its functions."""
    rooms = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "ttv_dagster":
            parts = node.module.split(".")
            rooms |= {parts[1]} if len(parts) > 1 else {alias.name for alias in node.names}
    return rooms


def test_imports_run_downward_only() -> None:
    wrong = []
    for room, may in MAY.items():
        files = [PACKAGE / f"{room}.py"] if (PACKAGE / f"{room}.py").exists() else (PACKAGE / room).rglob("*.py")
        allowed = may | (EVERYWHERE if room not in ("storage", "media", "shots", "launching") else set())
        wrong += [f"{path.relative_to(PACKAGE)}: {other}" for path in files for other in imported(path) - allowed]
    assert wrong == []


def test_nobody_imports_the_command_line() -> None:
    assert [path for path in PACKAGE.rglob("*.py") if path.parent.name != "cli" and "cli" in imported(path)] == []


def test_shots_need_neither_dagster_nor_a_media_library() -> None:
    heavy = {"dagster", "PIL", "av", "pandas"}
    for path in (PACKAGE / "shots").rglob("*.py"):
        for node in ast.parse(path.read_text()).body:
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not heavy & {name.split(".")[0] for name in names}, path
