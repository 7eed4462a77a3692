"""Last hidden states of a causal LM as text embeddings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jaso_core.console import bar
from jaso_core.embeddings.batches import batch_by_length, pad_rows, resolve_device
from jaso_core.errors import RequestError
from jaso_core.modeling.checkpoint import load_tokenizer
from jaso_core.modeling.load import hush_transformers, load_model
from jaso_core.modeling.weights import find_weights


@dataclass(frozen=True)
class LastHiddenStates:
    """Embeddings of n texts: the final layer's state at each last token.

    `states` [n, width], zeros for a text without tokens (`empty` [n]); texts longer than `limit` tokens are `truncated`
    [n]. `sha256`: of the model's weights.
    """

    states: NDArray[np.float64]
    empty: NDArray[np.bool_]
    truncated: NDArray[np.bool_]
    limit: int
    sha256: str


def last_hidden_states(
    folder: Path,
    texts: Sequence[str],
    *,
    max_length: int | None,
    batch_size: int | None,
    device: str,
    where: str = "embeddings",
    label: str = "embeddings",
) -> LastHiddenStates:
    """Return the final layer's hidden state at each text's last token.

    `where`: the config key whose options these are, for messages; `label`: of the progress bar. RequestError: the model
    cannot be loaded, or `max_length` exceeds its positions.
    """
    import torch

    hush_transformers()
    tokenizer = load_tokenizer(folder)
    sha256 = find_weights(folder).sha256
    model: Any = load_model(folder, dtype="float32")
    model = model.to(resolve_device(device, where.partition(".")[0])).eval()
    positions = getattr(model.config, "max_position_embeddings", None) or tokenizer.model_max_length
    if max_length is not None and max_length > positions:
        raise RequestError(f"{where}.max_length is {max_length}", f"{folder} takes {positions} tokens at most")
    limit = int(max_length or positions)
    rows = [ids[: limit + 1] for ids in tokenizer([text.strip() for text in texts])["input_ids"]] if texts else []
    states = np.zeros((len(texts), int(model.config.hidden_size)))
    usable = [i for i, ids in enumerate(rows) if ids]
    with torch.inference_mode(), bar(len(usable), label, "texts") as progress:
        for batch in batch_by_length([min(len(rows[i]), limit) for i in usable], batch_size):
            indices = [usable[i] for i in batch]
            truncated_rows = [rows[i][:limit] for i in indices]
            ids, mask = pad_rows(truncated_rows, 0, model.device)
            hidden = model.base_model(input_ids=ids, attention_mask=mask).last_hidden_state
            last = torch.tensor([len(row) - 1 for row in truncated_rows], device=model.device)
            states[indices] = (
                hidden[torch.arange(len(truncated_rows), device=model.device), last].double().cpu().numpy()
            )
            progress.update(len(indices))
    lengths = np.array([len(ids) for ids in rows])
    return LastHiddenStates(states, lengths == 0, lengths > limit, limit, sha256)
