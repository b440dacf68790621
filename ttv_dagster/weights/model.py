"""One model of the catalog."""

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

Task = Literal["T2V", "I2V", "FLF2V", "T2I"]
"""What a model does: text to video, image to video, first and last frame to video, text to image."""


def _hub_name(repository: str) -> str:
    if "--" in repository or ".." in repository or repository.endswith(".git"):
        raise ValueError("the Hub has no repository whose name contains '--' or '..' or ends in '.git'")
    return repository


HubId = Annotated[
    str,
    Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*/[A-Za-z0-9][A-Za-z0-9_.-]*$", max_length=96),
    AfterValidator(_hub_name),
]
"""A repository of the Hub: ``organisation/name``."""

PICKLED = (".bin", ".ckpt", ".pickle", ".pkl", ".pt", ".pth")
"""Endings of files that run code when they are loaded."""


def _safe_pattern(pattern: str) -> str:
    path = PurePosixPath(pattern)
    if not pattern or path.is_absolute() or ".." in path.parts or "\\" in pattern:
        raise ValueError(f"{pattern!r} is not a pattern of files in a repository, such as 'vae/*.safetensors'")
    if path.suffix.lower() in PICKLED:
        raise ValueError(f"{pattern!r} asks for pickled files, which run code when they are loaded; use safetensors")
    return pattern


FilePattern = Annotated[str, AfterValidator(_safe_pattern)]
"""A pattern of files of a repository, as ``huggingface_hub`` reads it: ``*`` also matches slashes."""


PIPELINE_FILES = ("*.json", "*.safetensors", "*.model", "*.txt")
"""The files of diffusers pipelines, except pickled ones."""


_ALIKE = 1.1
"""Renders whose sizes differ by no more than this factor count as taking the same memory."""


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Memory(_Entry):
    """Video memory that one render takes.

    Attributes:
        width: Pixels.
        height: Pixels.
        num_frames: Frames; None if the source does not say.
        gb: Gigabytes (10^9 bytes) at their peak.
        source: Who measured it, or where it is documented.
    """

    width: int = Field(gt=0)
    height: int = Field(gt=0)
    gb: float = Field(gt=0)
    source: str
    num_frames: int | None = Field(None, gt=0)


class Part(_Entry):
    """A repository whose files a model needs in addition to its own.

    Attributes:
        id: The repository.
        files: Patterns of the files that are pulled.
    """

    id: HubId
    files: tuple[FilePattern, ...] = Field(min_length=1)


class Model(_Entry):
    """A model that this installation knows.

    Attributes:
        id: Its repository on the Hub.
        engines: The engines that run it, the usual one first; for a text-to-image model, its keyframe generator.
        tasks: What it does.
        family: Which rules of size and length it follows: a name that its engines know.
        width: Pixels, if a shot does not set it.
        height: Pixels, if a shot does not set it.
        num_frames: Frames, if a shot does not set it; 1 for a text-to-image model.
        fps: Frames per second, if a shot does not set it; 0 for a text-to-image model.
        steps: Denoising steps, if a shot does not set it; None if the model has its own fixed schedule.
        guidance: Scale of classifier-free guidance, if a shot does not set it; None if it takes none.
        files: Patterns of its own files that are pulled.
        parts: Other repositories that it needs.
        bytes: Size on disk of everything that is pulled; None if no one measured it.
        bytes_source: The source of that figure.
        memory: Video memory by size, as far as it is known.
        license: SPDX identifier, or the license's name; None if it is not known.
        license_source: The source of the license.
        gated: Whether the Hub asks for an account that has accepted the license; None if it is not known.
        native_source: The source of size, length, rate and steps.
    """

    id: HubId
    engines: tuple[str, ...] = Field(min_length=1)
    tasks: tuple[Task, ...] = Field(min_length=1)
    family: str
    width: int = Field(gt=0)
    height: int = Field(gt=0)
    num_frames: int = Field(gt=0)
    fps: int = Field(ge=0)
    steps: int | None = Field(None, gt=0)
    guidance: float | None = Field(None, ge=0)
    files: tuple[FilePattern, ...] = Field(PIPELINE_FILES, min_length=1)
    parts: tuple[Part, ...] = ()
    bytes: int | None = Field(None, gt=0)
    bytes_source: str = ""
    memory: tuple[Memory, ...] = ()
    license: str | None = None
    license_source: str = ""
    gated: bool | None = None
    native_source: str = ""

    @property
    def repositories(self) -> tuple[str, ...]:
        """Return the repositories that are pulled, the model's own first."""
        return (self.id, *(part.id for part in self.parts))

    @property
    def pulled(self) -> dict[str, tuple[str, ...]]:
        """Return the patterns of the files that are pulled, by repository."""
        return {self.id: self.files, **{part.id: part.files for part in self.parts}}

    def commit(self, pinned: Mapping[str, str]) -> str | None:
        """Return the commit of its weights; with parts, the commits of all its repositories, joined by commas.

        Args:
            pinned: The commit of each pinned repository.

        Returns:
            None until every one of its repositories is pinned.
        """
        found = [pinned.get(repository) for repository in self.repositories]
        return ",".join(commit for commit in found if commit) if all(found) else None

    @property
    def reads_image(self) -> bool:
        """Return whether the first frame decides pixels."""
        return "I2V" in self.tasks or "FLF2V" in self.tasks

    @property
    def needs_image(self) -> bool:
        """Return whether it needs a first frame."""
        return self.reads_image and "T2V" not in self.tasks

    @property
    def reads_last_image(self) -> bool:
        """Return whether the last frame decides pixels."""
        return "FLF2V" in self.tasks

    def memory_at(self, width: int, height: int, num_frames: int) -> Memory | None:
        """Return the smallest known figure for a render at least this large; None if none is known."""
        pixels = width * height
        enough = [
            each
            for each in self.memory
            if each.width * each.height >= pixels and (each.num_frames is None or each.num_frames >= num_frames)
        ]
        return min(enough, key=lambda each: each.gb, default=None)

    def memory_needed(self, width: int, height: int, num_frames: int) -> Memory | None:
        """Return the largest known figure for a render no larger than this one; None if none is known.

        Sizes within a tenth count as this one: 1280x704 needs what 1280x720 does.
        """
        pixels = width * height * _ALIKE
        included = [
            each
            for each in self.memory
            if each.width * each.height <= pixels
            and (each.num_frames is None or each.num_frames <= num_frames * _ALIKE)
        ]
        return max(included, key=lambda each: each.gb, default=None)
