"""What is asked of the Hub, through ``huggingface_hub``: which commit is the newest, and which files it has."""

import errno
import os
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit, urlunsplit

from ttv_dagster.weights.errors import (
    Gated,
    HubBusy,
    NoNetwork,
    NoRoom,
    NotAllowed,
    NotFound,
    NotWritable,
    Offline,
    PullBroke,
    PullError,
)
from ttv_dagster.weights.listing import Listing, RepoFile
from ttv_dagster.weights.snapshots import cache_folder

BRANCH = "main"
"""The branch whose newest commit is pinned."""

Answer = TypeVar("Answer")

TOKEN_PAGE = "https://huggingface.co/settings/tokens"  # noqa: S105


def _endpoint() -> str:
    from huggingface_hub import constants

    return str(constants.ENDPOINT)


def is_offline() -> bool:
    """Return whether `HF_HUB_OFFLINE` forbids asking the Hub."""
    from huggingface_hub import constants

    return bool(constants.HF_HUB_OFFLINE)


def has_token() -> bool:
    """Return whether this machine has a token of the Hub, in `HF_TOKEN` or in the Hub's own file."""
    from huggingface_hub import get_token

    return get_token() is not None


def without_secrets(text: str) -> str:
    """Return the text in one line, without a token and without the user of a URL."""
    from huggingface_hub import get_token

    token = get_token()
    if token:
        text = text.replace(token, "…")
    text = re.sub(r"hf_[A-Za-z0-9]{8,}", "…", text)
    text = re.sub(r"(https?://)[^/@\s]+@", r"\1", text)
    # The query of a redirected download is a signature.
    text = re.sub(r"(https?://[^\s?'\"]+)\?[^\s'\"]*", r"\1", text)
    return " ".join(text.split())


@dataclass(frozen=True, slots=True)
class Hub:
    """The Hub, or a mirror of it, as this machine reaches it.

    Attributes:
        endpoint: Its address: `HF_ENDPOINT`, or the Hub's own.
        cache: The cache of ``huggingface_hub`` with the weights.
    """

    endpoint: str = field(default_factory=_endpoint)
    cache: Path = field(default_factory=cache_folder)

    @property
    def name(self) -> str:
        """Return its address without a password."""
        parts = urlsplit(self.endpoint)
        return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2])).rstrip("/")

    def page(self, repository: str) -> str:
        """Return the page of a repository."""
        return f"{self.name}/{repository}"

    def newest(self, repository: str) -> str:
        """Return the newest commit of a repository.

        Raises:
            PullError: The Hub does not say.
        """

        def ask() -> str:
            from huggingface_hub import HfApi

            found = HfApi(endpoint=self.endpoint).model_info(repository, revision=BRANCH).sha
            if found is None:
                raise PullBroke(f"{self.name} does not name a commit of {repository}")
            return found

        return self._explained(repository, ask)

    def files(self, repository: str, commit: str) -> Listing:
        """Return the files of a repository at a commit.

        Raises:
            PullError: The Hub does not say.
        """

        def ask() -> Listing:
            from huggingface_hub import HfApi
            from huggingface_hub.hf_api import RepoFile as HubFile

            entries = HfApi(endpoint=self.endpoint).list_repo_tree(repository, recursive=True, revision=commit)
            return {
                entry.path: RepoFile(
                    entry.lfs.size if entry.lfs else entry.size, entry.lfs.sha256 if entry.lfs else entry.blob_id
                )
                for entry in entries
                if isinstance(entry, HubFile)
            }

        return self._explained(repository, ask)

    def _explained(self, repository: str, ask: Callable[[], Answer]) -> Answer:
        if is_offline():
            raise Offline(f"{repository}: offline mode is on (HF_HUB_OFFLINE), so {self.name} is not asked")
        from huggingface_hub.utils import logging

        # Its warnings have addresses in them, and an address may have a password.
        logging.set_verbosity_error()  # type: ignore[no-untyped-call]
        try:
            return ask()
        except PullError:
            raise
        except Exception as error:
            raise self.explain(repository, error) from None

    def explain(self, repository: str, error: BaseException) -> PullError:
        """Return what went wrong, in a sentence, from what ``huggingface_hub`` raised."""
        import httpx
        from huggingface_hub.errors import (
            GatedRepoError,
            HfHubHTTPError,
            OfflineModeIsEnabled,
            RepositoryNotFoundError,
            RevisionNotFoundError,
        )

        said = without_secrets(f"{type(error).__name__}: {error}")[:300]
        if isinstance(error, OfflineModeIsEnabled):
            return Offline(f"{repository}: offline mode is on (HF_HUB_OFFLINE), so {self.name} is not asked")
        if isinstance(error, GatedRepoError):
            account = "the account of your token" if has_token() else f"an account, and set HF_TOKEN ({TOKEN_PAGE})"
            return Gated(f"{repository} is gated: accept its license at {self.page(repository)} with {account}")
        if isinstance(error, RevisionNotFoundError):
            return NotFound(
                f"{self.name} does not have that commit of {repository}: it was removed, or the mirror is behind; "
                "`ttv weights update` moves the pin to the newest"
            )
        status = error.response.status_code if isinstance(error, HfHubHTTPError) else None
        if isinstance(error, RepositoryNotFoundError) and not (status == 401 and has_token()):
            token = "" if has_token() else f", and if it is private set HF_TOKEN ({TOKEN_PAGE})"
            return NotFound(
                f"{self.name} does not have a repository {repository}: check {self.page(repository)}{token}"
            )
        if status in (401, 403) and not has_token():
            return NotAllowed(f"{self.name} asks for an account for {repository}: set HF_TOKEN ({TOKEN_PAGE})")
        if status in (401, 403):
            return NotAllowed(f"{self.name} refuses the token for {repository}: create another at {TOKEN_PAGE}")
        if status == 429 or (status is not None and status >= 500):
            return HubBusy(f"{self.name} answered {status} for {repository}: it is busy; try again later")
        if status == 404:
            return NotFound(f"{self.name} does not have a file that it listed for {repository}: {said}")
        kept = self._of_the_disk(error, said)
        if kept is not None:
            return kept
        cause = error.__cause__
        if cause is not None and type(error).__name__ == "LocalEntryNotFoundError":
            return self.explain(repository, cause)
        if isinstance(error, httpx.TransportError | ConnectionError | TimeoutError) or "Consistency check" in said:
            return NoNetwork(f"{self.name} cannot be reached for {repository}: {said}")
        return PullBroke(f"{repository}: {said}")

    def _of_the_disk(self, error: BaseException, said: str) -> PullError | None:
        code = error.errno if isinstance(error, OSError) else None
        if code in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG) or "No space left on device" in said:
            return NoRoom(f"the disk of {self.cache} is full: make room, or let HF_HOME name another disk")
        if code in (errno.EACCES, errno.EPERM, errno.EROFS, errno.EEXIST, errno.ENOTDIR):
            return NotWritable(f"{self.cache} cannot be written: {os.strerror(code)}; HF_HOME names another folder")
        return None
