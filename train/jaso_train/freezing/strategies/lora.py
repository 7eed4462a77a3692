"""Low-rank adapters by PEFT: LoRA and DoRA.

LoRA: Hu and others 2021, arXiv 2106.09685; DoRA: Liu and others 2024, arXiv 2402.09353.
"""

from __future__ import annotations

import shutil
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jaso_core.console import say
from jaso_core.errors import RequestError, did_you_mean
from jaso_train.freezing import FREEZING, FreezingStrategy
from jaso_train.freezing.parameters import Layout, block_path, embeddings_path, strip_peft
from jaso_train.freezing.rules import check_positive

if TYPE_CHECKING:
    from transformers import PreTrainedModel

ADAPTER = "adapter"
_MAMBA = frozenset({"falcon_h1", "falcon_mamba", "mamba", "mamba2", "nemotron_h"})
"""Architectures whose kernel reads the weights of `out_proj` itself, past an adapter: PEFT refuses one there."""


@dataclass(frozen=True)
class LoraOptions:
    """W + alpha / r · B · A, with A (r, inputs) and B (outputs, r), in place of W.

    `targets`: names of linear layers such as c_attn or q_proj, or of the experts' matrices such as gate_up_proj, each
    expert of which has an A and a B; null for all in the blocks. `dropout`: of the adapter's input. `dora`: directions
    by B · A, lengths by a separate vector. `seed`: of A; B begins at zero.
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
    """Trains low-rank adapters beside frozen weights, and merges them at the end.

    Rows of the embeddings of new tokens train with them.
    """

    trains_new_tokens = True

    def __init__(self, options: LoraOptions) -> None:
        self.options = options

    def prepare(self, model: PreTrainedModel) -> Any:
        """Return the model with adapters, which are drawn from the seed alone."""
        import torch
        from peft import LoraConfig, get_peft_model

        linear, experts = linear_layers(model), fused_experts(model)
        self._check_targets([*linear, *(name.rpartition(".")[2] for name in experts)])
        config = LoraConfig(
            task_type="CAUSAL_LM",
            r=self.options.r,
            lora_alpha=self.options.alpha,
            lora_dropout=self.options.dropout,
            use_dora=self.options.dora,
            target_modules=self._pattern(model, linear),
            target_parameters=self._expert_targets(experts, linear) or None,
            fan_in_fan_out=all(linear.values()),
            trainable_token_indices={embeddings_path(model): list(self.new_tokens)} if self.new_tokens else None,
        )
        with torch.random.fork_rng(devices=[]), warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # PEFT uses a deprecated name of transformers
            # A mixture's dense blocks lack what PEFT renames in those with experts: `tell_left_out` says so.
            warnings.filterwarnings("ignore", message="The following (rank|alpha)_pattern keys")
            if self.new_tokens:
                warnings.simplefilter("ignore", UserWarning)  # a tied head's rows train with them, as they should
            torch.manual_seed(self.options.seed)
            try:
                prepared = get_peft_model(model, config)
            except ValueError as error:
                raise RequestError(
                    f"config key 'freeze': lora: PEFT has no adapters for this model ({str(error).splitlines()[0]})",
                    "name other layers in freeze.targets, or take freeze=all",
                ) from error
        tell_left_out(prepared, self.options.targets)
        return prepared

    def trainable(self, layout: Layout) -> set[str]:
        return {tensor.name for tensor in layout.tensors if tensor.part in ("adapter", "new_tokens")}

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

    def _check_targets(self, names: list[str]) -> None:
        layer_names = sorted(set(names))
        for target in self.options.targets or ():
            if target not in layer_names:
                raise RequestError(
                    f"config key 'freeze.targets': the model's blocks have no linear layer '{target}'",
                    did_you_mean(target, layer_names),
                )

    def _pattern(self, model: PreTrainedModel, linear: dict[str, bool]) -> str | list[str]:
        """Return a regular expression for whole module names; [] for none.

        A head with the same name as a layer of the blocks does not match.
        """
        path = (block_path(model) or "").replace(".", r"\.")
        targets = [name for name in self.options.targets or sorted(linear) if name in linear]
        return rf"{path}\.\d+\.(.+\.)?({'|'.join(targets)})" if targets else []

    def _expert_targets(self, experts: list[str], linear: dict[str, bool]) -> list[str]:
        """Return the experts' matrices that get adapters, as PEFT's target_parameters."""
        targets = self.options.targets
        wanted = [name for name in experts if targets is None or name.rpartition(".")[2] in targets]
        if not (self.options.dropout or self.options.dora):
            return wanted
        for name in wanted:
            if targets is not None and name.rpartition(".")[2] not in linear:
                raise RequestError(
                    f"config key 'freeze.targets': {name} takes neither dropout nor DoRA",
                    "say freeze.dropout=0 freeze.dora=false, or leave it out",
                )
        return []


def linear_layers(model: PreTrainedModel) -> dict[str, bool]:
    """Return the names of the linear layers in the model's blocks.

    True for GPT-2's Conv1D, which stores its weights transposed.
    """
    from torch.nn import Linear
    from transformers.pytorch_utils import Conv1D

    path = block_path(model)
    layers = {}
    for name, module in model.named_modules():
        # A router of experts may be a subclass of Linear, but returns more than a product.
        is_linear = isinstance(module, (Linear, Conv1D)) and "router" not in type(module).__name__.lower()
        if path is not None and name.startswith(f"{path}.") and is_linear:
            layers[name.rpartition(".")[2]] = isinstance(module, Conv1D)
    if model.config.model_type in _MAMBA:
        layers.pop("out_proj", None)
    if not layers:
        raise RequestError("config key 'freeze': lora, but the blocks have no linear layers", "take freeze=all")
    return layers


def fused_experts(model: PreTrainedModel) -> list[str]:
    """Return the matrices of experts that are one tensor (experts, rows, columns).

    Named as within a block, such as mlp.experts.gate_up_proj. They are no linear layers: transformers 5 multiplies all
    experts at once.
    """
    path = block_path(model)
    names: dict[str, None] = {}
    for name, value in model.named_parameters():
        owner = name.rpartition(".")[0]
        kind = type(model.get_submodule(owner)).__name__
        is_fused = value.dim() == 3 and "expert" in f"{owner} {kind}".lower()
        if path is not None and name.startswith(f"{path}.") and is_fused:
            names[_within_block(name, path)] = None
    return list(names)


def without_adapter(model: Any, targets: list[str] | None = None) -> dict[str, int]:
    """Return the blocks' matrices without an adapter and their sizes, largest first.

    `model`: as `prepare` returned it. Of all blocks together, named as within a block. `targets`: only those named so.
    """
    from peft.tuners.lora.layer import ParamWrapper
    from peft.tuners.tuners_utils import BaseTunerLayer

    adapted = set()
    for module in model.modules():
        if isinstance(module, ParamWrapper):
            wrapper: Any = module  # without types in PEFT
            adapted.add(id(wrapper.get_param()))
        elif isinstance(module, BaseTunerLayer):
            adapted.add(id(module.get_base_layer().weight))
    path = strip_peft(block_path(model.get_base_model()) or "")
    sizes: dict[str, int] = {}
    for peft_name, value in model.named_parameters():
        name = strip_peft(peft_name)
        is_matrix = name.startswith(f"{path}.") and value.dim() > 1 and not name.endswith("bias")
        if is_matrix and id(value) not in adapted and "lora_" not in name:
            short = _within_block(name, path).removesuffix(".weight")
            if targets is None or short.rpartition(".")[2] in targets:
                sizes[short] = sizes.get(short, 0) + value.numel()
    return dict(sorted(sizes.items(), key=lambda item: -item[1]))


def tell_left_out(model: Any, targets: list[str] | None) -> None:
    """Print one line where matrices that LoRA was to train have no adapter."""
    sizes = without_adapter(model, targets)
    if sizes:
        names = list(sizes)
        more = f" and {len(names) - 4} more" if len(names) > 4 else ""
        size = sum(sizes.values())
        say(f"train: freeze=lora: no adapter, so frozen: {', '.join(names[:4])}{more} ({size:,} parameters)")


def _within_block(name: str, path: str) -> str:
    # model.layers.0.mlp.experts.down_proj, path model.layers → mlp.experts.down_proj
    return name.removeprefix(f"{path}.").partition(".")[2]
