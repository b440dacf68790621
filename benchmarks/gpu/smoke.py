"""Tiny models through every engine, on the GPU: does what the tests show on a CPU hold there?"""

import shutil
from pathlib import Path
from typing import Any

from benchmarks.gpu.rendering import records, render
from benchmarks.gpu.results import Results, small, state


def shots(images: Path) -> list[dict[str, Any]]:
    """One shot an engine and a way to ask it."""
    from PIL import Image

    images.mkdir(parents=True, exist_ok=True)
    Image.effect_mandelbrot((96, 96), (-2, -1.5, 1, 1.5), 60).convert("RGB").save(images / "one.png")
    image = {"image": "one.png"}
    wan, framepack = {"engine": "wan", "width": 64, "height": 64}, {"engine": "framepack", "width": 32, "height": 32}
    return [
        {"id": "fastvideo-text", "engine": "fastvideo", "model": "tiny/FastWan2.2-TI2V-5B-Diffusers"},
        {"id": "fastvideo-image", "engine": "fastvideo", "model": "tiny/Wan2.2-TI2V-5B-Diffusers", **image},
        {"id": "wan-text", "model": "tiny/Wan2.2-TI2V-5B-Diffusers", **wan},
        {"id": "wan-image", "model": "tiny/Wan2.2-TI2V-5B-Diffusers", **wan, **image},
        {"id": "wan-keyframe", "model": "tiny/Wan2.2-TI2V-5B-Diffusers", "keyframe_model": "tiny/text-to-image", **wan},
        {"id": "framepack", "model": "tiny/FramePackI2V_HY", "num_frames": 37, "fps": 30, **framepack, **image},
        {"id": "framepack-f1", "model": "tiny/FramePack_F1_I2V_HY_20250503", "num_frames": 37, "fps": 30, **framepack,
         **image},
    ]  # fmt: skip


def main() -> None:
    from tests.tiny.framepack import tiny_framepack
    from tests.tiny.installation import Installation
    from tests.tiny.text_to_image import tiny_text_to_image
    from tests.tiny.wan import tiny_wan_checkpoint
    from ttv_dagster.weights.random_wan import RandomWan

    results = Results()
    folder = state() / "smoke"
    shutil.rmtree(folder, ignore_errors=True)
    checkpoints = [
        tiny_wan_checkpoint(RandomWan(distilled=True)),
        tiny_wan_checkpoint(RandomWan()),
        tiny_framepack("framepack"),
        tiny_framepack("framepack-f1"),
        tiny_text_to_image(),
    ]
    installation = Installation(folder / "installation", checkpoints)
    document = {
        "name": "smoke",
        "defaults": {"width": 64, "height": 64, "num_frames": 5, "fps": 8},
        "shots": [{"prompt": "a lighthouse in a storm", **shot} for shot in shots(folder / "render")],
    }
    env = installation.env(**({} if small() else {"TTV_ACCELERATOR": "cuda"}))
    said, _, begun, ended = render(folder / "render", document, env)
    results.add("smoke", "all", seconds=round(ended - begun, 1))
    found = records(folder / "render")
    for shot in said["shots"] if said else ():
        engine = found.get(shot["key"], {}).get("engine", {})
        results.add(
            "smoke",
            shot["id"],
            status=shot["status"],
            **({"error": shot["error"]} if shot["error"] else {}),
            **{name: engine[name] for name in ("gpu", "attention", "stages", "offload") if name in engine},
        )


if __name__ == "__main__":
    main()
