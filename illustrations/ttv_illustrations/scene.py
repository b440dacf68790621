"""What a prompt shows: place, hour, weather, who is in it and how near. Read from its words, else from the seed."""

import re
from dataclasses import dataclass

from ttv_dagster.engines.words import plain_words, seeded_rng
from ttv_illustrations.palette import NAMED, Color, Hour
from ttv_illustrations.vocabulary import (
    BACKDROPS,
    CLOSE,
    CLOTHES,
    COLOR,
    HINTS,
    HOURS,
    NUMBERS,
    PEOPLE,
    PLACES,
    SUBJECTS,
    UNTOLD_HOURS,
    WIDE,
    WITH_PEOPLE,
    Near,
    Place,
)


@dataclass(frozen=True, slots=True)
class Subject:
    """Someone or something in the scene.

    Attributes:
        kind: What it is: ``person``, ``dog``, ``car``.
        count: How many there are.
        color: The color that the prompt gives it; None for none.
    """

    kind: str
    count: int = 1
    color: Color | None = None


@dataclass(frozen=True, slots=True)
class Scene:
    """What a prompt shows.

    Attributes:
        words: The words of the prompt, as `plain_words` gives them.
        place: Where it is.
        hour: When it is.
        near: How near the camera is.
        subjects: Who and what is in it, the most important first.
        colors: The colors that the prompt names, in its order.
        worn: The colors of what people wear.
        backdrop: The color that it names for the sky, the wall or the background.
    """

    words: str
    place: Place
    hour: Hour
    near: Near
    subjects: tuple[Subject, ...]
    colors: tuple[Color, ...]
    worn: tuple[Color, ...]
    backdrop: Color | None

    def says(self, phrases: str) -> bool:
        """Whether the prompt has one of these words or phrases: ``boats?|sailing``."""
        return re.search(rf" (?:{phrases})(?= )", self.words) is not None


def _first(words: str, table: tuple[tuple[str, str], ...]) -> list[str]:
    """The keys of a table whose words occur, the one that occurs first first."""
    found = [(match.start(), key) for key, pattern in table if (match := re.search(rf" (?:{pattern})(?= )", words))]
    return [key for _, key in sorted(found)]


def _subjects(words: str) -> tuple[Subject, ...]:
    kinds = _first(words, SUBJECTS)
    if set(kinds) & WITH_PEOPLE:
        kinds = [kind for kind in kinds if kind != "person"]
    if "rider" in kinds:
        kinds = [kind for kind in kinds if kind != "horse"]
    people = [kind for kind in kinds if kind in PEOPLE]
    chosen = [kind for kind in kinds if kind == next(iter(people), None) or kind not in people][:2]
    if people and people[0] not in chosen:
        chosen = [people[0], *chosen[:1]]
    patterns = dict(SUBJECTS)
    return tuple(Subject(kind, _count(words, patterns[kind]), _colored(words, patterns[kind])) for kind in chosen)


def _colored(words: str, things: str) -> Color | None:
    """The color word shortly before one of `things`."""
    found = re.search(rf" ({COLOR})(?: colou?red)?(?: \w+)? (?:{things})(?= )", words)
    return NAMED[found[1]] if found else None


def _count(words: str, pattern: str) -> int:
    """How many of a subject there are: the number word shortly before it, else one."""
    found = re.search(rf" ({'|'.join(NUMBERS)})(?: \w+){{0,2}} (?:{pattern})(?= )", words)
    return NUMBERS[found[1]] if found else 1


def read_scene(prompt: str, seed: int) -> Scene:
    """What the prompt shows; what its words leave open follows from the seed."""
    words = plain_words(prompt)
    random = seeded_rng(seed, prompt, "scene")
    subjects = _subjects(words)
    places = _first(words, PLACES) or _first(words, HINTS)
    hours = _first(words, HOURS)
    untold = UNTOLD_HOURS[int(random.integers(len(UNTOLD_HOURS)))]
    if re.search(rf" (?:{CLOSE})(?= )", words):
        near = Near.CLOSE
    else:
        near = Near.WIDE if re.search(rf" (?:{WIDE})(?= )", words) else Near.MEDIUM
    return Scene(
        words=words,
        place=Place(places[0]) if places else Place.SET,
        hour=Hour(hours[0]) if hours else untold,
        near=near,
        subjects=subjects,
        colors=tuple(NAMED[word] for word in words.split() if word in NAMED),
        worn=tuple(NAMED[word] for word in re.findall(rf" ({COLOR})(?: \w+)? (?={CLOTHES} )", words)),
        backdrop=_colored(words, BACKDROPS),
    )
