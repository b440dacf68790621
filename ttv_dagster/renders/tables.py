"""The tables of the assets: what a row of each is."""

from dataclasses import dataclass

from ttv_dagster.renders.field_row import FieldRow
from ttv_dagster.renders.manifest import ManifestRow
from ttv_dagster.shots.plan import ResolvedShot
from ttv_dagster.storage.tables import Table


@dataclass(frozen=True, slots=True)
class KeyframeRow(FieldRow):
    """One row of the table.

    Attributes:
        shot: The shot's id.
        source: `given`, `made`, `continues` (starts on the clip before) or `none`.
        status: `cached`, `published`, `failed`, or `pending` where no run was asked for it yet; None where there is
            no image.
        key: Digest of a given image, key of a made one's recipe.
        name: Where it lies in the media store.
        error: Why it failed.
        note: Why there is none, or what the image says of itself.
    """

    shot: str
    source: str
    status: str | None = None
    key: str | None = None
    name: str | None = None
    error: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class FilmRow(FieldRow):
    """One row of the table.

    Attributes:
        film: The film's key.
        name: Where it lies in the media store.
        status: `joined` in this run, or `cached`.
        shots: Clips in it.
        num_frames: Frames, without those that a shot doubles of the one it continues.
        seconds: How long it plays.
        bytes: Size of the file.
    """

    film: str
    name: str
    status: str
    shots: int
    num_frames: int
    seconds: float
    bytes: int


PROMPT_SETS = Table("prompt_sets", ResolvedShot)
KEYFRAMES = Table("keyframes", KeyframeRow)
CLIPS = Table("clips", ManifestRow)
FILMS = Table("films", FilmRow)
