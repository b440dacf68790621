"""Watches what the GPU does while something runs."""

import statistics
import threading
import time
from typing import Any, Self

EVERY = 0.05


class Watch:
    """Samples the first GPU: how busy it is, its memory, power and clock. Without a GPU it finds nothing.

    `between` gives the samples of a span, by the clock of `time.time`.
    """

    def __init__(self) -> None:
        self._samples: list[tuple[float, int, int, int, int]] = []
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        try:
            import pynvml

            pynvml.nvmlInit()
            gpu = pynvml.nvmlDeviceGetHandleByIndex(0)
        except Exception:  # no GPU, or no library of the driver
            return self

        def sample() -> None:
            while not self._stop.wait(EVERY):
                rates = pynvml.nvmlDeviceGetUtilizationRates(gpu)
                memory = pynvml.nvmlDeviceGetMemoryInfo(gpu)
                watts = pynvml.nvmlDeviceGetPowerUsage(gpu) // 1000
                clock = pynvml.nvmlDeviceGetClockInfo(gpu, pynvml.NVML_CLOCK_SM)
                self._samples.append((time.time(), int(rates.gpu), int(memory.used), watts, clock))

        self._thread = threading.Thread(target=sample, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_raised: object) -> None:
        self._stop.set()
        if self._thread is not None:
            self._thread.join()

    def between(self, begun: float, ended: float) -> dict[str, Any]:
        """What the GPU did in a span; empty if it is not known."""
        found = [sample for sample in self._samples if begun <= sample[0] <= ended]
        if not found:
            return {}
        return {
            "busy_share": round(statistics.mean(sample[1] for sample in found) / 100, 3),
            "peak_gb": round(max(sample[2] for sample in found) / 1e9, 2),
            "watts": round(statistics.mean(sample[3] for sample in found)),
            "sm_mhz": round(statistics.mean(sample[4] for sample in found)),
        }


def synchronize() -> None:
    """Wait until the GPU has done its work."""
    import torch

    if torch.cuda.is_available():
        torch.cuda.synchronize()
