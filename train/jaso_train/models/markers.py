"""Add a prompt format's markers to a vocabulary that lacks them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from jaso_core.errors import RequestError
from jaso_core.modeling.load import init_new_embeddings
from jaso_core.prompts.base import END

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerFast


def add_markers(tokenizer: PreTrainedTokenizerFast, markers: Sequence[str]) -> dict[str, int]:
    """Add missing markers as special tokens with the highest ids; return their ids.

    `</s>` is not added: in a prompt format it means the model's end-of-text token. RequestError when the new ids would
    not be the highest: they would share other tokens' embeddings.
    """
    from tokenizers import AddedToken

    vocabulary = tokenizer.get_vocab()
    missing = [marker for marker in dict.fromkeys(markers) if marker not in vocabulary and marker != END]
    if missing:
        tokenizer.add_tokens([AddedToken(marker, special=True, normalized=False) for marker in missing], True)
    ids = tokenizer.get_vocab()
    if missing and min(ids[marker] for marker in missing) <= max(vocabulary.values()):
        raise RequestError(
            f"the tokenizer's ids have holes, so that '{missing[0]}' cannot be added",
            "take another prompt= or a model whose vocabulary has it",
        )
    return {marker: ids[marker] for marker in missing}


def embed_markers(model: PreTrainedModel, added: dict[str, int]) -> tuple[str, ...]:
    """Create embeddings for the added tokens; return notes on it, a line each."""
    if not added:
        return ()
    rows = init_new_embeddings(model, list(added.values()))
    where = f"{rows} rows were added to the embeddings" if rows else "spare rows of the embeddings hold them"
    return (f"the vocabulary lacked {', '.join(added)}: {where}, each begins as the mean of the others",)
