"""A model in float32 and without dropout, to be tried before training."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch

from jaso_core.io.free_space import free_memory

_HEADROOM = 1.3  # of the bytes of a copy in float32
_FLOAT32_BYTES = 4


@contextmanager
def in_float32(model: Any) -> Iterator[tuple[Any, bool]]:
    """Yield the model without dropout, in float32, on the GPU where it fits.

    With weights of 16 bits a copy is yielded, or the model itself where memory is short: the second value is False
    then. The model is afterwards as before.
    """
    parameters = list(model.parameters())
    place, was_training = parameters[0].device, model.training
    is_16_bit = any(parameter.dtype in (torch.float16, torch.bfloat16) for parameter in parameters)
    needed = _FLOAT32_BYTES * _HEADROOM * sum(parameter.numel() for parameter in parameters)
    has_room = needed < free_memory()
    checked = copy.deepcopy(model).float() if is_16_bit and has_room else model
    device = torch.device("cuda") if torch.cuda.is_available() and _fits_on_gpu(checked) else place
    try:
        # fork_rng: nothing here draws, but an architecture's own code may.
        with torch.random.fork_rng(), torch.enable_grad():
            yield checked.to(device).eval(), checked is not model or not is_16_bit
    finally:
        if checked is model:
            model.to(place).train(was_training)


def _fits_on_gpu(model: Any) -> bool:
    free, _ = torch.cuda.mem_get_info()
    weights = sum(int(parameter.numel() * parameter.element_size()) for parameter in model.parameters())
    return bool(2 * weights < free)
