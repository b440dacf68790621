"""The painter of every place."""

from collections.abc import Callable

from ttv_dagster.engines.card.aerial import aerial
from ttv_dagster.engines.card.canvas import Canvas
from ttv_dagster.engines.card.ground import Ground
from ttv_dagster.engines.card.halls import lab, party, train
from ttv_dagster.engines.card.land import desert, field, forest, mountains
from ttv_dagster.engines.card.palette import Light
from ttv_dagster.engines.card.rooms import room
from ttv_dagster.engines.card.scene import Scene
from ttv_dagster.engines.card.space import space
from ttv_dagster.engines.card.stage import stage_set
from ttv_dagster.engines.card.table import still_life
from ttv_dagster.engines.card.town import city, street
from ttv_dagster.engines.card.vocabulary import Place
from ttv_dagster.engines.card.water import lake, sea, underwater

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
