"""Texts as the state that a causal model is in after having read them: what MAUVE compares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from jaso_core.console import bar
from jaso_core.errors import RequestError
from jaso_core.modeling.checkpoint import load_tokenizer
from jaso_core.modeling.load import hush_transformers, load_model
from jaso_core.modeling.weights import find_weights
from jaso_evaluate.embeddings.encoder import batches, device_named


@dataclass(frozen=True)
class LastStates:
    """`states` [n, width], zeros for what has no token (`empty` [n]); texts beyond `limit` tokens are `truncated` [n].
    `sha256`: of the model's weights."""

    states: NDArray[np.float64]
    empty: NDArray[np.bool_]
    truncated: NDArray[np.bool_]
    limit: int
    sha256: str


def last_states(
    folder: Path, texts: Sequence[str], *, max_length: int | None, batch_size: int | None, device: str
) -> LastStates:
    """The final layer's state at each text's last token. RequestError: not loadable, `max_length` too great."""
    import torch

    hush_transformers()
    tokenizer = load_tokenizer(folder)
    sha256 = find_weights(folder).sha256
    model = load_model(folder, dtype="float32").to(device_named(device)).eval()  # type: ignore[arg-type]
    positions = getattr(model.config, "max_position_embeddings", None) or tokenizer.model_max_length
    if max_length is not None and max_length > positions:
        raise RequestError(f"metrics.mauve.max_length is {max_length}", f"{folder} takes {positions} tokens at most")
    limit = int(max_length or positions)
    rows = [ids[: limit + 1] for ids in tokenizer([text.strip() for text in texts])["input_ids"]] if texts else []
    states = np.zeros((len(texts), int(model.config.hidden_size)))
    usable = [i for i, ids in enumerate(rows) if ids]
    with torch.inference_mode(), bar(len(usable), "MAUVE", "texts") as shown:
        for batch in batches([min(len(rows[i]), limit) for i in usable], batch_size):
            chosen = [usable[place] for place in batch]
            cut = [rows[i][:limit] for i in chosen]
            width = max(map(len, cut))
            ids = torch.tensor([[*row, *[0] * (width - len(row))] for row in cut], device=model.device)
            mask = torch.tensor([[1] * len(row) + [0] * (width - len(row)) for row in cut], device=model.device)
            found = model.base_model(input_ids=ids, attention_mask=mask).last_hidden_state
            ends = torch.tensor([len(row) - 1 for row in cut], device=model.device)
            states[chosen] = found[torch.arange(len(cut), device=model.device), ends].double().cpu().numpy()
            shown.update(len(chosen))
    lengths = np.array([len(ids) for ids in rows])
    return LastStates(states, lengths == 0, lengths > limit, limit, sha256)
