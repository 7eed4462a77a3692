"""accelerate 1.15: sharding among processes on CPUs."""

from __future__ import annotations


def shard_any_device() -> None:
    """Let accelerate shard (FSDP) among processes on CPUs too.

    `AcceleratorState` turns FSDP on for a list of distributed types that lacks MULTI_CPU, and ignores the plugin
    silently for others; there is no argument for it. The type MULTI_XPU is in that list, and nothing else that depends
    on it is reached on a CPU. Called after `PartialState` is made and before an `Accelerator` is.
    """
    from accelerate.state import DistributedType, PartialState

    # All instances share their attributes, so that this sets the type of the process.
    PartialState().distributed_type = DistributedType.MULTI_XPU
