"""What a benchmark ran on, and how fast large matrix products are there."""

import os
import platform
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import torch


def machine(device: torch.device) -> dict[str, Any]:
    """Date, processor or graphics card, cores, load, threads and versions."""
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "device": device.type,
        "processor": processor(),
        "gpu": torch.cuda.get_device_name(device) if device.type == "cuda" else None,
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 2),
        "threads": torch.get_num_threads(),
        "torch": torch.__version__,
        "python": platform.python_version(),
    }


def processor() -> str:
    """The CPU's model name."""
    listing = Path("/proc/cpuinfo")
    lines = listing.read_text(encoding="utf-8").splitlines() if listing.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def clock(device: torch.device) -> float:
    """Seconds, once the device has done all it was given.

    With one thread on the CPU the process's own seconds, of which other processes take none; that
    they share a core's cache and units still shows.
    """
    if device.type == "cpu" and torch.get_num_threads() == 1:
        return time.process_time()
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    return time.perf_counter()


def roof(device: torch.device, repeats: int = 3) -> float:
    """GFLOP/s of the fastest of some float32 matrix products, 2048 (on CUDA 8192) square."""
    size = 8192 if device.type == "cuda" else 2048
    left, right = torch.rand(2, size, size, device=device)
    out = torch.mm(left, right)
    seconds = []
    for _ in range(repeats):
        started = clock(device)
        torch.mm(left, right, out=out)
        seconds.append(clock(device) - started)
    return 2e-9 * size**3 / min(seconds)
