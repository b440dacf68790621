import pytest

from tests.weights.test_catalog import ENTRY
from ttv_dagster.weights.model import Model, Part
from ttv_dagster.weights.snapshots import WeightsMissing, snapshot

MODEL = Model.model_validate({**ENTRY, "parts": [Part(id="studio/part", files=("vae/*",))]})


def test_weights_without_a_commit_were_never_pulled() -> None:
    with pytest.raises(WeightsMissing, match=r"were never pulled: ttv weights pull studio/own-model"):
        snapshot(MODEL, None)


def test_a_model_that_got_another_part_since_it_was_planned_is_planned_again() -> None:
    with pytest.raises(WeightsMissing, match=r"has other parts than when this was planned .*materialize prompt_sets"):
        snapshot(MODEL, "a" * 40)
