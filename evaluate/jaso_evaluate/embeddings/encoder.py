"""Texts as the hidden states of an encoder's layer: what BERTScore compares."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jaso_core.errors import RequestError
from jaso_core.modeling.load import hush_transformers, read_config_json
from jaso_core.modeling.weights import find_weights

if TYPE_CHECKING:
    import torch

_BATCH_TOKENS = 8192
"""Tokens encoded at once, padding included: half a gigabyte of a large encoder's activations."""

_NO_LIMIT = 1_000_000
"""Tokenizers that know no limit give a number far above this one."""


@dataclass(frozen=True)
class Tokens:
    """Token ids of a text as the encoder reads it, with [CLS] and [SEP] or the like; `counted` says which are not
    these two. `truncated`: the text goes on beyond what the encoder takes."""

    ids: list[int]
    counted: list[bool]
    truncated: bool

    @property
    def empty(self) -> bool:
        """Nothing of the text is there."""
        return not any(self.counted)


@dataclass(frozen=True)
class Encoder:
    """A model up to the layer that is asked for, its tokenizer, its greatest length in tokens, its weights' sha256."""

    model: Any
    tokenizer: Any
    layer: int
    limit: int
    sha256: str

    def tokens(self, texts: Sequence[str]) -> list[Tokens]:
        """Of each text, cut to `limit`; blanks around a text are no part of it. A text of blanks only is empty."""
        return [self._tokens(text.strip()) for text in texts]

    def _tokens(self, text: str) -> Tokens:
        if not text:
            return Tokens([], [], False)
        given = self.tokenizer(text, truncation=True, max_length=self.limit, return_overflowing_tokens=True)
        rows = given["input_ids"]
        # Tokenizers written in Python give one row and the rest beside it, the others a row for each piece.
        truncated = bool(given.get("overflowing_tokens")) if not rows or isinstance(rows[0], int) else len(rows) > 1
        ids = list(rows if not rows or isinstance(rows[0], int) else rows[0])
        ends = (self.tokenizer.cls_token_id, self.tokenizer.sep_token_id)
        return Tokens(ids, [i not in ends for i in ids], truncated)

    def states(self, rows: Sequence[Sequence[int]], batch_size: int | None = None) -> list[torch.Tensor]:
        """Hidden states of the layer for each row of ids, shape [tokens, width], on the model's device, of length 1."""
        import torch

        found: list[Any] = [None] * len(rows)
        with torch.inference_mode():
            for batch in batches([len(row) for row in rows], batch_size):
                for i, state in zip(batch, self._run([rows[i] for i in batch]), strict=True):
                    found[i] = torch.nn.functional.normalize(state, dim=-1)
        return found

    def _run(self, rows: Sequence[Sequence[int]]) -> list[torch.Tensor]:
        import torch

        width = max(map(len, rows))
        pad = self.tokenizer.pad_token_id or 0
        ids = torch.tensor([[*row, *[pad] * (width - len(row))] for row in rows], device=self.model.device)
        mask = torch.tensor([[1] * len(row) + [0] * (width - len(row)) for row in rows], device=self.model.device)
        states = self.model(input_ids=ids, attention_mask=mask, output_hidden_states=True).hidden_states[self.layer]
        return [state[: len(row)] for state, row in zip(states.float(), rows, strict=True)]


def batches(lengths: Sequence[int], batch_size: int | None) -> Iterator[list[int]]:
    """Positions by batch, texts of like length together, so that little is padded."""
    batch: list[int] = []
    for i in sorted(range(len(lengths)), key=lambda i: (-lengths[i], i)):
        if batch and (len(batch) == batch_size or (len(batch) + 1) * lengths[batch[0]] > _BATCH_TOKENS):
            yield batch
            batch = []
        batch.append(i)
    if batch:
        yield batch


@lru_cache(maxsize=1)
def load_encoder(folder: Path, layer: int, max_length: int | None, device: str) -> Encoder:
    """The encoder in `folder`, never with code of the folder's. RequestError: not loadable, weights missing, no such
    layer, or `max_length` beyond what the model has positions for."""
    from transformers import AutoTokenizer

    hush_transformers()
    read_config_json(folder)
    weights = find_weights(folder)
    model = _model(folder, weights.folder)
    layers = int(model.config.num_hidden_layers)
    if not 0 <= layer <= layers:
        raise RequestError(f"metrics.bertscore.layer is {layer}, {folder} has {layers}", f"give 0 to {layers}")
    _drop_layers(model, layer)
    try:
        tokenizer = AutoTokenizer.from_pretrained(str(folder), local_files_only=True, trust_remote_code=False)
    except Exception as error:
        raise _refused(folder, error) from None
    limit = _limit(model, tokenizer)
    if max_length is not None and max_length > limit:
        raise RequestError(f"metrics.bertscore.max_length is {max_length}", f"{folder} takes {limit} tokens at most")
    return Encoder(model.to(device_named(device)).eval(), tokenizer, layer, max_length or limit, weights.sha256)


def _model(folder: Path, weights: Path) -> Any:
    from transformers import AutoConfig, AutoModel

    loader: Any = AutoModel
    try:
        config = AutoConfig.from_pretrained(str(folder), local_files_only=True, trust_remote_code=False)
        model, told = loader.from_pretrained(
            str(weights), config=config, dtype="float32", local_files_only=True, trust_remote_code=False,
            use_safetensors=True, output_loading_info=True,
        )  # fmt: skip
    except Exception as error:
        raise _refused(folder, error) from None
    # Models that were saved for masked words have no pooler; it stands above all layers and is not asked.
    missing = sorted(name for name in told["missing_keys"] if "pooler" not in name)
    if missing:
        raise RequestError(
            f"{folder}: the weights lack '{missing[0]}'", "give weights and config.json that belong together"
        )
    return model


def _refused(folder: Path, error: Exception) -> RequestError:
    reason = next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
    return RequestError(f"{folder}: cannot be loaded: {reason[:200]}", "give the folder of an encoder such as BERT")


def _drop_layers(model: Any, layer: int) -> None:
    """Layers above the one that is asked for need not be computed; one must stay, for what goes into it is layer 0."""
    stack = getattr(getattr(model, "encoder", None), "layer", None)
    if stack is not None:
        del stack[max(layer, 1) :]


def _limit(model: Any, tokenizer: Any) -> int:
    """The greatest length in tokens. RoBERTa's table of 514 positions begins behind the padding's: 512 are left."""
    limits = [_NO_LIMIT, int(tokenizer.model_max_length)]
    positions = getattr(model.config, "max_position_embeddings", None)
    if isinstance(positions, int) and positions > 0:
        table = getattr(getattr(model, "embeddings", None), "position_embeddings", None)
        padding = getattr(table, "padding_idx", None)
        limits.append(positions if padding is None else positions - padding - 1)
    return min(limits)


def device_named(name: str) -> str:
    import torch

    if name == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    try:
        torch.empty(0, device=name)
    except (RuntimeError, AssertionError):
        raise RequestError(f"metrics: device '{name}' cannot be had here", "take device=auto or device=cpu") from None
    return name
