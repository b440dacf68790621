import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps

from tests.engines.animatic.requests import image
from ttv_dagster.engines.animatic.camera import Pose, homography
from ttv_dagster.engines.animatic.plate import Plate
from ttv_dagster.engines.protocol import Frame


def _film(plate: Plate, pose: Pose) -> Frame:
    return np.asarray(plate.film(homography(pose, *plate.size)))


@settings(max_examples=40, deadline=None)
@given(
    shown=st.tuples(st.integers(1, 90), st.integers(1, 90)),
    size=st.tuples(st.integers(16, 90), st.integers(16, 90)),
)
def test_at_rest_shows_the_fitted_image(shown: tuple[int, int], size: tuple[int, int]) -> None:
    original = image(*shown)
    fitted = ImageOps.fit(Image.fromarray(original), size, Image.Resampling.LANCZOS)
    seen = _film(Plate(original, *size), Pose())
    assert np.abs(seen.astype(int) - np.asarray(fitted)).max() <= 2


def test_an_image_of_the_right_size_is_not_resampled() -> None:
    original = np.random.default_rng(0).integers(0, 256, (60, 80, 3), dtype=np.uint8)
    assert np.array_equal(_film(Plate(original, 80, 60), Pose()), original)


def test_a_wider_image_has_more_to_pan_to() -> None:
    """Beyond the frame the camera sees the image itself, not its mirror image."""
    ramp = np.broadcast_to(np.arange(200, dtype=np.uint8)[None, :, None], (60, 200, 3)).copy()
    seen = _film(Plate(ramp, 80, 60), Pose(x=0.1))
    assert seen[30, 79, 0] == pytest.approx(60 + 80 + 8, abs=2)


def test_beyond_the_image_is_its_mirror_image() -> None:
    ramp = np.broadcast_to(np.arange(0, 240, 3, dtype=np.uint8)[None, :, None], (60, 80, 3)).copy()
    seen = _film(Plate(ramp, 80, 60), Pose(x=0.1)).astype(int)
    assert seen[30, 60:70, 0].min() > 190
    assert seen[30, 79, 0] < 237


@pytest.mark.parametrize("pose", [Pose(zoom=0.2), Pose(yaw=8, zoom=0.2)])
def test_zooming_enlarges(pose: Pose) -> None:
    dot = np.zeros((60, 80, 3), np.uint8)
    dot[25:35, 35:45] = 255
    assert _film(Plate(dot, 80, 60), pose).sum() > 1.2 * int(dot.sum())
