"""What this machine computes with."""

from __future__ import annotations

import ctypes
import platform

import torch

from jaso_core.errors import RequestError


def on_cpu(device: str) -> bool:
    """Whether `trainer.device` means the CPU here. RequestError for CUDA where there is none."""
    if device == "cuda" and not torch.cuda.is_available():
        raise RequestError(
            "config key 'trainer.device': cuda, but PyTorch finds no CUDA device here",
            "take trainer.device=auto, or install a driver and a CUDA build of torch",
        )
    return device == "cpu" or not torch.cuda.is_available()


def in_bf16(precision: str, device: str) -> bool:
    """What `trainer.precision` means on `trainer.device`."""
    return precision == "bf16" or (precision == "auto" and computes_in_bf16(device))


def computes_in_bf16(device: str = "auto") -> bool:
    """Whether the device has instructions for it; without them bf16 is slower than fp32."""
    if not on_cpu(device):
        return bool(torch.cuda.is_bf16_supported())
    return bool(torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported())


def keep_freed_memory() -> None:
    """Lets glibc keep what tensors on the CPU gave back, for the next ones.

    By default every large tensor is mapped anew, and the kernel clears its pages again and again: with KoGPT2's shape
    a tenth of a step and more. Elsewhere than on glibc nothing is done. Of no effect on results.
    """
    if platform.libc_ver()[0] != "glibc":
        return
    glibc = ctypes.CDLL(None)
    trim_threshold, top_pad, most_mapped, most_arenas = -1, -2, -4, -8
    glibc.mallopt(most_mapped, 0)
    glibc.mallopt(trim_threshold, 2**31 - 1)
    glibc.mallopt(top_pad, 64 << 20)
    glibc.mallopt(most_arenas, 1)
