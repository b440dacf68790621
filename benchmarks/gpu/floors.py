"""The least work of a clip, stage by stage, counted on shapes alone; no GPU and no memory are needed.

python -m benchmarks.gpu.floors > benchmarks/gpu/floors.json
"""

import json
from typing import Any

SIZES = ((832, 480, 121), (1280, 704, 121))
TOKENS = 43
"""Of a prompt: FastVideo pads to 512 after the text encoder, not before it."""


def main() -> None:
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    from ttv_dagster.weights.random_wan import RandomWan, random_models

    torch.set_grad_enabled(False)
    torch.set_default_dtype(torch.bfloat16)
    with torch.device("meta"):
        models = dict(random_models(RandomWan(distilled=True, size="full")))

    def counted(call: Any) -> float:
        with FlopCounterMode(display=False) as counter:
            call()
        return float(counter.get_total_flops()) / 1e12

    def empty(*shape: int, dtype: Any = torch.bfloat16) -> Any:
        return torch.empty(*shape, dtype=dtype, device="meta")

    found: dict[str, dict[str, float]] = {}
    for width, height, frames in SIZES:
        latents = empty(1, 48, (frames - 1) // 4 + 1, height // 16, width // 16)
        step = counted(
            lambda latents=latents: models["transformer"](
                hidden_states=latents,
                timestep=empty(1, dtype=torch.long),
                encoder_hidden_states=empty(1, 512, 4096),
            )
        )
        found[f"{width}x{height}x{frames}"] = {
            "text": round(counted(lambda: models["text_encoder"](input_ids=empty(1, TOKENS, dtype=torch.long))), 2),
            "denoise": round(3 * step, 1),
            "decode": round(counted(lambda latents=latents: models["vae"].decode(latents)), 1),
        }
    parameters = {
        name: round(sum(value.numel() for value in model.parameters()) / 1e9, 3) for name, model in models.items()
    }
    what = "TFLOP of a clip by stage: 3 steps, batch 1"
    print(json.dumps({"what": what, "billions_of_parameters": parameters, "tflop": found}, indent=1))


if __name__ == "__main__":
    main()
