import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ttv_dagster.engines.diffusers.text_to_image.sizes import SIDE_STEP, model_size


@pytest.mark.parametrize(
    ("width", "height", "native", "size"),
    [
        (1024, 1024, 1024 * 1024, (1024, 1024)),
        (832, 480, 1024 * 1024, (1376, 800)),
        (480, 832, 1024 * 1024, (800, 1376)),
        (1280, 704, 1024 * 1024, (1408, 768)),
        (64, 64, 64 * 64, (64, 64)),
    ],
)
def test_a_model_paints_its_own_number_of_pixels_in_the_aspect_of_the_shot(
    width: int, height: int, native: int, size: tuple[int, int]
) -> None:
    assert model_size(width, height, native) == size


@given(st.integers(16, 4096), st.integers(16, 4096))
def test_what_is_cut_off_is_less_than_a_step_on_each_side(width: int, height: int) -> None:
    wide, high = model_size(width, height, 1024 * 1024)
    scale = math.sqrt(1024 * 1024 / (width * height))
    assert (wide % SIDE_STEP, high % SIDE_STEP) == (0, 0)
    assert -1e-6 <= wide - width * scale < SIDE_STEP + 1e-6
    assert -1e-6 <= high - height * scale < SIDE_STEP + 1e-6
