"""PyTorch 2.13: other forwards for modules, and the store of the process group."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def replace_forward(module: Any, forward: Callable[..., Any]) -> Iterator[None]:
    """Let calls of one module run `forward` within the block.

    Hooks can change what goes into a forward and what comes out, but neither replace it nor take other arguments; a
    wrapper module would rename the parameters. The module's class keeps its own forward, and the hooks (those of FSDP
    gather the weights) run as always.
    """
    module.forward = forward
    try:
        yield
    finally:
        del module.forward


def has_replaced_forward(module: Any) -> bool:
    """Return whether a module has a forward that is not its class's."""
    return "forward" in vars(module)


def default_store() -> Any:
    """Return the key-value store of the default process group.

    The group's processes meet in it, and it outlives what the group itself does not: a process that failed. A group
    that was made from environment variables makes its store itself, and nothing public returns it.
    """
    from torch.distributed import distributed_c10d

    return distributed_c10d._get_default_store()
