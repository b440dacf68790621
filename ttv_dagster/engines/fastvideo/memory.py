"""What fits on a GPU."""

import json
from pathlib import Path
from typing import Literal

_BYTES = {"bf16": 2, "fp16": 2, "fp32": 4}

_SHARE = 0.7
"""Of the GPU's memory that weights may take; the rest is for what is computed."""

Offloaded = Literal["none", "model", "sequential"]


def loaded_bytes(snapshot: Path, precision: str) -> dict[str, int]:
    """The bytes of each component of a checkpoint as FastVideo loads it, from the heads of its safetensors files.

    Args:
        snapshot: The checkpoint, in the layout of diffusers.
        precision: Number format of the transformers. FastVideo loads everything else in 32 bits.
    """
    found: dict[str, int] = {}
    for path in sorted(snapshot.glob("*/*.safetensors")):
        with path.open("rb") as file:
            head = json.loads(file.read(int.from_bytes(file.read(8), "little")))
        values = 0
        for name, tensor in head.items():
            if name != "__metadata__":
                size = 1
                for side in tensor["shape"]:
                    size *= side
                values += size
        component = path.parent.name
        width = _BYTES[precision] if component.startswith("transformer") else 4
        found[component] = found.get(component, 0) + values * width
    return found


def choose_offload(loaded: dict[str, int], gpu_bytes: int) -> Offloaded:
    """What must leave the GPU while it is not needed.

    Args:
        loaded: What `loaded_bytes` found.
        gpu_bytes: Memory of a GPU, each of which holds all the weights; 0 if there is none.

    Returns:
        `none` where all weights fit at once, `model` where the transformers do, `sequential` where nothing does.
    """
    room = gpu_bytes * _SHARE
    if not gpu_bytes or sum(loaded.values()) <= room:
        return "none"
    transformers = sum(size for component, size in loaded.items() if component.startswith("transformer"))
    return "model" if transformers <= room else "sequential"
