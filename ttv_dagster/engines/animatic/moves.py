"""The camera moves, and the words that ask for them."""

import re
from enum import StrEnum

from ttv_dagster.engines.words import plain_words, seeded_rng


class Move(StrEnum):
    """A camera move, by the name that the slate shows."""

    STATIC = "static"
    PUSH_IN = "push in"
    PULL_BACK = "pull back"
    ZOOM_IN = "zoom in"
    ZOOM_OUT = "zoom out"
    PAN_LEFT = "pan left"
    PAN_RIGHT = "pan right"
    TILT_UP = "tilt up"
    TILT_DOWN = "tilt down"
    TRACK_LEFT = "track left"
    TRACK_RIGHT = "track right"
    ORBIT_LEFT = "orbit left"
    ORBIT_RIGHT = "orbit right"
    CRANE_UP = "crane up"
    CRANE_DOWN = "crane down"
    AERIAL = "aerial"
    FOLLOW = "follow"
    HANDHELD = "handheld"
    ROLL = "roll"


_PANS = (Move.PAN_LEFT, Move.PAN_RIGHT)
_TILTS = (Move.TILT_UP, Move.TILT_DOWN)
_TRACKS = (Move.TRACK_LEFT, Move.TRACK_RIGHT)
_ORBITS = (Move.ORBIT_LEFT, Move.ORBIT_RIGHT)

# Phrases are regular expressions over `plain_words`; these are their common parts.
_CAMERA = r"(?:camera(?: \w+){0,2}?|(?:shot|view|frame|lens|we)(?: \w+ly)?)"
_BY = rf"(?:{_CAMERA} |(?:slow|quick|gentle|smooth) )?"
_SHOT = r"(?:shot|camera|frame|framing|view|angle|move|movement|motion|video|footage)"
_TO = r"(?: (?:slowly|gently|smoothly|quickly|slightly|steadily|camera|shot|to|towards?|from|the)){0,4}"
# A pan may be kitchenware, and a head may tilt.
_PAN = r"(?<!frying )(?<!baking )(?<!roasting )(?<!cake )(?<!sauce )(?:pan|pans|panning)"
_TILT = r"(?<!head )(?:tilt|tilts|tilting)"
_SLIDES = r"(?:moves|moving|glides|gliding|drifts|tracks|trucks)"
_FLIES = r"(?:flies|fly|flying) (?:over|above|across)"

_MOVES: tuple[tuple[str, tuple[Move, ...]], ...] = (
    (rf"{_BY}{_PAN}{_TO} (?:left(?:wards?)?(?! to right)|right to left)", (Move.PAN_LEFT,)),
    (rf"{_BY}{_PAN}{_TO} (?:right(?:wards?)?(?! to left)|left to right)", (Move.PAN_RIGHT,)),
    (rf"{_BY}{_PAN}{_TO} up(?:wards?)?", (Move.TILT_UP,)),
    (rf"{_BY}{_PAN}{_TO} down(?:wards?)?", (Move.TILT_DOWN,)),
    (rf"{_CAMERA} (?:pans|panning)|panning {_SHOT}|pan shot|(?:slow|quick|gentle|whip) pan", _PANS),
    (rf"{_BY}{_TILT}{_TO} up(?:wards?)?", (Move.TILT_UP,)),
    (rf"{_BY}{_TILT}{_TO} down(?:wards?)?", (Move.TILT_DOWN,)),
    (rf"{_CAMERA} (?:tilts|tilting)|tilt(?:ing)? shot", _TILTS),
    (rf"{_BY}zoom(?:s|ing|ed)?(?: \w+ly)? (?:in|into|closer)", (Move.ZOOM_IN,)),
    (rf"{_BY}zoom(?:s|ing|ed)?(?: \w+ly)? (?:out|away|back)", (Move.ZOOM_OUT,)),
    (rf"{_CAMERA} (?:zooms|zooming)|(?:crash|slow|gentle|gradual) zoom(?! (?:out|back))", (Move.ZOOM_IN,)),
    (rf"(?:dolly|dollies|dollying|tracking|push|pushes|pushing) in|{_CAMERA} (?:tracks|pushes) in"
     r"|dolly(?:ing)? (?:shot|zoom|forward)|vertigo (?:shot|effect)", (Move.PUSH_IN,)),
    (rf"{_CAMERA} (?:moves|moving|glides|gliding|creeps|inches|advances) (?:in|forwards?|closer|towards?)",
     (Move.PUSH_IN,)),
    (rf"(?:dolly|dollies|dollying|tracking) (?:out|back)|{_CAMERA} (?:pulls|pulling|tracks) (?:out|back|away)"
     r"|pull(?:s|ing)? back|pull out shot", (Move.PULL_BACK,)),
    (rf"{_CAMERA} (?:moves|moving|glides|gliding|backs) (?:out|back|backwards?|away)", (Move.PULL_BACK,)),
    (rf"(?:dolly|dollies|trucking|tracking){_TO} left|{_CAMERA} {_SLIDES}{_TO} left", (Move.TRACK_LEFT,)),
    (rf"(?:dolly|dollies|trucking|tracking){_TO} right|{_CAMERA} {_SLIDES}{_TO} right", (Move.TRACK_RIGHT,)),
    (r"(?:tracking|trucking|slider|lateral) (?:shot|camera|view)|side tracking|steadicam|gimbal", _TRACKS),
    (rf"{_CAMERA} (?:follows|following|trails|trailing|tracks|tracking|chases)|follow(?:ing)? shot",
     (Move.FOLLOW,)),
    (rf"{_CAMERA} (?:orbits|orbiting|circles|circling|arcs|arcing|revolves|revolving|rotates|rotating|moves) around"
     rf"|{_CAMERA} (?:orbits|orbiting|circles|circling|arcs|arcing)"
     rf"|(?:orbit|orbiting|orbital|arc|arcing|circling|360|360 degree) {_SHOT}", _ORBITS),
    (rf"{_CAMERA} (?:rises|rising|ascends|ascending|lifts)|(?:crane|boom|jib|pedestal)(?:s|ing)? up"
     r"|(?:crane|boom|jib) shot", (Move.CRANE_UP,)),
    (rf"{_CAMERA} (?:descends|descending|lowers)|(?:crane|boom|jib|pedestal)(?:s|ing)? down", (Move.CRANE_DOWN,)),
    (rf"aerial|drone (?:flight|flying|pov|{_SHOT})|fpv|flyover|(?:camera|we|we are) {_FLIES}|(?<!\w ){_FLIES}"
     r"|birds? eye|soaring (?:over|above)|helicopter (?:shot|view)", (Move.AERIAL,)),
    (rf"hand held {_SHOT}|handheld(?! (?:device|console|game|phone|radio|fan))|shaky (?:cam|{_SHOT})"
     r"|found footage|vlog|first person|pov", (Move.HANDHELD,)),
    (rf"dutch (?:angle|tilt)|canted {_SHOT}|camera (?:rolls|spins)|barrel roll", (Move.ROLL,)),
    (rf"(?:static|fixed|stationary|locked|locked off|still) (?:\w+ )?{_SHOT}|locked off|tripod"
     r"|camera (?:\w+ ){0,2}?(?:static|still|fixed|locked|motionless|stationary)"
     r"|no camera (?:movement|motion|move)", (Move.STATIC,)),
)  # fmt: skip

_FRAMINGS: tuple[tuple[str, tuple[Move, ...]], ...] = (
    (r"low angle|worms? eye|from below", (Move.TILT_UP,)),
    (rf"high angle|from above|(?:overhead|top down) {_SHOT}", (Move.CRANE_DOWN,)),
    (r"panorama|panoramic|vista|sweeping (?:shot|view|landscape)", _PANS),
    (r"close ?ups?|macro|portrait", (Move.PUSH_IN,)),
    (r"establishing|wide (?:shot|angle|view)|long shot", (Move.PULL_BACK,)),
)

_UNTOLD = (
    Move.PUSH_IN, Move.PULL_BACK, *_PANS, *_TILTS, *_TRACKS, *_ORBITS, Move.CRANE_UP, Move.CRANE_DOWN,
)  # fmt: skip


def _first_asked(words: str, phrases: tuple[tuple[str, tuple[Move, ...]], ...]) -> tuple[Move, ...]:
    """The moves of the phrase that stands first in the words; of two at one place, the one first in the table."""
    found = [
        (match.start(), row, moves)
        for row, (phrase, moves) in enumerate(phrases)
        if (match := re.search(rf" (?:{phrase})(?= )", words))
    ]
    return min(found)[2] if found else ()


def choose_move(prompt: str, seed: int) -> Move:
    """The camera move that the prompt asks for.

    A move that is named wins over a framing that suggests one; where the words leave a choice (which way to pan),
    or say nothing of the camera, the seed and the prompt choose.
    """
    words = plain_words(prompt)
    moves = _first_asked(words, _MOVES) or _first_asked(words, _FRAMINGS) or _UNTOLD
    return moves[int(seeded_rng(seed, prompt, "camera move").integers(len(moves)))]
