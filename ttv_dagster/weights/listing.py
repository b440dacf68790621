"""The files of one repository at one commit, as the Hub lists them, and which of them are pulled."""

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from pathlib import PurePosixPath
from typing import NamedTuple

from ttv_dagster.weights.errors import Unsafe
from ttv_dagster.weights.model import PICKLED
from ttv_dagster.weights.snapshots import RANDOM_WEIGHTS


class RepoFile(NamedTuple):
    """One file.

    Attributes:
        size: Bytes.
        digest: The Hub's: the SHA-256 of a large file (64 hex digits), git's SHA-1 of a small one (40).
    """

    size: int
    digest: str


Listing = Mapping[str, RepoFile]
"""Files by their path in the repository."""


def wanted(listing: Listing, patterns: Iterable[str]) -> dict[str, RepoFile]:
    """Return the files that are pulled: those that match a pattern, except pickled files and code.

    Args:
        listing: The repository's files.
        patterns: As `huggingface_hub` reads them: ``*`` also matches slashes.
    """
    patterns = (*patterns, RANDOM_WEIGHTS)
    return {
        path: entry
        for path, entry in listing.items()
        if any(fnmatchcase(path, pattern) for pattern in patterns)
        and PurePosixPath(path).suffix.lower() not in (*PICKLED, ".py")
    }


def check_safe(repository: str, listing: Listing, patterns: Iterable[str]) -> None:
    """Refuse what must not be pulled.

    Raises:
        Unsafe: A file's path leaves the repository's folder, or weights exist only pickled.
    """
    for path in listing:
        if PurePosixPath(path).is_absolute() or ".." in PurePosixPath(path).parts or "\\" in path:
            raise Unsafe(f"{repository} lists a file that leaves its folder, {path!r}: not pulled")
    taken = wanted(listing, patterns)
    if not any(path.endswith(".safetensors") for path in taken):
        raise Unsafe(f"{repository} has no weights as safetensors among {', '.join(patterns)}: not pulled")
    for config in taken:
        if PurePosixPath(config).name != "config.json":
            continue
        beside = [path for path in listing if PurePosixPath(path).parent == PurePosixPath(config).parent]
        pickled = [path for path in beside if PurePosixPath(path).suffix.lower() in PICKLED]
        if pickled and not any(path.endswith(".safetensors") for path in beside):
            raise Unsafe(
                f"{repository} has {pickled[0]} only pickled, which runs code when it is loaded: not pulled; "
                "choose a repository with safetensors"
            )
