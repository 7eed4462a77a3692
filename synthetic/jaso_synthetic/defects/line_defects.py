"""Defects that add lines: headings, echoed questions, counters, comments."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from jaso_synthetic.text.lexicon import load
from jaso_synthetic.text.pieces import Piece, Sentence

_FRAMES = ("[{}]", "[{}]", '"{}"', "<{}>", "#{}", "# {}", "■ {}", "{}", "'{}'", "〈{}〉", "1) {}")


def _line(text: str, kind: str, value: str | None = None) -> Sentence:
    return Sentence([Piece(text, "", kind, value)], sep="", is_text=False)


def add_subheading(body: list[Sentence], rng: Random, titles: Sequence[str]) -> None:
    """Insert a heading at the start; sometimes a second one before a later paragraph."""
    frame = rng.choice(_FRAMES)
    same_line = frame.startswith(("[", "<")) and rng.random() < 0.25
    end = " " if same_line else rng.choice(["\n", "\n", "\n\n"])
    middle = [i for i in range(2, len(body) - 1) if body[i].is_text]
    if len(middle) > 1 and rng.random() < 0.25:
        index = rng.choice(middle)
        body[index - 1].sep = "\n"
        body.insert(index, _line(frame.format(titles[1]) + ("\n" if end != " " else " "), "subheading", titles[1]))
    body.insert(0, _line(frame.format(titles[0]) + end, "subheading", titles[0]))


def add_question_echo(body: list[Sentence], rng: Random, title: str, question: str, number: int) -> None:
    """Repeat the question, or its short title, before the answer."""
    text = rng.choice(
        [f"{number}. {title}\n", f"{number}. {title}\n", f"{title}\n", f"{title} : ", f"{number}) {question}\n"]
    )
    body.insert(0, _line(text, "question_echo", title))


def byte_length(text: str) -> int:
    """Count bytes as Korean sites do: two for each non-ASCII character."""
    return sum(1 if ord(c) < 128 else 2 for c in text)


def counter_text(raw: str, rng: Random) -> str:
    """Format a character counter as the page shows it: 글자수 1,320자2,066Byte."""
    gap = rng.choice(["", "", " "])
    return f"글자수 {len(raw):,}자{gap}{byte_length(raw):,}Byte"


def add_counter(body: list[Sentence], rng: Random, raw: str) -> None:
    """Append a character counter to the answer's text."""
    n = len(raw)
    shapes = [f"({n}자)", f"({n:,}자)", f"({n}자/{(n // 500 + 1) * 500}자)", f"(공백 포함 {n}자)"]
    shapes += [counter_text(raw, rng), f"글자수 {n:,}자 {byte_length(raw):,}Byte"]
    body[-1].sep = ""
    body.append(_line(rng.choice([" ", "\n", "\n"]) + rng.choice(shapes), "counter", str(n)))


def comment_line(rng: Random, kind: str, number: int) -> str:
    """Return one expert comment: 좋은점 1 …"""
    label = "좋은점" if kind == "good" else "아쉬운점"
    return f"{label} {number} {rng.choice(load('page')[kind])}"


def add_expert_comment(body: list[Sentence], rng: Random) -> None:
    """Append one or two lines of expert comments below the answer's text."""
    for number, kind in enumerate(rng.sample(["good", "bad", "good"], rng.randint(1, 2)), 1):
        body[-1].sep = ""
        body.append(_line("\n" + comment_line(rng, kind, number), "expert_comment", kind))
