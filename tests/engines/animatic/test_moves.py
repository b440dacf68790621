import pytest

from ttv_dagster.engines.animatic.moves import Move, choose_move

ASKED = [
    ("The camera pans left across the bay", Move.PAN_LEFT),
    ("slow pan to the right over the city", Move.PAN_RIGHT),
    ("panning slowly from right to left", Move.PAN_LEFT),
    ("Pan right.", Move.PAN_RIGHT),
    ("camera pans up to the sky", Move.TILT_UP),
    ("the shot tilts down to her shoes", Move.TILT_DOWN),
    ("tilting up along the tower", Move.TILT_UP),
    ("slow zoom in on the face", Move.ZOOM_IN),
    ("The camera zooms slowly out", Move.ZOOM_OUT),
    ("Zooming into the eye", Move.ZOOM_IN),
    ("dolly in on the door", Move.PUSH_IN),
    ("the camera pushes in", Move.PUSH_IN),
    ("the camera slowly moves forward", Move.PUSH_IN),
    ("dolly out to reveal the hall", Move.PULL_BACK),
    ("camera pulls back", Move.PULL_BACK),
    ("pull-back shot", Move.PULL_BACK),
    ("camera trucks left", Move.TRACK_LEFT),
    ("camera moves to the right", Move.TRACK_RIGHT),
    ("the camera follows a dog", Move.FOLLOW),
    ("crane up over the roofs", Move.CRANE_UP),
    ("the camera rises", Move.CRANE_UP),
    ("camera descends into the valley", Move.CRANE_DOWN),
    ("An aerial view of fields", Move.AERIAL),
    ("drone shot of a coast", Move.AERIAL),
    ("Flying over a peninsula", Move.AERIAL),
    ("bird's-eye view of a market", Move.AERIAL),
    ("handheld footage of a concert", Move.HANDHELD),
    ("shaky cam chase", Move.HANDHELD),
    ("POV of a runner", Move.HANDHELD),
    ("Dutch angle in a corridor", Move.ROLL),
    ("static shot of a lake", Move.STATIC),
    ("The camera remains still", Move.STATIC),
    ("shot on a tripod", Move.STATIC),
    ("low angle of a lion", Move.TILT_UP),
    ("high-angle view of a hiker", Move.CRANE_DOWN),
    ("fox in the forest close-up", Move.PUSH_IN),
    ("establishing shot of a farm", Move.PULL_BACK),
    ("Low angle, the camera pans left", Move.PAN_LEFT),
    ("camera pans left, then tilts up", Move.PAN_LEFT),
]

CHOICES = [
    ("Low angle, steady tracking shot, cinematic.", {Move.TRACK_LEFT, Move.TRACK_RIGHT}),
    ("The camera orbits around the statue", {Move.ORBIT_LEFT, Move.ORBIT_RIGHT}),
    ("360 degree shot of a car", {Move.ORBIT_LEFT, Move.ORBIT_RIGHT}),
    ("the camera pans across the room", {Move.PAN_LEFT, Move.PAN_RIGHT}),
    ("panoramic mountains", {Move.PAN_LEFT, Move.PAN_RIGHT}),
]

NO_CAMERA = [
    "eggs in a frying pan left on the stove",
    "a chef shakes a pan, oil sizzles",
    "a frying pan",
    "she tilts her head",
    "a satellite orbits the earth",
    "static electricity lifts her hair",
    "a still lake at dawn",
    "trucks in the distance",
    "a race track in the desert",
    "a car zooms past",
    "he looks at the company's plans",
    "a crane stands on one leg",
    "a second dark SUV follows",
    "children play in circles",
    "birds flying over the sea",
    "a handheld console on a desk",
    "the rider rolls up his sleeves",
    "",
]  # fmt: skip


@pytest.mark.parametrize(("prompt", "move"), ASKED)
def test_words_ask_for_a_move(prompt: str, move: Move) -> None:
    assert {choose_move(prompt, seed) for seed in range(6)} == {move}


@pytest.mark.parametrize(("prompt", "moves"), CHOICES)
def test_words_leave_a_choice_to_the_seed(prompt: str, moves: set[Move]) -> None:
    assert {choose_move(prompt, seed) for seed in range(24)} == moves


@pytest.mark.parametrize("prompt", NO_CAMERA)
def test_other_words_leave_the_move_to_the_seed(prompt: str) -> None:
    assert len({choose_move(prompt, seed) for seed in range(40)}) > 5


def test_every_move_can_be_asked_for() -> None:
    asked = {move for _, move in ASKED} | {move for _, moves in CHOICES for move in moves}
    assert asked == set(Move)
