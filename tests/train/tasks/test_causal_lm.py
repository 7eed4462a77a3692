"""The task seam: `jaso train` trains another task through the same run, freezing, memory check and trainer."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import torch
from support import Jaso, one_thread
from torch.nn.functional import cross_entropy
from transformers import GPT2Config, GPT2ForSequenceClassification
from transformers.modeling_outputs import SequenceClassifierOutput

from jaso.configuration import compose
from jaso_core.errors import RequestError
from jaso_core.io.files import write_json
from jaso_core.modeling.encode import encode_text
from jaso_core.parallel.distributed import World
from jaso_core.records import Example
from jaso_core.stage.manifest import Manifest
from jaso_train import run as train
from jaso_train.data.collators import Batch, PaddingCollator, Row
from jaso_train.data.dataset import TaskDataset
from jaso_train.tasks import TASKS, Task
from jaso_train.tasks.base import AddFile, TrainedModel
from jaso_train.tasks.causal_lm import CausalLM

__all__ = ["one_thread"]

ACCURACY = "validation_accuracy"


@dataclass(frozen=True)
class LengthOptions:
    """`long`: tokens from which an answer is long."""

    long: int = 300


@dataclass
class LabelledTexts(TaskDataset):
    """Answers as token ids, with one label each."""

    rows: list[Row] = field(default_factory=list)

    def counts(self) -> dict[str, int]:
        return {"examples": len(self.rows)}


class LengthClassifier(Task[LabelledTexts]):
    """Predict whether an answer is long, from its first tokens, with a linear head on the body."""

    metrics = ("validation_nats", ACCURACY)
    best_metric = ACCURACY
    greater_is_better = True
    progress_label = "accuracy"

    def __init__(self, options: LengthOptions) -> None:
        self.long = options.long

    def adapt(self, model: Any) -> Any:
        config = GPT2Config(**{**model.config.to_dict(), "num_labels": 2, "tie_word_embeddings": False})
        torch.manual_seed(0)
        classifier = GPT2ForSequenceClassification(config)
        classifier.transformer.load_state_dict(model.transformer.state_dict())
        return classifier

    def encode(self, examples: Sequence[Example], *, is_training: bool) -> LabelledTexts:
        data = LabelledTexts()
        for example in examples:
            ids = encode_text(example.answer or "", self.inputs.tokenizer)[: self.inputs.options.max_length]
            data.rows.append({"input_ids": ids, "class": int(len(ids) >= self.long), "length": len(ids)})
        return data

    def summary(self, training: LabelledTexts) -> str:
        return f"{len(training)} answers"

    def collator(self) -> Callable[[Sequence[Row]], Batch]:
        pad = PaddingCollator(int(self.inputs.tokenizer.pad_token_id or 0))

        def collate(rows: Sequence[Row]) -> Batch:
            batch = pad([{"input_ids": row["input_ids"], "labels": row["input_ids"]} for row in rows])
            return {**batch, "labels": torch.tensor([row["class"] for row in rows])}

        return collate

    @contextmanager
    def loss(self, model: Any) -> Iterator[None]:
        original = model.forward

        def forward(labels: Any = None, num_items_in_batch: Any = None, **inputs: Any) -> SequenceClassifierOutput:
            output: SequenceClassifierOutput = original(**inputs)
            if labels is not None:
                output.loss = cross_entropy(output.logits, labels, reduction="sum") / num_items_in_batch
            return output

        model.forward = forward
        try:
            yield
        finally:
            del model.forward

    def validate(
        self, model: Any, data: LabelledTexts, world: World, total: Callable[[float], float]
    ) -> dict[str, float]:
        was_training = model.training
        model.eval()
        nats = correct = 0.0
        with torch.no_grad():
            for row in data.rows[world.rank :: world.size]:
                logits = model(input_ids=torch.tensor([row["input_ids"]])).logits
                nats += float(cross_entropy(logits, torch.tensor([row["class"]])))
                correct += float(logits.argmax() == row["class"])
        model.train(was_training)
        return {"validation_nats": total(nats) / len(data), ACCURACY: total(correct) / len(data)}

    def save(self, folder: Path, trained: TrainedModel, manifest: Manifest, add: AddFile) -> None:
        write_json(folder / "model" / "classes.json", ["short", "long"])
        write_json(add("best.json"), max(row[ACCURACY] for row in trained.log if ACCURACY in row))


@pytest.fixture(autouse=True)
def length_task() -> Iterator[None]:
    """Register the task for a test."""
    TASKS.names()
    TASKS.register("length", LengthOptions)(LengthClassifier)
    yield
    del TASKS._entries["length"]


def config(corpus: Path, out: Path, **more: Any) -> dict[str, Any]:
    trainer = {
        "batch_size": 8, "batching": "shuffled", "precision": "fp32", "log_every": 10, "max_length": 512,
        "learning_rate": 5e-3, "max_steps": 30, "validate_every": 10, "device": "cpu",
    }  # fmt: skip
    return {
        "out": str(out), "input": str(corpus), "seed": 3, "task": {"name": "length", "long": 300}, "freeze": {"name": "all"},
        "model": {"name": "tiny", "hidden_size": 32, "layers": 2, "heads": 2},
        "tokenizer": {"name": "bpe", "vocabulary": 600}, "prompt": {"name": "question_answer"},
        "trainer": trainer, **more,
    }  # fmt: skip


def read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def test_another_task_trains_through_the_same_run(corpus: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    train.run(train.settings(config(corpus, out)))
    log = [json.loads(line) for line in (out / "log.jsonl").open(encoding="utf-8")]
    validations = [row for row in log if ACCURACY in row]
    assert [row["step"] for row in validations] == [0, 10, 20, 30]
    assert min(row["validation_nats"] for row in validations[1:]) < validations[0]["validation_nats"]
    best = max(row[ACCURACY] for row in validations)
    assert best > 0.5
    assert read(out / "best.json") == best

    manifest = read(out / "manifest.json")
    assert manifest["request"]["task"] == {"name": "length", "long": 300}
    assert manifest["counts"]["steps"] == 30
    # The best checkpoint is the one with the greatest accuracy, the first of equal ones.
    assert manifest["counts"]["best_step"] == next(row["step"] for row in validations if row[ACCURACY] == best)
    assert {"best.json", "log.jsonl", "freeze_report.json", "model/classes.json"} <= manifest["files"].keys()
    classifier = GPT2ForSequenceClassification.from_pretrained(out / "model")
    assert classifier.score.weight.shape == (2, 32)


def test_freezing_and_its_proof_hold_for_another_task(corpus: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    train.run(train.settings(config(corpus, out, freeze={"name": "last_block"})))
    report = read(out / "freeze_report.json")
    assert report["frozen_tensors_changed"] == []
    assert {row["block"]: row["trained"] > 0 for row in report["blocks"]} == {
        "embeddings": False, "positions": False, "block 0": False, "block 1": True, "final_norm": True, "other": False,
    }  # fmt: skip


def test_the_causal_language_model_is_what_a_request_implies(corpus: Path, tmp_path: Path) -> None:
    from jaso_core.stage.runner import request_of

    implied = config(corpus, tmp_path / "out")
    del implied["task"]
    settings = train.settings(implied)
    assert (settings.task, "task" in request_of(settings)) == ({"name": "causal_lm"}, False)
    assert TASKS.get("causal_lm").make is CausalLM
    with pytest.raises(RequestError, match="task 'causal_ml' is unknown; did you mean 'causal_lm'"):
        train.settings({**implied, "task": {"name": "causal_ml"}})
    with pytest.raises(RequestError, match=r"config key 'task.longest' is unknown; did you mean 'long'"):
        train.settings({**implied, "task": {"name": "length", "longest": 3}})


def test_an_unknown_task_is_refused_with_the_nearest_name(jaso: Jaso, corpus: Path, tmp_path: Path) -> None:
    for name, cure in (("nonsense", "known: causal_lm"), ("causal_ml", "did you mean 'causal_lm'? (known: causal_lm)")):
        ran = jaso("train", f"input={corpus}", f"out={tmp_path / 'out'}", f"task={name}")
        assert ran.code == 2
        assert ran.err.splitlines()[-1] == f"error: task '{name}' is unknown; {cure}"


def test_a_folder_from_before_the_key_stays_complete(jaso: Jaso, corpus: Path, tmp_path: Path) -> None:
    from jaso_core.stage.runner import request_of, run_stage

    out = tmp_path / "out"
    settings = train.settings(compose("train", {"input": str(corpus), "out": str(out)}))
    request = request_of(settings)
    assert "task" not in request
    del request["input"]  # an input of the stage
    run_stage("train", out, request, {"input": corpus}, lambda stage: write_json(stage.add("log.jsonl"), {}))
    before = (out / "manifest.json").read_bytes()
    for task in ((), ("task=causal_lm",)):
        ran = jaso("train", f"input={corpus}", f"out={out}", *task)
        assert (ran.code, f"{out} is complete, nothing to do" in ran.err) == (0, True), ran.err
    assert (out / "manifest.json").read_bytes() == before


def test_a_task_of_ones_own_is_one_file_and_one_yaml(
    jaso: Jaso, corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "task").mkdir()
    (tmp_path / "configs" / "task").mkdir(parents=True)
    (tmp_path / "configs" / "task" / "shorter.yaml").write_text("name: shorter\nshare: 0.5\n", encoding="utf-8")
    (tmp_path / "task" / "shorter.py").write_text(
        '''
from dataclasses import dataclass

from jaso_train.tasks import TASKS
from jaso_train.tasks.causal_lm import CausalLM


@dataclass(frozen=True)
class ShorterOptions:
    """`share`: of the examples that are learned from."""

    share: float = 1.0


@TASKS.register("shorter", ShorterOptions)
class Shorter(CausalLM):
    """Learn from the first examples alone."""

    def __init__(self, options: ShorterOptions) -> None:
        self.share = options.share
''',
        encoding="utf-8",
    )
    monkeypatch.setenv("JASO_EXTENSIONS", str(tmp_path))
    assert "shorter" in jaso("list", "task").out
    config = compose("train", {"input": str(corpus), "out": str(tmp_path / "out"), "task": "shorter"})
    assert train.settings(config).task == {"name": "shorter", "share": 0.5}
    ran = jaso("train", f"input={corpus}", f"out={tmp_path / 'out'}", "task=shorter", "task.shares=1")
    assert ran.code == 2
    del TASKS._entries["shorter"]
