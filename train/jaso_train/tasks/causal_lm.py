"""Causal language modelling: learn to write a prompt format's target.

Loss and validation count the target's tokens only, not the prompt's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jaso_core.generation.generate import GenerationOptions, generate
from jaso_core.io.files import write_json
from jaso_core.modeling.bind_prompt import generation_prompt
from jaso_core.modeling.checkpoint import Origin, save_prompt
from jaso_core.modeling.encode import encode_context, stop_ids
from jaso_core.parallel.distributed import World
from jaso_core.prompts.field_texts import tokenizer_texts
from jaso_core.prompts.saved_format import pinned_node
from jaso_core.records import Example
from jaso_core.registry import NoOptions
from jaso_core.stage.manifest import Manifest
from jaso_core.text.subsample import subsample
from jaso_train.publish.model_card import CardFacts, model_card
from jaso_train.tasks import TASKS
from jaso_train.tasks.base import AddFile, SampleText, SampleWriter, Task, TrainedModel
from jaso_train.tasks.causal_lm_validation import BEST, LOSS, sum_nll, validation
from jaso_train.tokenizers.report import tokenizer_report

if TYPE_CHECKING:
    from transformers import PreTrainedModel

    from jaso_train.data.batching import BatchingCheck
    from jaso_train.data.collators import Collator
    from jaso_train.data.dataset import EncodedDataset

SYNTHETIC = "sample"
"""The source of made-up data."""

_SAMPLE_TOKENS = 128
_LONG = {"truncate": "truncated", "drop": "dropped as too long", "window": "in windows"}


@TASKS.register("causal_lm")
class CausalLM(Task["EncodedDataset"]):
    """Predict the target's next token, given the prompt and the target so far."""

    metrics = (LOSS, BEST)
    best_metric = BEST
    greater_is_better = False
    progress_label = "bits/char"

    def __init__(self, options: NoOptions) -> None:
        pass

    def encode(self, examples: Sequence[Example], *, is_training: bool) -> EncodedDataset:
        from jaso_train.data.dataset import encode_all

        options = self.inputs.options
        common = (examples, self.inputs.prompt, self.inputs.tokenizer, options.max_length)
        if not is_training:
            return encode_all(*common, long="drop", what="encoding validation")
        return encode_all(*common, long=options.long, overlap=options.overlap, all_turns=True, what="encoding training")

    def summary(self, training: EncodedDataset) -> str:
        counts = training.counts()
        shortened = training.truncated or training.windows
        lost = {
            "lack a field": training.incomplete,
            "have too long a prompt": training.too_long,
            _LONG[self.inputs.options.long]: shortened,
            "hold a thinking block": training.thinking,
            "rows more for answers of conversations": training.turn_rows,
        }
        losses = ", ".join(f"{count:,} {what}" for what, count in lost.items() if count)
        line = (
            f"{counts['examples']:,} examples, {training.tokens:,} tokens, of which "
            f"{training.target_tokens:,} are learned"
        )
        return f"{line} ({losses})" if losses else line

    def choose_batching(self, model: PreTrainedModel, training: EncodedDataset) -> BatchingCheck:
        from jaso_train.runtime.batching_check import check_batching

        options = self.inputs.options
        return check_batching(model, training.rows, options.batching, self._pad_id, options.batch_size)

    def collator(self) -> Collator:
        from jaso_train.data.collators import PackingCollator, PaddingCollator

        return PackingCollator() if self._is_packed else PaddingCollator(self._pad_id)

    @contextmanager
    def loss(self, model: Any) -> Iterator[None]:
        from jaso_train.ops.causal_lm_loss import loss_on_labels_only
        from jaso_train.ops.packed_attention import use_packed_attention

        with use_packed_attention(model) if self._is_packed else nullcontext(), loss_on_labels_only(model):
            yield

    def validate(
        self, model: Any, data: EncodedDataset, world: World, total: Callable[[float], float]
    ) -> dict[str, float]:
        pad = None if self._is_packed else self._pad_id
        return validation(total(sum_nll(model, data, world.rank, world.size, pad=pad)), data)

    @property
    def _is_packed(self) -> bool:
        return self.inputs.options.batching == "packed"

    @property
    def _pad_id(self) -> int:
        pad_id = self.inputs.tokenizer.pad_token_id
        return int(pad_id if pad_id is not None else 0)

    def sample_writer(self, examples: Sequence[Example]) -> SampleWriter:
        """Return a writer of texts for the same few prompts each time.

        Greedy, with dropout off: equal weights give equal texts.
        """
        options = self.inputs.options
        usable = [example for example in examples if self.inputs.prompt.complete(example)]
        chosen = subsample(usable, options.samples, self.inputs.seed)
        contexts = [encode_context(example, self.inputs.prompt, self.inputs.tokenizer) for example in chosen]
        decoding = GenerationOptions(max_new_tokens=min(_SAMPLE_TOKENS, options.max_length - 1))

        def write(model: Any) -> list[SampleText]:
            was_training = model.training
            model.eval()
            stops = stop_ids(self.inputs.prompt, self.inputs.tokenizer)
            batches = generate(model, self.inputs.tokenizer, contexts, decoding, limit=options.max_length, stops=stops)
            texts = {text.index: str(self.inputs.tokenizer.decode(text.ids)) for _, batch in batches for text in batch}
            model.train(was_training)
            return [
                {"id": example.id, "prompt": self.inputs.prompt.shown(example), "text": texts[index].strip()}
                for index, example in enumerate(chosen)
            ]

        return write

    def save(self, folder: Path, trained: TrainedModel, manifest: Manifest, add: AddFile) -> None:
        """Write prompt.json, the model card, tokenizer_report.json and report.html."""
        from jaso_train.report import REPORT, write_report
        from jaso_train.report.folder import TOKENIZER_REPORT

        bundle, model_folder = trained.bundle, folder / "model"
        family = str(trained.family["name"])
        origin = Origin(family, bundle.weights_sha256, bundle.added, bundle.licence_name, bundle.base_model)
        save_prompt(
            model_folder, pinned_node(trained.prompt, self.inputs.prompt), self.inputs.options.max_length, bundle.base,
            trained.seed, origin, generation_prompt(self.inputs.prompt),
        )  # fmt: skip
        card = model_card(self._card_facts(trained, manifest.counts))
        (model_folder / "README.md").write_text(card, encoding="utf-8")
        texts = tokenizer_texts(trained.splits.validation.examples)
        write_json(add(TOKENIZER_REPORT), tokenizer_report(self.inputs.tokenizer, texts))
        write_report(folder, manifest, add(REPORT))

    def _card_facts(self, trained: TrainedModel, counts: Mapping[str, Any]) -> CardFacts:
        options, bundle, freeze = self.inputs.options, trained.bundle, trained.freeze
        family = str(trained.family["name"])
        sources = tuple(sorted({example.source for example in trained.splits.training.examples if example.source}))
        # Of the weights in the folder, not of the best validation, which may be that before training.
        measured = next((row for row in trained.log if BEST in row and row["step"] == counts["saved_step"]), None)
        return CardFacts(
            title=f"{family}, {self.inputs.prompt.name}",
            family=family,
            prompt=self.inputs.prompt,
            parameters=freeze["parameters"],
            vocabulary=len(self.inputs.tokenizer),
            max_length=options.max_length,
            pretrained=bundle.base is not None,
            base=bundle.base_model if bundle.licence_name else None,  # a card without a licence names no base
            licence=bundle.licence_name,
            sources=sources,
            data_licences=trained.data_licences,
            synthetic=sources == (SYNTHETIC,),
            data={
                "training examples": counts["training"]["examples"],
                "training tokens": counts["training"]["tokens"],
                "tokens that are learned": counts["training"]["target_tokens"],
                "validation examples": counts["validation"]["examples"],
            },
            training={
                "what trains": f"{freeze['strategy']} ({freeze['trained']:,} parameters)",
                "optimiser steps": counts["steps"],
                "examples a step": options.batch_size * options.accumulation * counts["processes"],
                "learning rate": options.learning_rate,
                "schedule": options.schedule,
                "seed": trained.seed,
            },
            validation={}
            if measured is None
            else {
                "step": measured["step"],
                "loss (nats a token)": measured[LOSS],
                "bits a character": measured[BEST],
            },
            notes=bundle.notes,
            about=trained.about,
        )
