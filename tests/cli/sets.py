"""Prompt files of the tests: small shots of the noise engine."""

import json
from pathlib import Path
from typing import Any


def write_set(path: Path, *shots: dict[str, Any], **defaults: Any) -> Path:
    """Write a YAML set (JSON is YAML); a shot needs an id alone."""
    filled = [{"prompt": f"prompt of {shot['id']}", **shot} for shot in shots]
    document = {"name": path.stem, "defaults": {"engine": "noise", **defaults}, "shots": filled}
    path.write_text(json.dumps(document, ensure_ascii=False))
    return path


def renders(log: Path) -> list[str]:
    """The keys whose rendering was begun, in order."""
    if not log.exists():
        return []
    return [json.loads(line)["key"] for line in log.read_text().splitlines()]
