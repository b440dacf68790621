import pytest

from ttv_dagster.diagnostics.gpus import has_code

CUDA_13 = ["sm_75", "sm_80", "sm_86", "sm_90", "sm_100", "sm_120", "compute_120"]


@pytest.mark.parametrize(
    ("gpu", "built_for", "runs"),
    [
        ((12, 0), CUDA_13, True),
        ((12, 0), ["sm_80", "sm_90"], False),
        ((8, 9), CUDA_13, True),  # sm_86 runs on it.
        ((8, 0), ["sm_86"], False),
        ((12, 1), ["compute_90"], True),
        ((9, 0), ["sm_90a"], True),
        ((12, 1), ["sm_120a"], False),
        ((12, 0), [], False),
    ],
)
def test_a_build_runs_on_its_gpus_and_on_later_ones_of_their_generation(
    gpu: tuple[int, int], built_for: list[str], runs: bool
) -> None:
    assert has_code(gpu, built_for) == runs
