"""An unknown key, flag or column ends in one line that says how to write what was meant."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import Jaso


@pytest.mark.parametrize(
    ("command", "cure"),
    [
        # keys of another choice of a group
        ("crawl path=a.csv out=x", "it comes with source=csv or source=dataset or source=letter_files: add it"),
        ("crawl columns.question=Q out=x", "it comes with source=csv or source=dataset: add it"),
        ("crawl live=true out=x", "it comes with source=eduss or source=jobkorea or source=linkareer: add it"),
        ("pipeline path=a.csv out=x", "it comes with source=csv or source=dataset or source=letter_files: add it"),
        ("train model.path=x input=y out=z", "it comes with model=hf or model=kogpt2: add it"),
        ("train input=x out=x freeze.n=2", "it comes with freeze="),
        (
            "crawl question=Q out=x",
            "did you mean 'columns.question'? It comes with source=csv or source=dataset: add it",
        ),
        ("crawl file=a.csv out=x", "did you mean 'path'? It comes with source=csv"),
        # the name without its group
        ("train learning_rate=1e-3 input=x out=y", "did you mean 'trainer.learning_rate'?"),
        ("train max_steps=3 input=x out=y", "did you mean 'trainer.max_steps'?"),
        ("train vocabulary=500 input=x out=y", "did you mean 'tokenizer.vocabulary'?"),
        ("crawl source=csv path=a.csv question=Q out=x", "did you mean 'columns.question'?"),
        ("evaluate temperature=1 model=x input=y out=z", "did you mean 'generate.temperature'?"),
        ("preprocess min_answer=3 input=x out=y", "did you mean 'clean.length.min_answer'?"),
        # initials
        ("train lr=1e-3 input=x out=y", "did you mean 'trainer.learning_rate'?"),
        ("train bs=8 input=x out=y", "did you mean 'trainer.batch_size'?"),
        ("train wd=0.1 input=x out=y", "did you mean 'trainer.weight_decay'?"),
        ("train trainer.lr=0.1 input=x out=y", "did you mean 'trainer.learning_rate'?"),
        ("pipeline lr=0.1 out=y", "did you mean 'trainer.learning_rate'?"),
        # names in other programs
        ("train num_train_epochs=1 input=x out=y", "did you mean 'trainer.epochs'?"),
        ("train output_dir=x input=y", "did you mean 'out'?"),
        ("train n_layer=2 input=x out=y", "did you mean 'model.layers'?"),
        ("train max_seq_length=9 input=x out=y", "did you mean 'trainer.max_length'?"),
        ("train fp16=true input=x out=y", "did you mean 'trainer.precision'?"),
        ("evaluate max_tokens=9 model=x input=y out=z", "did you mean 'generate.max_new_tokens'?"),
        ("preprocess num_proc=2 input=x out=y", "did you mean 'workers'?"),
        # a slip
        ("train promt=question_answer input=x out=y", "did you mean 'prompt'?"),
        ("train modle=tiny input=x out=y", "did you mean 'model'?"),
        ("train inptu=x out=y", "did you mean 'input'?"),
        ("train tokeniser=bpe input=x out=y", "did you mean 'tokenizer'?"),
        ("train freez=all input=x out=y", "did you mean 'freeze'?"),
        ("crawl sorce=csv out=x", "did you mean 'source'?"),
        ("score prediction=x out=y", "did you mean 'predictions'?"),
        ("score metric=bleu predictions=x out=y", "did you mean 'metrics'?"),
        ("train learning_rat=1 input=x out=y", "did you mean 'trainer.learning_rate'?"),
        ("train input=x out=x trainer.max_step=2", "did you mean 'trainer.max_steps'?"),
        ("train input=x out=x agian=true", "did you mean 'again'?"),
        ("evaluate model=x input=y out=z generat=greedy", "did you mean 'generate'?"),
        # nothing is near
        ("train zzzqqq=1 input=x out=y", "`jaso train --cfg job` shows all keys"),
    ],
)
def test_an_unknown_key_has_a_cure(
    jaso: Jaso, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str, cure: str
) -> None:
    monkeypatch.chdir(tmp_path)
    ran = jaso(*command.split())
    assert ran.code == 2
    assert ran.error.startswith("error: config key '")
    assert "' is unknown; " in ran.error
    assert cure in ran.error
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("command", "cure"),
    [
        ("crawl source=csv --question out=x", "keys have no dashes: columns.question=…"),
        ("crawl source=csv --question=Q out=x", "keys have no dashes: columns.question=Q"),
        ("crawl source=csv --path a.csv out=x", "keys have no dashes: path=…"),
        ("crawl --out x", "keys have no dashes: out=…"),
        ("train --lr 1e-3 input=x out=y", "keys have no dashes: trainer.learning_rate=…"),
        ("train --learning-rate=1e-3 input=x out=y", "keys have no dashes: trainer.learning_rate=1e-3"),
        ("train --max-steps=3 input=x out=y", "keys have no dashes: trainer.max_steps=3"),
        ("train --model tiny input=x out=y", "keys have no dashes: model=…"),
        ("train --seed=1 input=x out=y", "keys have no dashes: seed=1"),
        ("score --predictions p.jsonl out=x", "keys have no dashes: predictions=…"),
        ("train --confg job input=x out=x", "did you mean '--cfg'?"),
        ("train --multi-run input=x out=x", "did you mean '--multirun'?"),
        ("train --hlep", "did you mean '--help'?"),
        ("train --zzzzz input=x out=x", "known: "),
        ("train -x input=x out=x", "known: "),
    ],
)
def test_a_key_with_dashes_is_no_flag(
    jaso: Jaso, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str, cure: str
) -> None:
    monkeypatch.chdir(tmp_path)
    ran = jaso(*command.split())
    assert ran.code == 2
    assert ran.error.startswith("error: flag '-")
    assert cure in ran.error


@pytest.mark.parametrize(
    ("header", "columns", "cure"),
    [
        ("Q,A,label", [], "has no column 'question'; known: Q, A, label; write columns.question=Q"),
        ("Q,A", ["columns.question=Q"], "has no column 'answer'; known: Q, A; write columns.answer=A"),
        ("question,A", [], "has no column 'answer'; known: question, A; write columns.answer=A"),
        ("질문,답변", [], "known: 질문, 답변; write columns.question=질문"),
        ("질문 내용,답변", [], "write 'columns.question=질문 내용'"),
        ("questions,answer", [], "did you mean 'questions'? (known: questions, answer); write columns.question=questions"),
        ("answer,Question", [], "write columns.question=Question"),
        ("question,answer,기업", ["columns.company=company"], "write columns.company=기업"),
        ("question,answer", ["columns.company=company"], "write columns.company=<one of these>"),
        ("Q(1),A", [], "write 'columns.question=Q(1)'"),
    ],
)  # fmt: skip
def test_a_missing_column_says_how_to_name_it(
    jaso: Jaso, tmp_path: Path, header: str, columns: list[str], cure: str
) -> None:
    table = tmp_path / "t.csv"
    table.write_text(f"{header}\n{','.join('가' for _ in header.split(','))}\n", encoding="utf-8")
    ran = jaso("crawl", "source=csv", f"path={table}", *columns, f"out={tmp_path / 'out'}")
    assert ran.code == 2
    assert cure in ran.error
