"""Write what follows from the settings' definitions: `make reference`. With --check, only say what is not current.

A setting is in .env.example, in the environment of the services (docker-compose.yml) and of the render containers
(deploy/dagster.yaml), and in docs/reference/settings.md.
"""

import argparse
import re
import sys
from pathlib import Path
from typing import Any

from ttv_dagster.configuration.source import is_secret, settings_of, variable_of
from ttv_dagster.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
BLOCK = re.compile(
    r"(?P<begin>^ *# --- settings, .*?\n)(?P<body>.*?)(?P<end>^ *# --- end of the settings\n)", re.MULTILINE | re.DOTALL
)

BY_IMAGE = {"TTV_HOME"}
"""Variables that the images set."""

BY_SERVICE = {"TTV_ACCELERATOR"}
"""Variables that the Compose file sets for each service."""

IN_COMPOSE = {"TTV_INBOX_URL": "/var/lib/ttv/inbox"}
"""Variables with another default in the Compose file: empty turns them off there."""

FIELDS = {variable_of(key): (key, field) for key, field in settings_of(Settings)}


def example() -> str:
    """Return the block of .env.example."""
    return "".join(
        f"# {field.description}\n{variable}={IN_COMPOSE.get(variable, '')}\n"
        for variable, (_, field) in FIELDS.items()
        if variable not in BY_IMAGE | BY_SERVICE
    )


def compose() -> str:
    """Return the block of docker-compose.yml."""
    return "".join(
        f"  {variable}: ${{{variable}{f'-{IN_COMPOSE[variable]}' if variable in IN_COMPOSE else ':-'}}}\n"
        for variable in FIELDS
        if variable not in BY_IMAGE | BY_SERVICE
    )


def launcher() -> str:
    """Return the block of deploy/dagster.yaml."""
    return "".join(f"            - {variable}\n" for variable in FIELDS if variable not in BY_IMAGE)


def page() -> str:
    """Return the reference page."""
    lines = [
        "# Settings",
        "",
        "Each is an environment variable, or a key of [`ttv.toml`](../configuration.md).",
        "This page is generated: `make reference`.",
        "",
        "| variable | key | default | meaning |",
        "| --- | --- | --- | --- |",
    ]
    for variable, (key, field) in FIELDS.items():
        place = "environment only" if is_secret(field) else f"`{key}`"
        meaning = (field.description or "").replace("|", "\\|")
        lines.append(f"| `{variable}` | {place} | {_default(field.default, field.default_factory)} | {meaning} |")
    return "\n".join(lines) + "\n"


def _default(default: Any, factory: Any) -> str:
    if factory is not None or default is None or str(default) == "":
        return ""
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"


def written() -> dict[Path, str]:
    """Return the text that each file has to have.

    Raises:
        ValueError: A file has lost the marks of its block.
    """
    files = {ROOT / "docs" / "reference" / "settings.md": page()}
    for name, block in (
        (".env.example", example()),
        ("docker-compose.yml", compose()),
        ("deploy/dagster.yaml", launcher()),
    ):
        text = (ROOT / name).read_text()
        found = BLOCK.search(text)
        if found is None:
            raise ValueError(f"{name} has no block of settings")
        files[ROOT / name] = f"{text[: found.end('begin')]}{block}{text[found.start('end') :]}"
    return files


def main() -> int:
    """Write the files, or check them; return 1 if one was not current."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing")
    check = parser.parse_args().check
    stale = [path for path, text in written().items() if not path.exists() or path.read_text() != text]
    if not check:
        for path, text in written().items():
            path.write_text(text)
        return 0
    for path in stale:
        print(f"{path.relative_to(ROOT)} is not current: make reference", file=sys.stderr)
    return int(bool(stale))


if __name__ == "__main__":
    sys.exit(main())
