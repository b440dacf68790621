import numpy as np

from ttv_dagster.engines.diffusers.base.frames import CHUNK_FRAMES, in_chunks, to_uint8


def test_levels_are_the_nearest_and_what_lies_outside_is_clipped() -> None:
    import torch

    levels = torch.arange(256).float()
    video = torch.cat([levels / 127.5 - 1, torch.tensor([-3.0, 9.0])]).view(1, 1, 1, -1).expand(3, 1, 1, -1)
    row = to_uint8(video)[0, 0, :, 0]
    assert list(row) == [*range(256), 0, 255]


def test_a_video_is_not_changed_by_looking_at_it() -> None:
    import torch

    video = torch.rand(3, 2, 4, 4)
    before = video.clone()
    to_uint8(video)
    assert torch.equal(video, before)


def test_only_a_few_frames_are_converted_at_a_time_and_no_more_than_asked() -> None:
    import torch

    video = torch.rand(3, 2 * CHUNK_FRAMES + 5, 4, 6) * 2 - 1
    chunks = list(in_chunks(video, 2 * CHUNK_FRAMES + 1))
    assert [len(chunk) for chunk in chunks] == [CHUNK_FRAMES, CHUNK_FRAMES, 1]
    assert np.array_equal(np.concatenate(chunks), to_uint8(video)[: 2 * CHUNK_FRAMES + 1])
    assert all(chunk.flags.c_contiguous for chunk in chunks)
