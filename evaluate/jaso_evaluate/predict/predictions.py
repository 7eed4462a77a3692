"""Predictions from a trained model; finished batches survive a kill."""

from __future__ import annotations

import math
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jaso_core.console import say
from jaso_core.errors import RequestError, WorkError
from jaso_core.generation.generate import GenerationOptions, generate
from jaso_core.generation.text import decode_text
from jaso_core.modeling.checkpoint import Checkpoint, load_untrained, model_folder
from jaso_core.modeling.encode import IGNORED, PromptTooLongError, stop_ids
from jaso_core.records import Example, Prediction
from jaso_evaluate.predict.batch_log import Batch, resume_batches
from jaso_evaluate.predict.likelihood import Target, answer_bits, encode_target
from jaso_evaluate.predict.ngram_lm import CharacterNgram

if TYPE_CHECKING:
    from transformers import PreTrainedModel

NGRAM_ORDER = 5

GeneratedText = Mapping[str, Any]
"""{"text", "tokens": number of tokens, "stop": "end" or "length"}"""


@dataclass
class EncodedExamples:
    """Usable examples with their encodings, and the count of skipped ones by reason."""

    examples: list[Example]
    targets: list[Target]
    skipped: dict[str, int] = field(default_factory=dict)

    @property
    def contexts(self) -> list[list[int]]:
        """Token ids of the prompts, without what is to be written."""
        return [_prompt_ids(target) for target in self.targets]

    @property
    def ids(self) -> list[str]:
        """The examples' ids."""
        return [example.id for example in self.examples]


def encode_examples(examples: Sequence[Example], checkpoint: Checkpoint, where: str) -> EncodedExamples:
    """Encode the examples; skip those with a missing field or too long a prompt.

    The fields are those that the prompt format reads. RequestError when nothing is left.
    """
    prompt = checkpoint.prompt
    encoded = EncodedExamples([], [])
    for example in examples:
        if missing := prompt.lacks(example):
            _count(encoded.skipped, f"no {missing[0]}")
            continue
        try:
            target = encode_target(example, prompt, checkpoint.tokenizer, checkpoint.max_length)
        except PromptTooLongError:
            _count(encoded.skipped, "prompt longer than the model takes")
            continue
        encoded.examples.append(example)
        encoded.targets.append(target)
    if not encoded.examples:
        reasons = ", ".join(f"{reason}: {count:,}" for reason, count in encoded.skipped.items()) or "the split is empty"
        raise RequestError(
            f"{where}: no example fits prompt format '{prompt.name}' ({reasons})",
            f"give an input with {' and '.join(prompt.needs)}, or train with another prompt=",
        )
    for reason, count in encoded.skipped.items():
        say(f"evaluate: {count:,} examples left out: {reason}")
    return encoded


def reference_bits(
    checkpoint: Checkpoint, model_dir: Path | None, train_texts: Sequence[str], encoded: EncodedExamples, scratch: Path
) -> dict[str, list[float] | None]:
    """Return the bits of each reference by three models.

    The trained one, the untrained one, and a character 5-gram. `model_dir`: the training that the untrained one is
    drawn from; None for a pretrained model, which is its own start.
    """
    ngram = CharacterNgram(train_texts, NGRAM_ORDER)
    scored = [
        checkpoint.prompt.target(example)[: target.characters]
        for example, target in zip(encoded.examples, encoded.targets, strict=True)
    ]
    return {
        "bits": _bits(checkpoint.model, encoded, scratch / "bits.jsonl", "likelihood, trained"),
        "untrained_bits": _untrained_bits(model_dir, encoded, scratch) if model_dir is not None else None,
        "ngram_bits": ngram.bits(scored, [not target.truncated for target in encoded.targets]).tolist(),
    }


def _untrained_bits(model_dir: Path, encoded: EncodedExamples, scratch: Path) -> list[float] | None:
    try:
        model = load_untrained(model_dir)
    except (OSError, RequestError) as error:
        say(f"evaluate: no comparison with the untrained model: {str(error).splitlines()[0]}")
        return None
    return _bits(to_device(model), encoded, scratch / "untrained-bits.jsonl", "likelihood, untrained")


def _bits(model: PreTrainedModel, encoded: EncodedExamples, path: Path, what: str) -> list[float]:
    inputs = [target.encoded for target in encoded.targets]

    def batches(done: Container[int]) -> Iterable[Batch]:
        for number, rows in answer_bits(model, inputs, done=done):
            yield number, [list(row) for row in rows]

    bits = [bits for _, bits in sorted(resume_batches(path, len(inputs), what, batches))]
    if not all(map(math.isfinite, bits)):
        raise WorkError(f"{what}: the model gives no number", "it diverged; train again with a lower learning_rate")
    return bits


def generate_texts(
    checkpoint: Checkpoint,
    model_dir: Path,
    options: GenerationOptions,
    contexts: Sequence[Sequence[int]],
    keys: Sequence[str],
    scratch: Path,
) -> list[list[GeneratedText]]:
    """Generate texts for each context: [{"text", "tokens", "stop"}] per candidate.

    In the order of the contexts, token ids; `keys`, the examples' ids, seed the sampling. Each example is logged when
    its texts are there; a resumed run generates the rest. Results do not depend on the batch size, so that a run may
    resume with another one.
    """

    def batches(done: Container[int]) -> Iterable[Batch]:
        for index, texts in generate(
            checkpoint.model,
            checkpoint.tokenizer,
            contexts,
            options,
            limit=checkpoint.max_length,
            keys=keys,
            done=done,
            stops=stop_ids(checkpoint.prompt, checkpoint.tokenizer),
            folder=model_folder(model_dir),
        ):
            yield (
                index,
                [
                    [
                        {"text": decode_text(checkpoint.tokenizer, t.ids), "tokens": len(t.ids), "stop": t.stop}
                        for t in texts
                    ]
                ],
            )

    texts: list[list[GeneratedText]] = resume_batches(scratch / "generated.jsonl", len(contexts), "writing", batches)
    return texts


def build_predictions(
    checkpoint: Checkpoint,
    encoded: EncodedExamples,
    texts: Sequence[Sequence[GeneratedText]],
    bits: Mapping[str, Sequence[float] | None],
) -> list[Prediction]:
    """Build the records of predictions.jsonl.

    `texts`: the candidates of each example; the first is its prediction, and where there are more, meta has all of
    them. `bits`: of each example's reference, by model.
    """
    records = []
    for i, (example, target, written) in enumerate(zip(encoded.examples, encoded.targets, texts, strict=True)):
        meta = {
            "group": example.group,
            "document_id": example.document_id,
            "question": example.question,
            "company": example.company,
            "occupation": example.occupation,
            "experience": example.experience,
            "stop": written[0]["stop"],
            "tokens": written[0]["tokens"],
            "characters": target.characters,
            "truncated": target.truncated,
            "unknown": target.unknown,
            **{key: round(values[i], 6) for key, values in bits.items() if values is not None},
        }
        if len(written) > 1:
            meta["candidates"] = [dict(text) for text in written]
        records.append(
            Prediction(
                id=example.id,
                prediction=written[0]["text"],
                reference=checkpoint.prompt.target(example).strip(),  # as `decode_text` does with what was written
                prompt=checkpoint.prompt.shown(example),
                prompt_format=checkpoint.prompt.name,
                meta=meta,
            )
        )
    return records


def to_device(model: PreTrainedModel) -> PreTrainedModel:
    """Move the model to the GPU if there is one."""
    import torch

    if torch.cuda.is_available():
        torch.nn.Module.cuda(model)
    return model


def _prompt_ids(target: Target) -> list[int]:
    return [i for i, label in zip(target.encoded.input_ids, target.encoded.labels, strict=True) if label == IGNORED]


def _count(counts: dict[str, int], reason: str) -> None:
    counts[reason] = counts.get(reason, 0) + 1
