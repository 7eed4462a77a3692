"""`jaso chat`: turns from a pipe and on a terminal, commands, a full context, models that take no conversation."""

from __future__ import annotations

import io
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from chat_support import EXAONE, GEMMA, TEXTS, write_chat_model
from support import Jaso, Ran
from terminal_support import Terminal

import jaso as face
from jaso_core.console import Lines, visible
from jaso_core.modeling.encode import encode_pieces
from jaso_core.records import Turn

FIRST, _, SECOND = TEXTS[:3]
SHORT = "generate.max_new_tokens=8"


@pytest.fixture(scope="module")
def exaone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_chat_model(tmp_path_factory.mktemp("exaone") / "model", EXAONE)


@pytest.fixture
def piped(jaso: Jaso, exaone: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Ran]:
    """Runs `jaso chat` with lines in a pipe."""

    def run(text: str, *arguments: str) -> Ran:
        monkeypatch.setattr(sys, "stdin", io.StringIO(text))
        return jaso("chat", f"model={exaone}", SHORT, *arguments)

    return run


def conversation(folder: Path, **more: str) -> face.Conversation:
    return face.Conversation(face.load(folder, prompt="chat"), **more)


def test_turns_of_a_pipe_are_one_conversation(piped: Callable[..., Ran], exaone: Path) -> None:
    ran = piped(f"{FIRST}\n\n{SECOND}")
    assert ran.code == 0
    talk = conversation(exaone)
    answers = [talk.reply(text, max_new_tokens=8) for text in (FIRST, SECOND)]
    assert ran.out == "".join(f"{visible(Lines(answer))}\n" for answer in answers)
    assert [turn.role for turn in talk.turns] == ["user", "assistant"] * 2
    assert "cut at 8 tokens" in ran.err
    talk.clear()
    again = talk.reply(SECOND, max_new_tokens=8)
    assert again == conversation(exaone).reply(SECOND, max_new_tokens=8)
    assert piped(f"{FIRST}\n/clear\n{SECOND}\n").out.splitlines()[-1] == visible(Lines(again))


def test_the_context_is_what_transformers_renders(exaone: Path) -> None:
    talk = conversation(exaone, system="짧게.")
    talk.turns = [Turn("user", FIRST), Turn("assistant", "서버."), Turn("user", SECOND)]
    pieces = talk.prompt.context_of(talk.prompt.with_system((Turn("system", "짧게."), *talk.turns), talk._example))
    tokenizer = talk.model.checkpoint.tokenizer
    messages = [{"role": turn.role, "content": turn.content} for turn in (Turn("system", "짧게."), *talk.turns)]
    expected = tokenizer.apply_chat_template(messages, add_generation_prompt=True, return_dict=False)
    assert encode_pieces(pieces, talk.prompt, tokenizer) == talk._encode() == expected


def test_the_system_text_is_shown_and_set(piped: Callable[..., Ran], exaone: Path) -> None:
    ran = piped(f"/system\n/system 짧게.\n{FIRST}\n", "prompt=chat", "prompt.system=길게.")
    assert "chat: system text: 길게.\nchat: system text: 짧게.\n" in ran.err
    assert ran.out == f"{visible(Lines(conversation(exaone, system='짧게.').reply(FIRST, max_new_tokens=8)))}\n"


def test_the_oldest_turns_leave_a_full_context(piped: Callable[..., Ran], exaone: Path) -> None:
    ran = piped(f"{FIRST * 9}\n" * 3)
    assert ran.code == 0
    assert "the context is full: the oldest 2 turns are left out" in ran.err
    talk = conversation(exaone)
    for _ in range(3):
        talk.reply(FIRST * 9, max_new_tokens=8)
    assert len(talk.turns) == 4
    assert len(talk._encode()) <= talk.model.checkpoint.max_length
    ran = piped(f"{FIRST * 50}\n{FIRST}\n")
    assert ran.code == 2
    assert "with all that is before it, the model takes 256 with the answer; shorten it" in ran.error
    assert len(ran.out.splitlines()) == 1


def test_commands(piped: Callable[..., Ran]) -> None:
    ran = piped("/help\n/exit\n가\n")
    assert (ran.code, ran.out) == (0, "")
    assert "/clear   forget the turns" in ran.err
    ran = piped("/cler\n")
    assert ran.code == 2
    assert "/cler is no command; did you mean '/clear'?" in ran.error
    assert len(piped("//clear\n").out.splitlines()) >= 1


def test_models_that_take_no_conversation(jaso: Jaso, trained: Path, tmp_path: Path) -> None:
    ran = jaso("chat", f"model={trained}")
    assert ran.code == 2
    assert "prompt format 'occupation_question_answer' takes no conversation; talk to the model by `jaso" in ran.error
    base = write_chat_model(tmp_path / "base", GEMMA)
    ran = jaso("chat", f"model={base}", "prompt=chat_with_fields")
    assert "prompt format 'chat_with_fields' reads occupation; give occupation=…" in ran.error
    (base / "chat_template.jinja").unlink()
    ran = jaso("chat", f"model={base}")
    assert ran.code == 2
    assert "the model's tokenizer has no chat template; take a chat model, prompt=question_answer" in ran.error


def test_a_stopped_answer_stays_as_far_as_it_was_written(exaone: Path) -> None:
    talk = conversation(exaone)
    stream = talk.stream(FIRST, max_new_tokens=200, min_new_tokens=200)
    begun = next(stream)
    stream.close()
    assert talk.turns == [Turn("user", FIRST), Turn("assistant", begun)]
    assert talk.stop is None
    with pytest.raises(face.RequestError, match="unknown"):
        talk.reply(SECOND, tokens=3)
    assert len(talk.turns) == 2


@pytest.mark.slow
def test_a_terminal_asks_stops_and_ends(tmp_path: Path) -> None:
    # An answer of some seconds: Ctrl-C meets it, not the question after it, on a busy machine too.
    model = write_chat_model(tmp_path / "model", EXAONE, max_position_embeddings=4096)
    terminal = Terminal(
        "chat", f"model={model}", "generate=sampling", "generate.max_new_tokens=3900", "generate.min_new_tokens=3900"
    )
    terminal.wait_for("/help lists commands")
    terminal.wait_for("you> ")
    terminal.type(f"{FIRST}\n")
    terminal.wait_for("\n")  # the line as it was typed
    terminal.wait_for_more()
    terminal.process.send_signal(signal.SIGINT)  # the answer stops, the conversation goes on
    terminal.wait_for("you> ")
    terminal.type("/system\n")
    terminal.wait_for("system text: none")
    terminal.wait_for("you> ")
    terminal.type("\x04")  # Ctrl-D
    assert terminal.process.wait(60) == 0
