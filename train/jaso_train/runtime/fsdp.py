"""FSDP: each process holds a share of every weight, gradient and moment, and sees a whole block only while it computes.

accelerate shards, checkpoints and continues. What is told about the model afterwards (proof, card, weights) is told of
a plain copy on the CPU, into which the shares are gathered at the end.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

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
    """RequestError where there is nobody to share with, or what trains changes on the way."""
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
    """Lets accelerate shard among processes on CPUs, too: it does so among devices of any kind but these, where it
    passes over the wish without a word. To be called between the arguments' making and the Trainer's."""
    from accelerate.state import DistributedType, PartialState

    if args.device.type == "cpu":
        PartialState._shared_state["distributed_type"] = DistributedType.MULTI_XPU


def kept_whole(model: Any, options: TrainerOptions) -> Any:
    """What can be read after training: the model itself, or where it will be sharded in place the leader's copy."""
    return copy.deepcopy(model) if options.fsdp and world().is_main_process else model


def gather(trainer: Trainer, whole: Any) -> None:
    """Gives the leader's copy the weights that the processes hold now; all of them must call it."""
    weights = trainer.accelerator.get_state_dict(trainer.model)
    if world().is_main_process:
        whole.load_state_dict(weights)
