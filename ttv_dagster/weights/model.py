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
        raise ValueError(f"{pattern!r} is no pattern of files in a repository, such as 'vae/*.safetensors'")
    if path.suffix.lower() in PICKLED:
        raise ValueError(f"{pattern!r} asks for pickled files, which run code when they are loaded; use safetensors")
    return pattern


FilePattern = Annotated[str, AfterValidator(_safe_pattern)]
"""A pattern of files of a repository, as ``huggingface_hub`` reads it: ``*`` also takes slashes."""


PIPELINE_FILES = ("*.json", "*.safetensors", "*.model", "*.txt")
"""What the pipelines of diffusers are made of, without anything pickled."""


_ALIKE = 1.1
"""Renders whose sizes differ by no more than this factor take the same memory, as far as it matters here."""


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Memory(_Entry):
    """Video memory that one render takes.

    Attributes:
        width: Pixels.
        height: Pixels.
        num_frames: Frames; None where the source does not say.
        gb: Gigabytes (10^9 bytes) at their peak.
        source: Who measured it, or where it is written.
    """

    width: int = Field(gt=0)
    height: int = Field(gt=0)
    gb: float = Field(gt=0)
    source: str
    num_frames: int | None = Field(None, gt=0)


class Part(_Entry):
    """A repository whose files a model needs beside its own.

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
        width: Pixels, where a shot does not say.
        height: Pixels, where a shot does not say.
        num_frames: Frames, where a shot does not say; 1 for a text-to-image model.
        fps: Frames per second, where a shot does not say; 0 for a text-to-image model.
        steps: Denoising steps, where a shot does not say; None where the model has its own fixed schedule.
        guidance: Scale of classifier-free guidance, where a shot does not say; None where it takes none.
        files: Patterns of its own files that are pulled.
        parts: Other repositories that it needs.
        bytes: Size on disk of everything that is pulled; None where nobody measured it.
        bytes_source: Where that figure is from.
        memory: Video memory by size, as far as it is known.
        license: SPDX identifier, or the license's name; None where it is not known.
        license_source: Where that is from.
        gated: Whether the Hub asks for an account that has accepted the license; None where it is not known.
        native_source: Where size, length, rate and steps are from.
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
        """The repositories that are pulled, the model's own first."""
        return (self.id, *(part.id for part in self.parts))

    @property
    def pulled(self) -> dict[str, tuple[str, ...]]:
        """The patterns of the files that are pulled, by repository."""
        return {self.id: self.files, **{part.id: part.files for part in self.parts}}

    def commit(self, pinned: Mapping[str, str]) -> str | None:
        """The commit of its weights; with parts, the commits of all its repositories, joined by commas.

        Args:
            pinned: The commit of each pinned repository.

        Returns:
            None until every one of its repositories is pinned.
        """
        found = [pinned.get(repository) for repository in self.repositories]
        return ",".join(commit for commit in found if commit) if all(found) else None

    @property
    def reads_image(self) -> bool:
        """Whether the first frame decides pixels."""
        return "I2V" in self.tasks or "FLF2V" in self.tasks

    @property
    def needs_image(self) -> bool:
        """Whether it renders nothing without a first frame."""
        return self.reads_image and "T2V" not in self.tasks

    @property
    def reads_last_image(self) -> bool:
        """Whether the last frame decides pixels."""
        return "FLF2V" in self.tasks

    def memory_at(self, width: int, height: int, num_frames: int) -> Memory | None:
        """The least known figure for a render at least this large; None where none is known."""
        pixels = width * height
        enough = [
            each
            for each in self.memory
            if each.width * each.height >= pixels and (each.num_frames is None or each.num_frames >= num_frames)
        ]
        return min(enough, key=lambda each: each.gb, default=None)

    def memory_needed(self, width: int, height: int, num_frames: int) -> Memory | None:
        """The greatest known figure for a render no larger than this one; None where none is known.

        Sizes within a tenth count as this one: 1280x704 takes what 1280x720 does.
        """
        pixels = width * height * _ALIKE
        included = [
            each
            for each in self.memory
            if each.width * each.height <= pixels
            and (each.num_frames is None or each.num_frames <= num_frames * _ALIKE)
        ]
        return max(included, key=lambda each: each.gb, default=None)
