"""The painter of every place."""

from collections.abc import Callable

from ttv_illustrations.aerial import aerial
from ttv_illustrations.canvas import Canvas
from ttv_illustrations.ground import Ground
from ttv_illustrations.halls import lab, party, train
from ttv_illustrations.land import desert, field, forest, mountains
from ttv_illustrations.palette import Light
from ttv_illustrations.rooms import room
from ttv_illustrations.scene import Scene
from ttv_illustrations.space import space
from ttv_illustrations.stage import stage_set
from ttv_illustrations.table import still_life
from ttv_illustrations.town import city, street
from ttv_illustrations.vocabulary import Place
from ttv_illustrations.water import lake, sea, underwater

PAINTERS: dict[Place, Callable[[Canvas, Scene, Light], Ground]] = {
    Place.MOUNTAINS: mountains,
    Place.FOREST: forest,
    Place.SEA: sea,
    Place.LAKE: lake,
    Place.DESERT: desert,
    Place.FIELD: field,
    Place.AERIAL: aerial,
    Place.CITY: city,
    Place.STREET: street,
    Place.ROOM: room,
    Place.PARTY: party,
    Place.LAB: lab,
    Place.TRAIN: train,
    Place.SPACE: space,
    Place.UNDERWATER: underwater,
    Place.STILL_LIFE: still_life,
    Place.SET: stage_set,
}
"""Each paints its place and says where subjects stand in it."""
