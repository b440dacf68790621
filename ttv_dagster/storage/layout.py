"""Paths in the media store: every file is named by its key, and a film by its set as well."""

import json
from typing import Any

from ttv_dagster.storage.store import Store


def clip_name(key: str) -> str:
    """Return the path of the clip of a render key."""
    return f"clips/{key[:2]}/{key}.mp4"


def record_name(key: str) -> str:
    """Return the path of a clip's record, which is beside it."""
    return f"clips/{key[:2]}/{key}.json"


def keyframe_name(key: str) -> str:
    """Return the path of a generated keyframe."""
    return f"keyframes/{key[:2]}/{key}.png"


def image_name(digest: str, suffix: str) -> str:
    """Return the path of a given image, in its original file format."""
    return f"images/{digest[:2]}/{digest}{suffix}"


def film_name(prompt_set: str, key: str) -> str:
    """Return the path of a film: named for people, and unique by its key."""
    return f"films/{prompt_set}.{key[:16]}.mp4"


def clip_sizes(store: Store) -> dict[str, int]:
    """Return the size in bytes of every clip in the store, by render key, from one listing."""
    return {name[:-4]: size for name, size in store.sizes("clips").items() if name.endswith(".mp4")}


def write_record(store: Store, key: str, record: dict[str, Any]) -> None:
    """Put a clip's record beside it."""
    store.write(record_name(key), json.dumps(record, ensure_ascii=False, indent=1).encode())


def read_record(store: Store, key: str) -> dict[str, Any] | None:
    """Return a clip's record; None if it is missing or cannot be read."""
    try:
        record = json.loads(store.read(record_name(key)))
    except (FileNotFoundError, ValueError):
        return None
    return record if isinstance(record, dict) else None
