"""Text encoder: hidden states of tokens from one layer of a model like BERT."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jaso_core.embeddings.batches import batch_by_length, pad_rows, resolve_device
from jaso_core.errors import RequestError
from jaso_core.io.pretrained import (
    load_pretrained_config,
    load_pretrained_model,
    load_pretrained_tokenizer,
    read_config_json,
)
from jaso_core.modeling.load import hush_transformers
from jaso_core.modeling.weights import find_weights

if TYPE_CHECKING:
    import torch

_NO_LIMIT = 1_000_000
"""Tokenizers without a limit report a number far above this one."""


@dataclass(frozen=True)
class EncodedText:
    """Token ids of a text with special tokens such as [CLS] and [SEP].

    `content_mask`: False for these two. `truncated`: the text is longer than the encoder takes.
    """

    ids: list[int]
    content_mask: list[bool]
    truncated: bool

    @property
    def empty(self) -> bool:
        """Whether there are no content tokens."""
        return not any(self.content_mask)


@dataclass(frozen=True)
class Encoder:
    """A model up to the requested layer, its tokenizer and maximum length in tokens.

    `sha256`: of the weights.
    """

    model: Any
    tokenizer: Any
    layer: int
    limit: int
    sha256: str

    def encode(self, texts: Sequence[str]) -> list[EncodedText]:
        """Tokenise each text, stripped and truncated to `limit` tokens.

        A text of blanks only is empty.
        """
        return [self._encode(text.strip()) for text in texts]

    def _encode(self, text: str) -> EncodedText:
        if not text:
            return EncodedText([], [], False)
        encoding = self.tokenizer(text, truncation=True, max_length=self.limit, return_overflowing_tokens=True)
        rows = encoding["input_ids"]
        # Slow (Python) tokenizers return one row and the overflow as a separate key, fast ones a row per piece.
        truncated = bool(encoding.get("overflowing_tokens")) if not rows or isinstance(rows[0], int) else len(rows) > 1
        ids = list(rows if not rows or isinstance(rows[0], int) else rows[0])
        special_ids = (self.tokenizer.cls_token_id, self.tokenizer.sep_token_id)
        return EncodedText(ids, [i not in special_ids for i in ids], truncated)

    def hidden_states(self, rows: Sequence[Sequence[int]], batch_size: int | None = None) -> list[torch.Tensor]:
        """Return the layer's unit-length hidden states of each row of ids.

        Shape [tokens, width], on the model's device.
        """
        import torch

        hidden_states: list[Any] = [None] * len(rows)
        with torch.inference_mode():
            for batch in batch_by_length([len(row) for row in rows], batch_size):
                for i, state in zip(batch, self._forward([rows[i] for i in batch]), strict=True):
                    hidden_states[i] = torch.nn.functional.normalize(state, dim=-1)
        return hidden_states

    def _forward(self, rows: Sequence[Sequence[int]]) -> list[torch.Tensor]:
        ids, mask = pad_rows(rows, self.tokenizer.pad_token_id or 0, self.model.device)
        hidden_states = self.model(input_ids=ids, attention_mask=mask, output_hidden_states=True).hidden_states[
            self.layer
        ]
        return [state[: len(row)] for state, row in zip(hidden_states.float(), rows, strict=True)]


@lru_cache(maxsize=1)
def load_encoder(folder: Path, layer: int, max_length: int | None, device: str, where: str = "encoder") -> Encoder:
    """Load the encoder in `folder`, never with remote code; the last one stays loaded.

    `where`: the config key whose options these are, for messages. RequestError: not loadable, weights missing, no such
    layer, or `max_length` exceeds the model's positions.
    """
    from transformers import AutoTokenizer

    hush_transformers()
    read_config_json(folder)
    weights = find_weights(folder)
    model = _load_model(folder, weights.folder)
    layers = int(model.config.num_hidden_layers)
    if not 0 <= layer <= layers:
        raise RequestError(f"{where}.layer is {layer}, {folder} has {layers}", f"give 0 to {layers}")
    _drop_layers(model, layer)
    try:
        tokenizer = load_pretrained_tokenizer(AutoTokenizer, folder)
    except Exception as error:
        raise _load_error(folder, error) from None
    limit = _max_tokens(model, tokenizer)
    if max_length is not None and max_length > limit:
        raise RequestError(f"{where}.max_length is {max_length}", f"{folder} takes {limit} tokens at most")
    return Encoder(
        model.to(resolve_device(device, where.partition(".")[0])).eval(),
        tokenizer,
        layer,
        max_length or limit,
        weights.sha256,
    )


def _load_model(folder: Path, weights: Path) -> Any:
    from transformers import AutoModel

    try:
        config = load_pretrained_config(folder)
        model, loading_info = load_pretrained_model(
            AutoModel, weights, config=config, dtype="float32", use_safetensors=True, output_loading_info=True
        )
    except Exception as error:
        raise _load_error(folder, error) from None
    # Masked LMs are saved without a pooler, which is above all layers and is not used.
    missing = sorted(name for name in loading_info["missing_keys"] if "pooler" not in name)
    if missing:
        raise RequestError(
            f"{folder}: the weights lack '{missing[0]}'", "give weights and config.json that belong together"
        )
    return model


def _load_error(folder: Path, error: Exception) -> RequestError:
    reason = next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
    return RequestError(f"{folder}: cannot be loaded: {reason[:200]}", "give the folder of an encoder such as BERT")


def _drop_layers(model: Any, layer: int) -> None:
    """Remove the layers above the requested one, which need not be computed.

    One remains in any case: its input is layer 0.
    """
    stack = getattr(getattr(model, "encoder", None), "layer", None)
    if stack is not None:
        del stack[max(layer, 1) :]


def _max_tokens(model: Any, tokenizer: Any) -> int:
    """Return the maximum length in tokens.

    RoBERTa's table of 514 positions begins after the padding index: 512 are left.
    """
    named = tokenizer.model_max_length
    limits = [_NO_LIMIT]
    if isinstance(named, int | float) and 0 < named < _NO_LIMIT:  # not NaN, nor the 1e30 of "none"
        limits.append(int(named))
    positions = getattr(model.config, "max_position_embeddings", None)
    if isinstance(positions, int) and positions > 0:
        table = getattr(getattr(model, "embeddings", None), "position_embeddings", None)
        padding = getattr(table, "padding_idx", None)
        limits.append(positions if padding is None else positions - padding - 1)
    return min(limits)
