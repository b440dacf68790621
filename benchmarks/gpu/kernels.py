"""The GPU's ceilings, and how near to them the kernels come that the models spend their time in."""

import importlib.metadata
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.gpu.results import Results, left, named, sizes, small
from benchmarks.gpu.watch import synchronize

HEADS, HEAD, WIDTH, FEED = (2, 64, 128, 256) if small() else (24, 128, 3072, 14336)


def timed(call: Callable[[], Any], *, minimum: int = 5, seconds: float = 0.5) -> float:
    """Median seconds of a call, warm; by the GPU's own clock where there is one."""
    import torch

    for _ in range(2):
        call()
    synchronize()
    found: list[float] = []
    end = time.monotonic() + seconds
    while len(found) < minimum or (time.monotonic() < end and len(found) < 200):
        if torch.cuda.is_available():
            first, last = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
            first.record()
            call()
            last.record()
            last.synchronize()
            found.append(first.elapsed_time(last) / 1e3)
        else:
            begun = time.perf_counter()
            call()
            found.append(time.perf_counter() - begun)
    return sorted(found)[len(found) // 2]


class Bench:
    """Measures one thing after another, and keeps why something could not be measured."""

    def __init__(self) -> None:
        import torch

        self.results = Results()
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.torch = torch

    def randn(self, *shape: int, dtype: Any = None) -> Any:
        return self.torch.randn(*shape, device=self.device, dtype=dtype or self.torch.bfloat16)

    def measure(self, item: str, work: Callable[..., dict[str, Any]], *given: Any, **named_so: Any) -> None:
        if self.results.has("kernels", item):
            return
        if left() < 3:
            self.results.add("kernels", item, error="no time left")
            return
        try:
            found = work(*given, **named_so)
        except Exception as error:
            found = {"error": f"{type(error).__name__}: {error}"[:400]}
        self.results.add("kernels", item, **found)
        if self.device.type == "cuda":
            self.torch.cuda.empty_cache()

    # What there is

    def surroundings(self) -> dict[str, Any]:
        import os
        import platform
        import shutil
        import tempfile

        torch = self.torch
        names = ("torch", "triton", "numpy", "transformers", "tokenizers", "diffusers", "fastvideo", "av", "pandas",
                 "pyarrow", "pydantic", "protobuf", "dagster", "imageio-ffmpeg", "sageattention", "nvidia-cudnn-cu13",
                 "nvidia-cublas", "psutil", "typer")  # fmt: skip
        versions: dict[str, str | None] = {}
        for name in names:
            try:
                versions[name] = importlib.metadata.version(name)
            except importlib.metadata.PackageNotFoundError:
                versions[name] = None
        found: dict[str, Any] = {"python": platform.python_version(), "versions": versions, "cpus": os.cpu_count()}
        for line in Path("/proc/meminfo").read_text().splitlines():
            if line.startswith(("MemTotal", "MemAvailable")):
                found[line.split(":")[0]] = round(int(line.split()[1]) / 2**20, 1)
        places = [place for place in ("/dev/shm", tempfile.gettempdir()) if Path(place).is_dir()]
        found["free_gib"] = {place: round(shutil.disk_usage(place).free / 2**30, 1) for place in places}
        found["compilers"] = {name: shutil.which(name) for name in ("gcc", "nvcc", "ffmpeg")}
        if torch.cuda.is_available():
            gpu = torch.cuda.get_device_properties(0)
            found |= {
                "gpu": gpu.name,
                "gpu_gb": round(gpu.total_memory / 1e9, 1),
                "multiprocessors": gpu.multi_processor_count,
                "cuda": torch.version.cuda,
                "cudnn": torch.backends.cudnn.version(),
                "architectures": torch.cuda.get_arch_list(),
            }
        return found

    # Ceilings

    def copy(self) -> dict[str, Any]:
        count = 1 << (20 if small() else 31)
        source = self.torch.randint(-128, 127, (count,), device=self.device, dtype=self.torch.int8)
        target = self.torch.empty_like(source)
        return {"gb_per_s": round(2 * count / timed(lambda: target.copy_(source)) / 1e9, 1)}

    def product(self, rows: int, inner: int, columns: int, dtype: Any = None) -> dict[str, Any]:
        left, right = self.randn(rows, inner, dtype=dtype), self.randn(inner, columns, dtype=dtype)
        seconds = timed(lambda: self.torch.mm(left, right))
        return {"ms": round(seconds * 1e3, 4), "tflops": round(2 * rows * inner * columns / seconds / 1e12, 2)}

    def product_fp8(self, rows: int, inner: int, columns: int) -> dict[str, Any]:
        torch = self.torch
        left = self.randn(rows, inner).to(torch.float8_e4m3fn)
        right = self.randn(columns, inner).to(torch.float8_e4m3fn).t()
        one = torch.ones((), device=self.device)
        seconds = timed(lambda: torch._scaled_mm(left, right, scale_a=one, scale_b=one, out_dtype=torch.bfloat16))
        return {"ms": round(seconds * 1e3, 4), "tflops": round(2 * rows * inner * columns / seconds / 1e12, 2)}

    def to_host(self, megabytes: int, *, pinned: bool) -> dict[str, Any]:
        """From the GPU to memory: what a clip's frames take."""
        torch = self.torch
        count = (1 if small() else megabytes) << 20
        source = torch.ones(count, dtype=torch.uint8, device=self.device)
        pinned = pinned and self.device.type == "cuda"
        begun = time.perf_counter()
        target = torch.empty(count, dtype=torch.uint8, pin_memory=pinned)
        made = time.perf_counter() - begun
        seconds = []
        for _ in range(3):
            synchronize()
            begun = time.perf_counter()
            target.copy_(source)
            synchronize()
            seconds.append(time.perf_counter() - begun)
        first, *warm = (round(value, 6) for value in seconds)
        return {"gb_per_s": round(count / min(warm) / 1e9, 2), "allocation_s": round(made, 4), "first_s": first}

    # Attention

    def attention(self, tokens: int, kernel: str) -> dict[str, Any]:
        torch = self.torch
        from torch.nn.attention import SDPBackend, sdpa_kernel

        # As the model has them: heads and tokens change places without a copy.
        query, key, value = (self.randn(1, tokens, HEADS, HEAD).transpose(1, 2) for _ in range(3))
        if kernel == "SAGE":
            from sageattention import sageattn

            def call() -> Any:
                return sageattn(query, key, value, tensor_layout="HND", is_causal=False)

        else:

            def call() -> Any:
                with sdpa_kernel(getattr(SDPBackend, kernel)):
                    return torch.nn.functional.scaled_dot_product_attention(query, key, value)

        got = call()[:, :, :64].double()
        scores = query[:, :, :64].double() @ key.double().transpose(-1, -2) / HEAD**0.5
        wanted = scores.softmax(-1) @ value.double()
        error = ((got - wanted).norm() / wanted.norm()).item()
        del scores, wanted
        seconds = timed(call, minimum=3)
        work = 4 * tokens * tokens * HEADS * HEAD
        return {"ms": round(seconds * 1e3, 3), "tflops": round(work / seconds / 1e12, 2), "off_by": error}

    # Convolutions of the decoder

    def convolution(self, shape: tuple[int, ...], out: int, *, last: bool, dtype: Any, search: bool) -> dict[str, Any]:
        torch = self.torch
        torch.backends.cudnn.benchmark = search
        layout = torch.channels_last_3d if last else torch.contiguous_format
        frames = self.randn(*shape, dtype=dtype).contiguous(memory_format=layout)
        weight = self.randn(out, shape[1], 3, 3, 3, dtype=dtype).contiguous(memory_format=layout)
        if self.device.type == "cuda":
            torch.cuda.reset_peak_memory_stats()
            before = torch.cuda.memory_allocated()
        seconds = timed(lambda: torch.nn.functional.conv3d(frames, weight), minimum=3)
        work = 2 * weight[0].numel() * out * (shape[2] - 2) * (shape[3] - 2) * (shape[4] - 2)
        found = {"ms": round(seconds * 1e3, 3), "tflops": round(work / seconds / 1e12, 2)}
        if self.device.type == "cuda":
            found["more_gb"] = round((torch.cuda.max_memory_allocated() - before) / 1e9, 2)
        torch.backends.cudnn.benchmark = False
        return found


def tokens_of(size: tuple[int, int, int]) -> int:
    """Tokens of a clip in the transformer: one of 32 by 32 pixels and four frames."""
    width, height, frames = size
    return (width // 32) * (height // 32) * ((frames - 1) // 4 + 1)


def main() -> None:
    bench = Bench()
    torch = bench.torch
    side = 256 if small() else 8192
    bench.measure("surroundings", bench.surroundings)
    bench.measure("copy", bench.copy)
    bench.measure("product bf16", bench.product, side, side, side)
    bench.measure("product fp8", bench.product_fp8, side, side, side)
    bench.measure("product fp32", bench.product, side // 2, side // 2, side // 2, torch.float32)
    for size in sizes():
        for kernel in ("FLASH_ATTENTION", "CUDNN_ATTENTION", "EFFICIENT_ATTENTION", "SAGE"):
            bench.measure(f"attention {kernel} {named(size)}", bench.attention, tokens_of(size), kernel)
    tokens = tokens_of(sizes()[-1])
    for name, inner, columns in (("attention", WIDTH, WIDTH), ("feed in", WIDTH, FEED), ("feed out", FEED, WIDTH)):
        bench.measure(f"product {name}", bench.product, tokens, inner, columns)
        bench.measure(f"product fp8 {name}", bench.product_fp8, tokens // 16 * 16, inner, columns)
    # Channels in and out, frames of one chunk with two of the one before, and by how much less than the clip's its
    # sides are.
    width, height, _ = sizes()[-1]
    scale = 32 if small() else 1
    half, full = torch.bfloat16, torch.float32
    ways = ((False, half, False), (True, half, False), (True, half, True), (False, full, False))
    for channels, out, frames, down in ((1024, 1024, 4, 8), (512, 512, 6, 4), (256, 256, 6, 2), (512, 256, 6, 2)):
        shape = (1, channels // scale, frames, height // down + 2, width // down + 2)
        for last, dtype, search in ways:
            layout = "channels last" if last else "contiguous"
            item = f"conv3d {channels}>{out} /{down} {str(dtype)[6:]} {layout}" + (" searched" if search else "")
            bench.measure(item, bench.convolution, shape, out // scale, last=last, dtype=dtype, search=search)
    bench.measure("to host pinned", bench.to_host, 1248, pinned=True)
    bench.measure("to host pageable", bench.to_host, 1248, pinned=False)


if __name__ == "__main__":
    main()
