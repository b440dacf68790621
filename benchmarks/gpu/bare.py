"""FastVideo alone: a loop over one `VideoGenerator` with its own executor, as its documentation has it.

Then, while it is loaded, what each optimisation is worth.
"""

import itertools
import os
import shutil
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.gpu import levers, weights
from benchmarks.gpu.pipeline import PROMPTS
from benchmarks.gpu.results import UNFINISHED, Results, clips, left, middle, named, sizes, state
from benchmarks.gpu.watch import Watch

RESIDENT = {
    "text_encoder_cpu_offload": False,
    "image_encoder_cpu_offload": False,
    "vae_cpu_offload": False,
    "dit_cpu_offload": False,
    "dit_layerwise_offload": False,
    "use_fsdp_inference": False,
}
"""Nothing leaves the GPU: as the pipeline loads a model that fits."""

STAGES = {
    "prompt_encoding_stage": "text",
    "denoising_stage": "denoise",
    "decoding_stage": "decode",
    "PostDecodeFrameProcessStage": "frames",
    "VideoSaveStage": "save",
}


def can_save() -> bool:
    """Whether the ffmpeg is here that FastVideo saves with."""
    try:
        import imageio_ffmpeg

        imageio_ffmpeg.get_ffmpeg_exe()
    except (ImportError, RuntimeError):
        return False
    return True


def request(size: tuple[int, int, int], number: int, *, save: Path | None) -> dict[str, Any]:
    """The request of one clip.

    Args:
        size: Width, height and frames.
        number: Of the clip.
        save: The file that FastVideo saves it to; None for frames in memory, as the pipeline asks for them.
    """
    output: dict[str, Any] = {"save_video": save is not None, "return_frames": save is None}
    output["output_path"] = str(save or state() / "bare")
    return {
        "prompt": PROMPTS[number % len(PROMPTS)],
        "sampling": {"seed": number, "width": size[0], "height": size[1], "num_frames": size[2], "fps": 24},
        "output": output,
    }


def stages_of(result: Any) -> dict[str, float]:
    """Seconds by stage of a clip that was rendered, as FastVideo reports them."""
    by_stage = result.logging_info.stages if result.logging_info is not None else {}
    return {STAGES[name]: round(found["execution_time"], 4) for name, found in by_stage.items() if name in STAGES}


def loaded(results: Results) -> Any:
    """A `VideoGenerator` of the weights."""
    os.environ["FASTVIDEO_STAGE_LOGGING"] = "1"
    begun = time.perf_counter()
    import torch
    from fastvideo import VideoGenerator

    imported = time.perf_counter()
    # Where there is room the pipeline pins the memory that frames come to.
    pinned = torch.cuda.is_available()
    generator = VideoGenerator.from_pretrained(str(weights.folder()), num_gpus=1, pin_cpu_memory=pinned, **RESIDENT)
    results.add("bare", "load", imports=round(imported - begun, 2), load=round(time.perf_counter() - imported, 2))
    return generator


def item_of(size: tuple[int, int, int], saves: bool) -> str:
    return f"{named(size)} {'saved' if saves else 'frames'}"


def loop(results: Results, generator: Any, size: tuple[int, int, int], watch: Watch, *, saves: bool) -> None:
    """One clip more than are measured: the first of a size finds its kernels and its memory."""
    item = item_of(size, saves)
    if results.has("bare", item):
        return
    warm_already = results.has("bare", f"{named(size)} saved")
    ended, stages, gaps, peak = [], [], [], 0.0
    first = begun = time.time()
    for number in range(3 if warm_already else clips() + 1):
        file = state() / "bare" / f"{named(size)}-{number}.mp4"
        result = generator.generate(request(size, number, save=file if saves else None))
        by_stage = stages_of(result)
        stages.append(by_stage)
        ended.append(time.time())
        gaps.append(ended[-1] - begun - sum(by_stage.values()))
        begun = ended[-1]
        peak = max(peak, result.peak_memory_mb or 0.0)
        del result
        if number >= 2 and left() < 2 * (ended[-1] - ended[-2]):
            break
    apart = [later - earlier for earlier, later in itertools.pairwise(ended)]
    warm = {name: middle([by_stage.get(name, 0.0) for by_stage in stages[1:]]) for name in stages[-1]}
    on_gpu = sum(warm.get(name, 0.0) for name in ("text", "denoise", "decode"))
    results.add(
        "bare",
        item,
        clips=len(apart),
        seconds=middle(apart),
        apart=[round(value, 3) for value in apart],
        first=round(ended[0] - first, 2),
        stages=warm,
        between_stages=middle(gaps[1:]),
        gpu=round(on_gpu, 3),
        gpu_share=round(on_gpu / middle(apart), 3),
        tensors_gb=round(peak * 2**20 / 1e9, 2),
        **watch.between(ended[0], ended[-1]),
    )


def main() -> None:
    results = Results()
    # As its users do it, with its own saving; then what it takes to hand frames over instead.
    ways = [(size, saves) for size in sizes() for saves in ((True, False) if can_save() else (False,))]
    if all(results.has("bare", item_of(*way)) for way in ways) and not levers.missing(results):
        return
    shutil.rmtree(state() / "bare", ignore_errors=True)
    generator = loaded(results)
    try:
        with Watch() as watch:
            for size, saves in ways:
                loop(results, generator, size, watch, saves=saves)
        whole = levers.measure(results, generator, request, stages_of)
    finally:
        generator.shutdown()
    sys.exit(0 if whole else UNFINISHED)


# FastVideo's workers import this file again.
if __name__ == "__main__":
    main()
