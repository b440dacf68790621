"""What PyPI's torchvision and FastVideo need to run on a machine without an accelerator.

Nothing here is imported before somebody imports them: a process that does not pays for one finder in `sys.meta_path`.
"""

import importlib.abc
import importlib.machinery
import importlib.util
import sys
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any

_KEPT: list[Any] = []


def _run_torchvision(module: ModuleType, run: Callable[[ModuleType], None]) -> None:
    """PyPI's torchvision is a CUDA build; beside a CPU torch its operators do not load, and its import fails on them.

    The two that its import asks for are declared; nobody here calls them.
    """
    import torch

    try:
        run(module)
    except RuntimeError as error:
        if "torchvision::nms" not in str(error):
            raise
        for name in [name for name in sys.modules if name.startswith("torchvision.")]:
            del sys.modules[name]
        library = torch.library.Library("torchvision", "DEF")
        library.define("nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        library.define("qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        _KEPT.append(library)
        run(module)


def _cpu_device() -> Any:
    import torch

    return torch.device("cpu")


def _run_parallel_state(module: Any, run: Callable[[ModuleType], None]) -> None:
    """`get_local_torch_device` answers `mps` wherever there is neither CUDA nor an NPU."""
    import torch

    run(module)
    if torch.cuda.is_available():
        return
    # Dozens of modules will hold the function by name: its code is exchanged, not the function.
    module.get_local_torch_device.__code__ = _cpu_device.__code__

    # Every stage opens an autocast to bfloat16 for "cuda", which does nothing here; the layers then meet mixed types.
    class Autocast(torch.autocast):  # type: ignore[misc]
        def __init__(self, device_type: str, *args: Any, **kwargs: Any) -> None:
            super().__init__("cpu" if device_type == "cuda" else device_type, *args, **kwargs)

    torch.autocast = Autocast
    # Seconds by stage are taken between two of these.
    torch.cuda.synchronize = lambda *_args, **_kwargs: None


def _run_cpu_platform(module: Any, run: Callable[[ModuleType], None]) -> None:
    """Its CPU platform names no attention backend."""
    run(module)
    module.CpuPlatform.get_attn_backend_cls = classmethod(
        lambda _cls, *_asked, **_named: "fastvideo.attention.backends.sdpa.SDPABackend"
    )


_HOOKS = {
    "torchvision": _run_torchvision,
    "fastvideo.distributed.parallel_state": _run_parallel_state,
    "fastvideo.platforms.cpu": _run_cpu_platform,
}


class _Loader(importlib.abc.Loader):
    def __init__(self, loader: importlib.abc.Loader, hook: Callable[..., None]) -> None:
        self._loader, self._hook = loader, hook

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        self._hook(module, self._loader.exec_module)


class _Finder(importlib.abc.MetaPathFinder):
    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if name not in _HOOKS:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = _Loader(spec.loader, _HOOKS[name])
        return spec


def install() -> None:
    """Watch for their imports in this process; a second time is no harm."""
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder())
