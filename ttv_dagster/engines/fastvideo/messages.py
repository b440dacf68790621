"""What the engine and the process that holds the generator say to each other."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Load:
    """What a generator is built from: another one of these means another generator.

    Attributes:
        snapshot: Folder of the weights.
        name: The name by which FastVideo knows the family.
        num_gpus: GPUs that render one clip together.
        executor: `mp` or `ray`.
        attention: FastVideo's attention backend; empty for its own choice.
        offload: `auto`, `none`, `model` or `sequential`.
        tiled: Decode in tiles.
        compile: Compile the transformer.
        precision: Number format of the transformer.
        lora: File of a LoRA; None for none.
        lora_strength: How much of it.
    """

    snapshot: str
    name: str
    num_gpus: int
    executor: str
    attention: str
    offload: str
    tiled: bool
    compile: bool
    precision: str
    lora: str | None
    lora_strength: float


@dataclass(frozen=True, slots=True)
class Ask:
    """One clip that is asked for.

    Attributes:
        prompt: What to show.
        negative_prompt: What to avoid.
        seed: 0 to 2**31 - 1.
        width: Pixels.
        height: Pixels.
        num_frames: Frames.
        steps: Denoising steps; None for a distilled model.
        guidance: Scale of classifier-free guidance; None for a distilled model.
        image: The first frame, uint8 RGB of shape (height, width, 3); None for none.
    """

    prompt: str
    negative_prompt: str
    seed: int
    width: int
    height: int
    num_frames: int
    steps: int | None
    guidance: float | None
    image: NDArray[np.uint8] | None = None


@dataclass(frozen=True, slots=True)
class Loaded:
    """The generator is there.

    Attributes:
        gpu: Name of the GPU.
        gpu_bytes: Its memory; 0 if there is none.
        offload: What leaves the GPU: `none`, `model` or `sequential`.
        attention: The attention backends that its layers use.
        idle_lora_keys: Keys of the LoRA that reach no layer.
        seconds: What loading took.
    """

    gpu: str
    gpu_bytes: int
    offload: str
    attention: list[str]
    idle_lora_keys: list[str]
    seconds: float


@dataclass(frozen=True, slots=True)
class Step:
    """`done` of `total` steps of a stage are done."""

    stage: str
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Clip:
    """A clip is rendered; its frames follow, in as many pieces as there are counts.

    Attributes:
        pieces: Frames of each piece that follows: the bytes of uint8 RGB, shape (frames, height, width, 3).
        width: Pixels of the frames that came.
        height: Pixels of the frames that came.
        stages: Seconds by stage.
        peak_bytes: The most memory of a GPU that tensors took; 0 if there is no GPU.
    """

    pieces: list[int]
    width: int
    height: int
    stages: dict[str, float]
    peak_bytes: int


@dataclass(frozen=True, slots=True)
class Failed:
    """What was asked for failed, and the generator with it.

    Attributes:
        reason: One line: what the worker that failed said.
        trace: The whole of it.
        free_bytes: Memory that was free afterwards: of the first GPU, or of the machine if there is none.
    """

    reason: str
    trace: str = field(repr=False)
    free_bytes: int | None = None
