"""Likelihood of reference answers given their prompts, in bits."""

from __future__ import annotations

import math
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jaso_core.modeling.encode import IGNORED, Encoded, encode_example, encode_offsets
from jaso_core.prompts import PromptFormat
from jaso_core.records import Example

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerFast

LOGITS = 1 << 25
"""Logits in memory at once (rows × tokens × vocabulary): 128 MiB in float32, and some copies of it."""


@dataclass(frozen=True, slots=True)
class Target:
    """An encoded example and the part of its answer that can be scored.

    `characters`: code points of the answer that fit into the model's length (all, unless `truncated` tokens did not
    fit). The end-of-text token costs bits but is no character. `unknown`: number of unknown tokens, which the model
    need not spell out.
    """

    encoded: Encoded
    characters: int
    unknown: int

    @property
    def truncated(self) -> int:
        """Answer tokens that did not fit, the end-of-text token included."""
        return self.encoded.truncated


def encode_target(
    example: Example, prompt: PromptFormat, tokenizer: PreTrainedTokenizerFast, max_length: int
) -> Target:
    """Encode an example as in training.

    RequestError when the prompt alone fills `max_length`.
    """
    encoded = encode_example(example, prompt, tokenizer, max_length)
    text = prompt.target(example)
    labels = [label for label in encoded.labels if label != IGNORED]
    characters = len(text)
    if encoded.truncated:
        offsets = encode_offsets(text, tokenizer)
        if len(labels) < len(offsets):
            # Up to the first incomplete character: the bits of its beginning count against the model.
            characters = offsets[len(labels)][0]
    return Target(encoded, characters, sum(label == tokenizer.unk_token_id for label in labels))


def answer_bits(
    model: PreTrainedModel,
    encoded: Sequence[Encoded],
    *,
    batch_size: int | None = None,
    done: Container[int] = (),
) -> Iterator[tuple[int, list[tuple[int, float]]]]:
    """Yield (batch number, [(position, bits)]): −log2 p summed over labelled tokens.

    Batches have similar lengths and `batch_size` rows, or as many as LOGITS allows; those in `done` are skipped.
    """
    import torch

    device = model.device
    for number, batch in enumerate(_batches([len(e.input_ids) for e in encoded], model, batch_size)):
        if number in done:
            continue
        width = max(len(encoded[i].input_ids) for i in batch)
        ids, mask, labels = (torch.full((len(batch), width), fill, device=device) for fill in (0, 0, IGNORED))
        for row, i in enumerate(batch):
            n = len(encoded[i].input_ids)
            ids[row, :n] = torch.tensor(encoded[i].input_ids, device=device)
            labels[row, :n] = torch.tensor(encoded[i].labels, device=device)
            mask[row, :n] = 1
        with torch.inference_mode():
            logits = model(input_ids=ids, attention_mask=mask).logits[:, :-1].float()
            nats = torch.nn.functional.cross_entropy(
                logits.transpose(1, 2), labels[:, 1:], ignore_index=IGNORED, reduction="none"
            )
        bits = (nats.double().sum(dim=1) / math.log(2)).tolist()
        yield number, list(zip(batch, bits, strict=True))


def _batches(lengths: Sequence[int], model: PreTrainedModel, batch_size: int | None) -> Iterator[list[int]]:
    tokens = max(1, LOGITS // int(model.config.vocab_size))
    batch: list[int] = []
    for i in sorted(range(len(lengths)), key=lambda i: (-lengths[i], i)):
        largest = batch_size or max(1, tokens // lengths[batch[0] if batch else i])
        if len(batch) >= largest:
            yield batch
            batch = []
        batch.append(i)
    if batch:
        yield batch
