"""`jaso generate`: the question on the command line, from a pipe, on a terminal, in a table."""

from __future__ import annotations

import io
import json
import signal
import sys
from pathlib import Path

import pytest
from support import Jaso
from terminal_support import Terminal

import jaso as face
from jaso_core.console import Lines, visible
from jaso_core.io.files import read_jsonl

FIELDS = {"question": "지원 동기를 말씀해 주세요.", "occupation": "ICT"}
SHORT = "generate.max_new_tokens=8"


@pytest.fixture
def piped(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """An empty stdin that is no terminal; a test writes its lines."""
    stdin = io.StringIO()
    monkeypatch.setattr(sys, "stdin", stdin)
    return stdin


def test_the_text_is_that_of_the_face_and_alone_on_stdout(jaso: Jaso, trained: Path, model: face.Model) -> None:
    ran = jaso("generate", f"model={trained}", *(f"{name}={value}" for name, value in FIELDS.items()), SHORT)
    assert ran.code == 0
    text = model.generate(**FIELDS, max_new_tokens=8)
    assert ran.out == visible(Lines(text)) + "\n"
    assert "a toy: 48,352 parameters from random weights, to see that everything works" in ran.err
    assert "cut at 8 tokens (generate.max_new_tokens=… writes more)" in ran.err


def test_several_texts_are_drawn_with_a_seed(jaso: Jaso, trained: Path, model: face.Model) -> None:
    arguments = ("generate", f"model={trained}", *(f"{n}={v}" for n, v in FIELDS.items()), SHORT, "n=3", "seed=5")
    ran = jaso(*arguments)
    assert "3 texts are drawn (generate=sampling)" in ran.err
    assert "seed 5" in ran.err
    texts = model.generate(**FIELDS, n=3, seed=5, max_new_tokens=8)
    assert ran.out == "".join(f"{visible(Lines(text))}\n" for text in texts)
    assert jaso(*arguments).out == ran.out


def test_a_pipe_gives_a_question_a_line(jaso: Jaso, trained: Path, model: face.Model, piped: io.StringIO) -> None:
    questions = ["장점은 무엇입니까?", "단점은 무엇입니까?"]
    piped.write(f"{questions[0]}\n\n{questions[1]}")
    piped.seek(0)
    ran = jaso("generate", f"model={trained}", "occupation=ICT", SHORT)
    assert ran.code == 0
    texts = [model.generate(question=question, occupation="ICT", max_new_tokens=8) for question in questions]
    assert ran.out == "".join(f"{visible(Lines(text))}\n" for text in texts)
    assert ">" not in ran.out  # no prompts


def test_a_line_too_long_for_the_model_does_not_stop_the_others(jaso: Jaso, trained: Path, piped: io.StringIO) -> None:
    piped.write("가나다 " * 2000 + "\n장점은 무엇입니까?\n")
    piped.seek(0)
    ran = jaso("generate", f"model={trained}", "occupation=ICT", SHORT)
    assert ran.code == 2
    assert "the model was trained on 512 with the answer" in ran.error
    assert len(ran.out.splitlines()) == 1


def test_mistakes_are_one_line(jaso: Jaso, trained: Path, tmp_path: Path, piped: io.StringIO) -> None:
    table = tmp_path / "q.csv"
    table.write_text("Q\n장점은?\n", encoding="utf-8")
    for arguments, message in {
        (): "a pipe gives one field a line, and occupation, question are missing; add occupation=…",
        ("n=0",): "n is 0, give 1 or more",
        (f"input={table}",): "config key 'out': input= and out= go together",
        (f"input={table}", f"out={tmp_path / 'out'}", "occupation=ICT"): "q.csv: has no column 'question'; rename",
        ("question=가", "occupation=ICT", "generate.num_beams=0"): "num_beams is 0",
    }.items():
        ran = jaso("generate", f"model={trained}", *arguments)
        assert ran.code == 2
        assert message in ran.error
    assert "question, answer" not in jaso("generate", "model=nowhere/at/all").error


def test_a_table_becomes_predictions(jaso: Jaso, trained: Path, model: face.Model, tmp_path: Path) -> None:
    table, out = tmp_path / "q.csv", tmp_path / "out"
    table.write_text("question,occupation,answer,note\n장점은?,RND,성실함입니다.,x\n단점은?,,,y\n", encoding="utf-8")
    arguments = ("generate", f"model={trained}", f"input={table}", f"out={out}", "occupation=ICT", SHORT)
    ran = jaso(*arguments)
    assert (ran.code, ran.out) == (0, f"{out / 'predictions.jsonl'}\n"), ran.err
    rows = [row for _, row in read_jsonl(out / "predictions.jsonl")]
    texts = [
        model.generate(question="장점은?", occupation="RND", max_new_tokens=8),
        model.generate(question="단점은?", occupation="ICT", max_new_tokens=8),
    ]
    assert [row["prediction"] for row in rows] == texts
    assert [row["reference"] for row in rows] == ["성실함입니다.", ""]
    assert "complete, nothing to do" in jaso(*arguments).err
    table.write_text("question,occupation\n장점은?,RND\n,ICT\n", encoding="utf-8")
    ran = jaso(*arguments[:-3], f"out={tmp_path / 'other'}", SHORT)
    assert f"{table.name}:3: 'question' is empty; fill it in, or add question=…" in ran.error


def test_a_field_that_the_format_does_not_read_is_named(jaso: Jaso, trained: Path) -> None:
    ran = jaso(
        "generate", f"model={trained}", *(f"{n}={v}" for n, v in FIELDS.items()), "company=가상전자", SHORT
    )  # fmt: skip
    assert "reads occupation, question: company left out" in ran.err


@pytest.mark.slow
def test_a_terminal_asks_stops_and_ends(trained: Path) -> None:
    terminal = Terminal(
        "generate", f"model={trained}", "generate.max_new_tokens=400", "generate.min_new_tokens=400", "n=400"
    )
    terminal.wait_for("occupation> ")
    terminal.type("ICT\n")
    terminal.wait_for("question> ")
    terminal.type("\n")  # nothing typed: asked again
    terminal.wait_for("question> ")
    terminal.type("장점은?\n")
    terminal.wait_for("1. ")
    terminal.process.send_signal(signal.SIGINT)  # the texts stop, the questions go on
    terminal.wait_for("occupation [ICT]> ")
    terminal.type("\n")
    terminal.wait_for("question> ")
    terminal.type("\x04")  # Ctrl-D
    assert terminal.process.wait(60) == 0
    terminal = Terminal("generate", f"model={trained}", "occupation=ICT")
    terminal.wait_for("question> ")
    assert terminal.interrupt() == 130


def test_predictions_are_whole_json_lines(jaso: Jaso, trained: Path, tmp_path: Path) -> None:
    table = tmp_path / "q.jsonl"
    row = {"id": "가-1", "question": "장점은?", "occupation": "ICT"}
    table.write_text(json.dumps(row, ensure_ascii=False) + "\n", encoding="utf-8")
    jaso("generate", f"model={trained}", f"input={table}", f"out={tmp_path / 'out'}", SHORT, "n=2")
    ((_, prediction),) = read_jsonl(tmp_path / "out" / "predictions.jsonl")
    assert prediction["id"] == "가-1"
    assert len(prediction["meta"]["candidates"]) == 2
