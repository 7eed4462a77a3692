"""From a trained model and examples to predictions. What is finished outlives a kill."""

from __future__ import annotations

import math
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jaso_core.console import say
from jaso_core.errors import RequestError, WorkError
from jaso_core.generation.generate import GenerationOptions, generate
from jaso_core.modeling.checkpoint import Checkpoint, load_untrained, model_folder
from jaso_core.modeling.encode import IGNORED, PromptTooLongError, stop_ids
from jaso_core.records import Example, Prediction
from jaso_evaluate.predict.batch_log import Batch, complete
from jaso_evaluate.predict.likelihood import Target, answer_bits, encode_target
from jaso_evaluate.predict.ngram_lm import CharacterNgram

if TYPE_CHECKING:
    from transformers import PreTrainedModel

NGRAM_ORDER = 5

Text = Mapping[str, Any]
"""What was written: {"text", "tokens": how many, "stop": "end" or "length"}."""


@dataclass
class Work:
    """The examples that can be done, with their encodings, and a count of those that cannot, by reason."""

    examples: list[Example]
    targets: list[Target]
    skipped: dict[str, int] = field(default_factory=dict)


def encode(examples: Sequence[Example], checkpoint: Checkpoint, where: str) -> Work:
    """Sorts out examples without a field that the prompt format reads, and those whose prompt is too long.

    RequestError when nothing is left.
    """
    prompt = checkpoint.prompt
    work = Work([], [])
    for example in examples:
        if lacks := prompt.lacks(example):
            _count(work.skipped, f"no {lacks[0]}")
            continue
        try:
            target = encode_target(example, prompt, checkpoint.tokenizer, checkpoint.max_length)
        except PromptTooLongError:
            _count(work.skipped, "prompt longer than the model takes")
            continue
        work.examples.append(example)
        work.targets.append(target)
    if not work.examples:
        reasons = ", ".join(f"{reason}: {count:,}" for reason, count in work.skipped.items()) or "the split is empty"
        raise RequestError(
            f"{where}: no example fits prompt format '{prompt.name}' ({reasons})",
            f"give an input with {' and '.join(prompt.needs)}, or train with another prompt=",
        )
    for reason, count in work.skipped.items():
        say(f"evaluate: {count:,} examples left out: {reason}")
    return work


def reference_bits(
    checkpoint: Checkpoint, model_dir: Path, train_texts: Sequence[str], work: Work, scratch: Path
) -> dict[str, list[float] | None]:
    """Bits of each reference by the trained model, by the untrained one, and by a character 5-gram."""
    ngram = CharacterNgram(train_texts, NGRAM_ORDER)
    scored = [
        checkpoint.prompt.target(example)[: target.characters]
        for example, target in zip(work.examples, work.targets, strict=True)
    ]
    return {
        "bits": _bits(checkpoint.model, work, scratch / "bits.jsonl", "likelihood, trained"),
        "untrained_bits": _untrained(model_dir, work, scratch),
        "ngram_bits": ngram.bits(scored, [not target.truncated for target in work.targets]).tolist(),
    }


def _untrained(model_dir: Path, work: Work, scratch: Path) -> list[float] | None:
    try:
        model = load_untrained(model_dir)
    except (OSError, RequestError) as error:
        say(f"evaluate: no comparison with the untrained model: {str(error).splitlines()[0]}")
        return None
    return _bits(to_device(model), work, scratch / "untrained-bits.jsonl", "likelihood, untrained")


def _bits(model: PreTrainedModel, work: Work, path: Path, what: str) -> list[float]:
    encoded = [target.encoded for target in work.targets]

    def batches(done: Container[int]) -> Iterable[Batch]:
        for number, rows in answer_bits(model, encoded, done=done):
            yield number, [list(row) for row in rows]

    found = [bits for _, bits in sorted(complete(path, len(encoded), what, batches))]
    if not all(map(math.isfinite, found)):
        raise WorkError(f"{what}: the model gives no number", "it diverged; train again with a lower learning_rate")
    return found


def generated(
    checkpoint: Checkpoint, model_dir: Path, options: GenerationOptions, work: Work, scratch: Path
) -> list[list[Text]]:
    """The texts for each example, in their order: [{"text", "tokens", "stop"}], one for each candidate.

    Each example is kept as soon as its texts are there; what a kill leaves out is written when the run goes on. Results
    do not depend on the batch size, so that a run may go on with another one.
    """
    contexts = [_context(target) for target in work.targets]
    keys = [example.id for example in work.examples]

    def batches(done: Container[int]) -> Iterable[Batch]:
        for place, texts in generate(
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
            yield place, [[{"text": _decode(checkpoint, t.ids), "tokens": len(t.ids), "stop": t.stop} for t in texts]]

    texts: list[list[Text]] = complete(scratch / "generated.jsonl", len(contexts), "writing", batches)
    return texts


def predictions(
    checkpoint: Checkpoint,
    work: Work,
    texts: Sequence[Sequence[Text]],
    bits: Mapping[str, Sequence[float] | None],
) -> list[Prediction]:
    """The records of predictions.jsonl. `texts`: of each example its candidates; the first is its prediction, and
    where there are more, meta has all of them. `bits`: of each example's reference, by model."""
    records = []
    for i, (example, target, written) in enumerate(zip(work.examples, work.targets, texts, strict=True)):
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
                reference=checkpoint.prompt.target(example).strip(),  # as `_decode` does with what was written
                prompt=checkpoint.prompt.shown(example),
                prompt_format=checkpoint.prompt.name,
                meta=meta,
            )
        )
    return records


def to_device(model: PreTrainedModel) -> PreTrainedModel:
    """On the GPU when there is one, else where it is."""
    import torch

    if torch.cuda.is_available():
        torch.nn.Module.cuda(model)
    return model


def _context(target: Target) -> list[int]:
    return [i for i, label in zip(target.encoded.input_ids, target.encoded.labels, strict=True) if label == IGNORED]


def _decode(checkpoint: Checkpoint, ids: list[int]) -> str:
    return str(checkpoint.tokenizer.decode(ids, skip_special_tokens=True, clean_up_tokenization_spaces=False)).strip()


def _count(counts: dict[str, int], reason: str) -> None:
    counts[reason] = counts.get(reason, 0) + 1
