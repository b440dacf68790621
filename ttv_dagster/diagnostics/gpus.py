"""The GPU of this machine, and whether this torch was built for it."""

from collections.abc import Iterable
from string import ascii_lowercase
from typing import Any

FIX = "install builds that have it: torch 2.12 for CUDA 13 and fastvideo-kernel 0.3.5 (sm_90a, sm_100a, sm_120a)"
"""What to do where torch, or a kernel, has no code for the GPU."""


def has_code(gpu: tuple[int, int], built_for: Iterable[str]) -> bool:
    """Whether a build runs on a GPU.

    Args:
        gpu: Compute capability, such as (12, 0).
        built_for: What it was built for, as torch lists it: `sm_90`, `compute_120`.
    """
    for name in built_for:
        kind, _, number = name.partition("_")
        only = number[-1].isalpha()
        at = divmod(int(number.rstrip(ascii_lowercase)), 10)
        # Machine code runs on later GPUs of the same generation, the intermediate code on all later ones.
        runs = at <= gpu and (kind == "compute" or at[0] == gpu[0])
        if at == gpu or (runs and not only):
            return True
    return False


def built_for() -> list[str]:
    """What this torch was built for."""
    import torch

    found: Any = torch.cuda.get_arch_list()
    return list(found)


def is_there() -> bool:
    """Whether torch finds a GPU, with a driver that is new enough."""
    import torch

    return bool(torch.cuda.is_available())


def usable() -> bool:
    """Whether this torch has code for the first GPU."""
    import torch

    return is_there() and has_code(torch.cuda.get_device_capability(0), built_for())


def describe() -> str:
    """The GPU's architecture, and those that torch has code for."""
    import torch

    names = ", ".join(built_for()) or "no GPU"
    if not is_there():
        return f"torch {torch.__version__} has code for {names}"
    major, minor = torch.cuda.get_device_capability(0)
    return f"{torch.cuda.get_device_name(0)} is sm_{major}{minor}, and torch {torch.__version__} has code for {names}"
