import pytest

from ttv_dagster.engines.diffusers.framepack.sections import rendered_frames, sections_for


@pytest.mark.parametrize(
    ("frames", "sections"), [(1, 1), (2, 1), (37, 1), (38, 2), (73, 2), (74, 3), (145, 4), (3601, 100)]
)
def test_a_clip_takes_no_more_sections_than_it_needs(frames: int, sections: int) -> None:
    assert sections_for(frames) == sections
    assert rendered_frames(sections) >= frames
