import numpy as np
import pytest
from av.video.reformatter import VideoReformatter

from tests.media.clips import Frames, moving
from ttv_dagster.media import color as color


def round_trip(image: Frames) -> Frames:
    return color.to_rgb(VideoReformatter(), color.to_video(VideoReformatter(), image))


def slopes() -> Frames:
    """Mid colors that run into each other."""
    slope = np.linspace(60, 180, 96)
    return np.dstack(np.broadcast_arrays(slope, slope[:, None], 240 - slope)).astype(np.uint8)


@pytest.mark.parametrize("times", [1, 8])
def test_going_to_video_and_back_neither_darkens_nor_tints(times: int) -> None:
    """FFmpeg's own fast conversion loses more than a level of light each time: a chain of shots would go dark."""
    image = slopes()
    for _ in range(times):
        image = round_trip(image)
    assert np.abs(image.mean((0, 1)) - slopes().mean((0, 1))).max() < 0.2
    assert np.abs(image.astype(int) - slopes()).max() <= 3 + times


def test_an_edge_keeps_its_colors() -> None:
    """Two colors side by side: coarse chroma scaling bleeds one into the other for several pixels."""
    image = np.full((32, 64, 3), (200, 60, 40), np.uint8)
    image[:, 32:] = (50, 70, 200)
    seen = round_trip(image)
    assert np.abs(seen[:, :28].astype(int) - (200, 60, 40)).max() <= 3
    assert np.abs(seen[:, 36:].astype(int) - (50, 70, 200)).max() <= 3


@pytest.mark.parametrize("matrix", [1, 5, 6, 9])
@pytest.mark.parametrize("color_range", [color.LIMITED, color.FULL])
def test_frames_are_read_by_their_own_tags(matrix: int, color_range: int) -> None:
    """BT.709, BT.601 twice, BT.2020: gray with Cr of 160 is a red that each matrix weighs otherwise."""
    from av import VideoFrame

    planes = np.full((24, 16), 128, np.uint8)
    planes[20:] = 160
    frame = VideoFrame.from_ndarray(planes, format="yuv420p")
    frame.colorspace, frame.color_range = matrix, color_range
    kr = {1: 0.2126, 5: 0.299, 6: 0.299, 9: 0.2627}[matrix]
    luma, chroma = (112 / 219, 32 / 224) if color_range == color.LIMITED else (128 / 255, 32 / 255)
    assert color.to_rgb(VideoReformatter(), frame)[8, 8, 0] == pytest.approx(
        255 * (luma + 2 * (1 - kr) * chroma), abs=2
    )


def test_an_image_can_be_scaled_on_its_way_out() -> None:
    frame = color.to_video(VideoReformatter(), moving(1, 96, 64)[0])
    small = color.to_rgb(VideoReformatter(), frame, width=30, height=20)
    assert (small.shape, small.flags.c_contiguous) == ((20, 30, 3), True)
