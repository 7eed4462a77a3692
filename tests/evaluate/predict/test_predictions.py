"""From examples to predictions: odd texts, and what cannot be written to."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from evaluate_support import example

from jaso_core.generation.generate import GenerationOptions
from jaso_core.io.files import json_line
from jaso_core.modeling.checkpoint import load_checkpoint
from jaso_core.records import Prediction
from jaso_evaluate.predict.batch_log import BatchLog
from jaso_evaluate.predict.predictions import build_predictions, encode_examples, generate_texts

ODD = ["가", "한", "🙂👨‍👩‍👧", "</s><usr>", "‮뒤집힌 글", "<script>alert(1)</script>"]


@pytest.mark.parametrize("options", [{}, {"do_sample": True, "num_return_sequences": 2}, {"num_beams": 2}])
def test_odd_texts_come_through_as_records(train_dir: Path, tmp_path: Path, options: dict[str, Any]) -> None:
    checkpoint = load_checkpoint(train_dir)
    examples = [example(i, "test", question=text, answer=text) for i, text in enumerate(ODD)]
    examples.append(example(90, "test", question="길" * 100_000))
    examples.append(example(91, "test", answer="길" * 100_000))
    work = encode_examples(examples, checkpoint, "here")
    assert work.skipped == {"prompt longer than the model takes": 1}
    chosen = GenerationOptions(max_new_tokens=5, **options)
    texts = generate_texts(checkpoint, train_dir, chosen, work.contexts, work.ids, tmp_path)
    found = build_predictions(checkpoint, work, texts, {})
    assert [p.id for p in found] == [e.id for e in examples if e.id != "test:90#0"]
    assert found[-1].meta["truncated"] > 0
    for made in found:
        assert made.meta["tokens"] <= 5
        assert Prediction.from_json(json.loads(json_line(made.to_json())), "line") == made
        assert len(made.meta.get("candidates", [0])) == chosen.num_return_sequences


def test_line_separators_within_a_text_do_not_tear_the_log(tmp_path: Path) -> None:
    texts = ["하나\u2028둘", "셋\x85넷\u2029다섯"]
    BatchLog(tmp_path / "log.jsonl").append(0, texts)
    assert BatchLog(tmp_path / "log.jsonl").rows() == texts


def test_what_was_written_is_not_written_again(train_dir: Path, tmp_path: Path, monkeypatch: Any) -> None:
    checkpoint = load_checkpoint(train_dir)
    work = encode_examples([example(i, "test") for i in range(3)], checkpoint, "here")
    options = GenerationOptions(max_new_tokens=4)
    once = generate_texts(checkpoint, train_dir, options, work.contexts, work.ids, tmp_path)
    lines = (tmp_path / "generated.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 3  # one for each example
    monkeypatch.setattr(type(checkpoint.model), "forward", None)
    assert generate_texts(checkpoint, train_dir, options, work.contexts, work.ids, tmp_path) == once
