"""FSDP: shard weights, gradients and moments among processes, block by block.

Each process holds a shard of every block and gathers the whole block only while it computes. accelerate shards,
checkpoints and continues. What is reported of the model afterwards (proof, card, weights) is read from a plain copy on
the CPU, into which the shards are gathered at the end.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from jaso_core.compat.accelerate import shard_any_device
from jaso_core.errors import RequestError
from jaso_core.parallel.distributed import world
from jaso_train.options import TrainerOptions

if TYPE_CHECKING:
    from transformers import Trainer, TrainingArguments

ARGUMENTS = {
    "version": 2,
    "auto_wrap_policy": "TRANSFORMER_BASED_WRAP",  # a unit for each block
    "state_dict_type": "FULL_STATE_DICT",
    "reshard_after_forward": True,
}


def check_sharding(options: TrainerOptions, *, changing: bool = False) -> None:
    """Raise RequestError where trainer.fsdp cannot work.

    That is with one process, or where `changing`: the set of trained parameters changes during training.
    """
    if not options.fsdp:
        return
    if world().size == 1:
        raise RequestError(
            "config key 'trainer.fsdp': there is only one process",
            "start several: `torchrun --standalone --nproc_per_node N -m jaso_pipeline train …`",
        )
    if changing:
        raise RequestError(
            "config key 'trainer.fsdp': with freeze=gradual the units change on the way",
            "take another freeze=, or leave trainer.fsdp out",
        )


def shard_on_cpus(args: TrainingArguments) -> None:
    """Let accelerate shard among processes on CPUs too.

    It does so among devices of any kind but these, where it ignores the request silently. Call it after the arguments
    are created and before the Trainer is.
    """
    if args.device.type == "cpu":
        shard_any_device()


def unsharded_copy(model: Any, options: TrainerOptions) -> Any:
    """Return the model to read after training.

    That is the main process' copy where the model will be sharded in place, else the model itself.
    """
    return copy.deepcopy(model) if options.fsdp and world().is_main_process else model


def gather(trainer: Trainer, target: Any) -> None:
    """Gather the sharded weights into the main process' copy; all processes call it."""
    weights = trainer.accelerator.get_state_dict(trainer.model)
    if world().is_main_process:
        target.load_state_dict(weights)
