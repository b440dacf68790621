"""FastVideo without the house: what `warm.py` compares with. Run as a program, it renders clips one after another."""

import argparse
import json
import time
from pathlib import Path
from typing import Any

RESIDENT = {
    "text_encoder_cpu_offload": False,
    "image_encoder_cpu_offload": False,
    "vae_cpu_offload": False,
    "dit_cpu_offload": False,
    "dit_layerwise_offload": False,
    "pin_cpu_memory": False,
    "use_fsdp_inference": False,
}
"""Nothing leaves the GPU: as the pipeline loads a model that fits."""


def request(prompt: str, seed: int, options: argparse.Namespace) -> dict[str, Any]:
    """The arguments of one clip."""
    return {
        "prompt": prompt,
        "seed": seed,
        "width": options.width,
        "height": options.height,
        "num_frames": options.frames,
        "num_inference_steps": options.steps,
        "fps": options.fps,
    }


def shot_arguments(parser: argparse.ArgumentParser) -> None:
    """Size and length of the clips that are compared."""
    parser.add_argument("--width", type=int, default=128)
    parser.add_argument("--height", type=int, default=128)
    parser.add_argument("--frames", type=int, default=33)
    parser.add_argument("--fps", type=int, default=8)
    parser.add_argument("--steps", type=int, default=4)


def main() -> None:
    """Load once, render every prompt to a file with FastVideo's own encoder, and say when each was done."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", help="folder of the weights")
    parser.add_argument("prompts", type=Path, help="JSON: a list of [prompt, seed]")
    parser.add_argument("out", type=Path, help="folder of the clips")
    shot_arguments(parser)
    options = parser.parse_args()

    from fastvideo import VideoGenerator

    generator = VideoGenerator.from_pretrained(options.model, num_gpus=1, **RESIDENT)
    done = []
    for number, (prompt, seed) in enumerate(json.loads(options.prompts.read_text())):
        file = str(options.out / f"{number:03}.mp4")
        generator.generate_video(**request(prompt, seed, options), output_path=file, save_video=True)
        done.append(time.time())
    generator.shutdown()
    (options.out / "done.json").write_text(json.dumps(done))


# FastVideo's workers import this file again.
if __name__ == "__main__":
    main()
