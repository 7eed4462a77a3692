"""Every architecture: batches have the loss of their examples, training works, the log tells what evaluation finds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from architectures import ARCHITECTURES, POSITIONS
from support import one_thread
from torch.nn.functional import cross_entropy
from transformers import AutoModelForCausalLM

from jaso_core.modeling.checkpoint import load_checkpoint
from jaso_core.stage.manifest import read_manifest
from jaso_evaluate import run as evaluate
from jaso_preprocess import run as preprocess
from jaso_train import run as train
from jaso_train.data.collators import PackingCollator, PaddingCollator
from jaso_train.ops.causal_lm_loss import loss_on_labels_only
from jaso_train.ops.packed_attention import use_packed_attention

__all__ = ["one_thread"]

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("one_thread")]

QUESTIONS = ["지원 동기는 무엇입니까?", "강점을 말씀해 주세요.", "무엇을 배웠습니까?"]
ANSWERS = [
    "표 {n}장을 고쳤습니다.",
    "고객 {n}명의 말을 적고 순서를 정해 하나씩 풀었습니다.",
    "실패를 {n}번 적었습니다.",
]
TOLERANCE = 1e-5


@pytest.fixture(scope="module")
def short_answers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A preprocess folder of synthetic answers that fit into 256 bytes with their question."""
    root = tmp_path_factory.mktemp("short")
    documents = [
        {"schema": 1, "id": f"sample:{n}", "source": "sample", "kind": "letter",
         "items": [{"question": QUESTIONS[n % 3], "answer": ANSWERS[n // 2 % 3].format(n=n)}]}
        for n in range(40)
    ]  # fmt: skip
    lines = "".join(json.dumps(document, ensure_ascii=False) + "\n" for document in documents)
    (root / "documents.jsonl").write_text(lines, encoding="utf-8")
    config = {
        "out": str(root / "clean"), "input": [str(root / "documents.jsonl")], "clean": {},
        "sentences": {"name": "rules"}, "split": {"validation": 0.2, "test": 0.2}, "seed": 0,
    }  # fmt: skip
    preprocess.run(preprocess.settings(config))
    return root / "clean"


def rows() -> list[dict[str, Any]]:
    generator = torch.Generator().manual_seed(1)
    made = []
    for length in (90, 23, 61):
        ids = torch.randint(2, 300, (length,), generator=generator).tolist()
        made.append({"input_ids": ids, "labels": [-100] * 4 + ids[4:], "length": length})
    return made


def gradients(model: Any, loss: torch.Tensor) -> torch.Tensor:
    """All of them in one row; a parameter that the loss does not reach (a router without a choice) has 0."""
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    computed = torch.autograd.grad(loss, trained, allow_unused=True)
    return torch.cat([
        torch.zeros(parameter.numel()) if gradient is None else gradient.flatten()
        for parameter, gradient in zip(trained, computed, strict=True)
    ])  # fmt: skip


def one_by_one(model: Any) -> torch.Tensor:
    """−ln p summed over the labels, by transformers' logits of each example alone."""
    total = torch.zeros(())
    for row in rows():
        logits = model(input_ids=torch.tensor([row["input_ids"]]), use_cache=False).logits[0, :-1].float()
        total = total + cross_entropy(logits, torch.tensor(row["labels"][1:]), reduction="sum")
    return total


def batched(model: Any, *, is_packed: bool) -> torch.Tensor:
    if is_packed:
        with use_packed_attention(model), loss_on_labels_only(model):
            packed: torch.Tensor = model(**PackingCollator()(rows()), num_items_in_batch=1).loss
            return packed
    with loss_on_labels_only(model):
        padded: torch.Tensor = model(**PaddingCollator(0)(rows()), num_items_in_batch=1).loss
        return padded


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_a_batch_has_the_loss_and_gradients_of_its_examples(name: str) -> None:
    architecture = ARCHITECTURES[name]
    model = architecture.draw()
    expected = one_by_one(model)
    expected_gradients = gradients(model, expected)
    for is_packed in (True, False) if architecture.batching == "packed" else (False,):
        loss = batched(model, is_packed=is_packed)
        assert float(loss.detach()) == pytest.approx(float(expected.detach()), rel=TOLERANCE)
        difference = (gradients(model, loss) - expected_gradients).norm()
        assert float(difference) <= TOLERANCE * float(expected_gradients.norm())


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_it_trains_evaluates_and_is_read_by_others(name: str, short_answers: Path, tmp_path: Path) -> None:
    base = ARCHITECTURES[name].write(tmp_path / "base")
    for freeze in ("all", "last_block", "lora"):
        out = tmp_path / freeze
        train.run(train.settings(train_settings(short_answers, base, out, freeze)))
        manifest = read_manifest(out)
        assert manifest is not None
        check = manifest.counts["batching"]
        assert (check["asked"], check["batching"]) == ("packed", ARCHITECTURES[name].batching)
        assert max(check["loss_difference"], check["gradient_difference"]) < TOLERANCE
        assert same_logits(out)
        last = validations(out)[-1]
        assert (last["step"], len(validations(out))) == (10, 3)
        assert evaluated_bits(short_answers, out, tmp_path / f"{freeze}-scores") == pytest.approx(
            last["validation_bits_per_character"], rel=TOLERANCE
        )


def train_settings(data: Path, base: Path, out: Path, freeze: str) -> dict[str, Any]:
    return {
        "out": str(out), "input": str(data), "seed": 3, "freeze": {"name": freeze},
        "model": {"name": "hf", "path": str(base), "context": POSITIONS}, "tokenizer": {"name": "pretrained"},
        "prompt": {"name": "question_answer"},
        "trainer": {
            "batch_size": 4, "max_length": 200, "max_steps": 10, "validate_every": 5, "precision": "fp32",
            "learning_rate": 1e-3, "keep_best": False,
        },
    }  # fmt: skip


def validations(out: Path) -> list[dict[str, Any]]:
    rows = [json.loads(line) for line in (out / "log.jsonl").read_text(encoding="utf-8").splitlines()]
    return [row for row in rows if "validation_bits_per_character" in row]


def same_logits(out: Path) -> bool:
    """Whether plain transformers, which knows nothing of how it was trained, computes what jaso does."""
    ids = torch.tensor([rows()[0]["input_ids"]])
    with torch.no_grad():
        theirs = AutoModelForCausalLM.from_pretrained(out / "model").eval()(input_ids=ids).logits
        ours = load_checkpoint(out).model.eval()(input_ids=ids).logits
    return torch.equal(ours, theirs)


def evaluated_bits(data: Path, model: Path, out: Path) -> float:
    config = {
        "out": str(out), "model_dir": str(model), "input": str(data), "evaluate_split": "validation", "resamples": 100,
        "metrics": {"bits_per_character": {"name": "bits_per_character"}},
        "generate": {"name": "greedy", "max_new_tokens": 2},
    }  # fmt: skip
    evaluate.run(evaluate.settings(config))
    scores = json.loads((out / "scores.json").read_text(encoding="utf-8"))
    return float(scores["metrics"]["bits_per_character"]["value"])
