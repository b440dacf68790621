import pytest

from tests.weights.test_catalogue import ENTRY
from ttv_dagster.weights.model import Model, Part
from ttv_dagster.weights.snapshots import WeightsMissing, snapshot


def test_a_model_that_got_another_part_since_it_was_planned_is_planned_again() -> None:
    now = Model.model_validate({**ENTRY, "parts": [Part(id="studio/part", files=("vae/*",))]})
    with pytest.raises(WeightsMissing, match=r"has other parts than when this was planned .*materialize prompt_sets"):
        snapshot(now, "a" * 40)
