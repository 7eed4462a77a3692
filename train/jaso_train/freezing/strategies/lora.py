"""Low-rank adapters by PEFT: LoRA and DoRA.

LoRA: Hu and others 2021, arXiv 2106.09685; DoRA: Liu and others 2024, arXiv 2402.09353.
"""

from __future__ import annotations

import shutil
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jaso_core.errors import RequestError, did_you_mean
from jaso_train.freezing import FREEZING, FreezingStrategy
from jaso_train.freezing.parameters import Layout, block_path
from jaso_train.freezing.rules import check_positive

if TYPE_CHECKING:
    from transformers import PreTrainedModel

ADAPTER = "adapter"


@dataclass(frozen=True)
class LoraOptions:
    """W + alpha / r · B · A, with A (r, inputs) and B (outputs, r), in place of W.

    `targets`: names of linear layers such as c_attn or q_proj; null for all in the blocks. `dropout`: of the adapter's
    input. `dora`: directions by B · A, lengths by a separate vector. `seed`: of A; B begins at zero.
    """

    r: int = 8
    alpha: int = 16
    dropout: float = 0.0
    targets: list[str] | None = None
    dora: bool = False
    seed: int = 0

    def __post_init__(self) -> None:
        check_positive(self.r, "freeze.r")
        if self.alpha <= 0:
            raise RequestError(f"config key 'freeze.alpha': {self.alpha}", "give more than 0")
        if not 0 <= self.dropout < 1:
            raise RequestError(f"config key 'freeze.dropout': {self.dropout}", "give 0 or more, less than 1")
        if self.targets == []:
            raise RequestError("config key 'freeze.targets': empty", "name layers, or give null for all")


@FREEZING.register("lora", LoraOptions)
class Lora(FreezingStrategy):
    """Trains low-rank adapters beside frozen weights, and merges them at the end."""

    def __init__(self, options: LoraOptions) -> None:
        self.options = options

    def prepare(self, model: PreTrainedModel) -> Any:
        """Return the model with adapters, which are drawn from the seed alone."""
        import torch
        from peft import LoraConfig, get_peft_model

        linear = linear_layers(model)
        config = LoraConfig(
            task_type="CAUSAL_LM",
            r=self.options.r,
            lora_alpha=self.options.alpha,
            lora_dropout=self.options.dropout,
            use_dora=self.options.dora,
            target_modules=self._pattern(model, linear),
            fan_in_fan_out=all(linear.values()),
        )
        with torch.random.fork_rng(devices=[]), warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # PEFT uses a deprecated name of transformers
            torch.manual_seed(self.options.seed)
            return get_peft_model(model, config)

    def trainable(self, layout: Layout) -> set[str]:
        return {tensor.name for tensor in layout.tensors if tensor.part == "adapter"}

    def save_extra(self, model: Any, folder: Path) -> None:
        """Write adapter/, which PEFT's from_pretrained applies to the base model.

        Called before `finished`.
        """
        shutil.rmtree(folder / ADAPTER, ignore_errors=True)
        # Never the embeddings: they are frozen, and to find that out PEFT would query the hub.
        model.save_pretrained(str(folder / ADAPTER), save_embedding_layers=False)
        (folder / ADAPTER / "README.md").unlink(missing_ok=True)  # an empty template

    def finished(self, model: Any) -> PreTrainedModel:
        """Merge the adapters into the weights: a plain model that computes the same."""
        plain: PreTrainedModel = model.merge_and_unload()
        return plain

    def _pattern(self, model: PreTrainedModel, linear: dict[str, bool]) -> str:
        """Return a regular expression for whole module names.

        A head with the same name as a layer of the blocks does not match.
        """
        layer_names = sorted(linear)
        for target in self.options.targets or ():
            if target not in layer_names:
                raise RequestError(
                    f"config key 'freeze.targets': the model's blocks have no linear layer '{target}'",
                    did_you_mean(target, layer_names),
                )
        path = (block_path(model) or "").replace(".", r"\.")
        return rf"{path}\.\d+\.(.+\.)?({'|'.join(self.options.targets or layer_names)})"


def linear_layers(model: PreTrainedModel) -> dict[str, bool]:
    """Return the names of the linear layers in the model's blocks.

    True for GPT-2's Conv1D, which stores its weights transposed.
    """
    from torch.nn import Linear
    from transformers.pytorch_utils import Conv1D

    path = block_path(model)
    layers = {
        name.rpartition(".")[2]: isinstance(module, Conv1D)
        for name, module in model.named_modules()
        if path is not None and name.startswith(f"{path}.") and isinstance(module, (Linear, Conv1D))
    }
    if not layers:
        raise RequestError("config key 'freeze': lora, but the blocks have no linear layers", "take freeze=all")
    return layers
