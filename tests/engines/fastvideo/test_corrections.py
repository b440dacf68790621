"""What FastVideo does that this engine works around. Where one of these fails, a workaround may go."""

import inspect
import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from PIL import Image

from ttv_dagster.engines.fastvideo.engine import ATTENTION, FASTVIDEO
from ttv_dagster.engines.fastvideo.families import FAMILIES
from ttv_dagster.engines.fastvideo.worker import keep_the_size_of_images


def size_with_an_image() -> tuple[int, int]:
    """The size that FastVideo's first stage makes of 1280x704 with an image of that size."""
    from fastvideo.configs.pipelines.wan import Wan2_2_TI2V_5B_Config
    from fastvideo.pipelines import ForwardBatch
    from fastvideo.pipelines.stages.input_validation import InputValidationStage

    config = Wan2_2_TI2V_5B_Config()
    config.vae_config.arch_config.scale_factor_spatial = 16
    batch = ForwardBatch(
        data_type="video",
        prompt="a cat",
        seed=1,
        height=704,
        width=1280,
        num_frames=5,
        pil_image=Image.new("RGB", (1280, 704)),
    )
    InputValidationStage().forward(batch, SimpleNamespace(pipeline_config=config))
    return batch.width, batch.height


def test_fastvideo_overwrites_the_size_of_a_clip_with_an_image_and_the_correction_keeps_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from fastvideo.pipelines.stages import input_validation

    width, height = size_with_an_image()
    assert (width, height) != (1280, 704), "FastVideo keeps the size now: worker.keep_the_size_of_images may go"
    assert width * height <= 480 * 832

    monkeypatch.setattr(input_validation, "best_output_size", input_validation.best_output_size)  # put back at the end
    keep_the_size_of_images()
    assert size_with_an_image() == (1280, 704)


def test_the_correction_refuses_a_fastvideo_that_it_does_not_know(monkeypatch: pytest.MonkeyPatch) -> None:
    from fastvideo.pipelines.stages import input_validation

    monkeypatch.delattr(input_validation, "best_output_size")
    with pytest.raises(RuntimeError, match=re.escape(FASTVIDEO)):
        keep_the_size_of_images()


def test_fastvideo_reads_its_switch_for_step_caching_nowhere() -> None:
    import fastvideo

    readers = [
        path
        for path in Path(fastvideo.__file__).parent.rglob("*.py")
        if re.search(r"(batch|sampling_param|param)\.enable_teacache|\bif\b.*enable_teacache", path.read_text())
        and "entrypoints" not in path.parts
        and "tests" not in path.parts
    ]
    assert readers == [], "TeaCache decides pixels now: it may become a parameter"


def test_the_names_of_its_attention_backends_are_known() -> None:
    from fastvideo.platforms import AttentionBackendEnum

    assert set(ATTENTION) == set(AttentionBackendEnum.__members__)


@pytest.mark.parametrize("family", FAMILIES.values(), ids=list(FAMILIES))
def test_fastvideo_knows_each_family_by_its_name(family: object) -> None:
    from fastvideo.registry import _MODEL_HF_PATH_TO_NAME

    name = getattr(family, "name", "")
    assert name in {path.rpartition("/")[2] for path in _MODEL_HF_PATH_TO_NAME}


def test_a_worker_that_fails_ends_its_parent() -> None:
    from fastvideo.worker.multiproc_executor import WorkerMultiprocProc

    assert "send_signal(signal.SIGQUIT)" in inspect.getsource(WorkerMultiprocProc.worker_main)
