"""Every prompt format with every way of freezing that the seeds compared: it trains, and validation tells that it learns."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support import one_thread

from jaso_core.modeling.checkpoint import load_checkpoint
from jaso_core.prompts import PROMPTS
from jaso_train import run as train

__all__ = ["one_thread"]

pytestmark = pytest.mark.slow

BEST = "validation_bits_per_character"


@pytest.fixture(scope="session")
def interviews(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A preprocess folder of 90 synthetic interviews, which have all fields: summary, occupation, experience."""
    from jaso_preprocess import run as preprocess
    from jaso_synthetic.corpus import generate

    root = tmp_path_factory.mktemp("interviews")
    lines = [
        {"schema": 1, "id": f"sample:{talk.id}", "source": "sample", "kind": "interview",
         "meta": {"occupation": talk.occupation, "experience": talk.experience},
         "items": [{"question": talk.question, "answer": talk.answer, "summary": talk.summary}]}
        for talk in generate(0, 90, seed=4).interviews
    ]  # fmt: skip
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    (root / "documents.jsonl").write_text(text, encoding="utf-8")
    config = {
        "out": str(root / "clean"), "input": [str(root / "documents.jsonl")], "seed": 0, "copies": "keep",
        "clean": {"whitespace": {"name": "whitespace"}}, "sentences": {"name": "rules"},
        "split": {"validation": 0.2, "test": 0.1},
    }  # fmt: skip
    preprocess.run(preprocess.settings(config))
    return root / "clean"


@pytest.mark.parametrize("freeze", ["all", "last_block", "lora"])
@pytest.mark.parametrize("prompt", PROMPTS.names())
def test_a_cell_trains(interviews: Path, tmp_path: Path, prompt: str, freeze: str) -> None:
    # The tokenizer is trained here and has no chat template: the plain one that jaso brings.
    form = {"name": prompt, "template": "turns"} if prompt.startswith("chat") else {"name": prompt}
    steps = 60 if freeze == "lora" else 20  # adapters begin at zero, beside weights that know nothing yet
    config = {
        "out": str(tmp_path / "out"), "input": str(interviews), "seed": 1, "freeze": {"name": freeze},
        "model": {"name": "tiny", "hidden_size": 32, "layers": 2, "heads": 2},
        "tokenizer": {"name": "bpe", "vocabulary": 700}, "prompt": form,
        "trainer": {
            "max_steps": steps, "batch_size": 8, "validate_every": steps // 2, "log_every": 10, "max_length": 512,
            "learning_rate": 5e-3, "schedule": "constant", "precision": "fp32", "validation_limit": 24,
        },
    }  # fmt: skip
    train.run(train.settings(config))
    log = [json.loads(line) for line in (tmp_path / "out" / "log.jsonl").open(encoding="utf-8")]
    bits = [row[BEST] for row in log if BEST in row]
    assert bits == sorted(bits, reverse=True)
    assert bits[-1] < bits[0] - 0.1
    report = json.loads((tmp_path / "out" / "freeze_report.json").read_text(encoding="utf-8"))
    assert report["frozen_tensors_changed"] == []
    assert (report["trained"] == report["parameters"]) == (freeze == "all")
    assert load_checkpoint(tmp_path / "out").prompt.name == prompt
