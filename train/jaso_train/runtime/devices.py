"""Devices and precision: CPU or CUDA, bf16 support, memory of the CPU allocator."""

from __future__ import annotations

import ctypes
import platform

import torch

from jaso_core.errors import RequestError


def on_cpu(device: str) -> bool:
    """Return whether `trainer.device` means the CPU here.

    RequestError for CUDA where there is none.
    """
    if device == "cuda" and not torch.cuda.is_available():
        raise RequestError(
            "config key 'trainer.device': cuda, but PyTorch finds no CUDA device here",
            "take trainer.device=auto, or install a driver and a CUDA build of torch",
        )
    return device == "cpu" or not torch.cuda.is_available()


def in_bf16(precision: str, device: str) -> bool:
    """Return whether `trainer.precision` means bf16 on `trainer.device`."""
    return precision == "bf16" or (precision == "auto" and supports_bf16(device))


def supports_bf16(device: str = "auto") -> bool:
    """Return whether the device has bf16 instructions; otherwise bf16 is slower."""
    if not on_cpu(device):
        return bool(torch.cuda.is_bf16_supported())
    capabilities = torch.cpu.get_capabilities()
    return bool(capabilities.get("avx512_bf16") or capabilities.get("amx_tile"))


def keep_freed_memory() -> None:
    """Let glibc reuse the memory of freed CPU tensors.

    By default every large tensor is mapped again, and the kernel clears its pages each time: with KoGPT2's shape a
    tenth of a step and more. Does nothing without glibc. No effect on results.
    """
    if platform.libc_ver()[0] != "glibc":
        return
    glibc = ctypes.CDLL(None)
    trim_threshold, top_pad, mmap_max, arena_max = -1, -2, -4, -8
    glibc.mallopt(mmap_max, 0)
    glibc.mallopt(trim_threshold, 2**31 - 1)
    glibc.mallopt(top_pad, 64 << 20)
    glibc.mallopt(arena_max, 1)
