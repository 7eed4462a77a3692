"""Drafts of letters: sentences with placeholders, before defects are planted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from random import Random
from typing import Any

from jaso_synthetic.text.grammar import Writer
from jaso_synthetic.text.lexicon import load
from jaso_synthetic.text.persona import Persona, draw_persona, make_writer
from jaso_synthetic.text.personal_data import PERSONAL_KINDS


@dataclass(frozen=True, slots=True)
class ItemDraft:
    """One question and the sentences of its answer, each with its rhetorical move."""

    topic: str
    question: str
    title: str  # short name of the question, for echoes
    moves: tuple[str, ...]
    sentences: tuple[str, ...]
    headings: tuple[str, str]
    extras: Mapping[
        str, str
    ]  # sentences that carry personal data, by kind: pii_phone, pii_email, pii_rrn, perhaps one more


@dataclass(frozen=True, slots=True)
class LetterDraft:
    """A whole letter before planting."""

    persona: Persona
    items: tuple[ItemDraft, ...]


@cache
def letter_grammar() -> dict[str, list[str]]:
    """Return the phrases and moves of cover letters in one mapping."""
    return {**load("phrases"), **load("moves")}


def realise(plan: Sequence[str], rng: Random) -> list[str]:
    """Draw a sequence of moves from a plan.

    Optional moves (``?``) are drawn, alternatives (``|``) chosen, pairs (``~``) ordered.
    """
    moves: list[str] = []
    for step in plan:
        if step.endswith("?") and rng.random() < 0.5:
            continue
        # ["what|why", "did~got"] → e.g. ["what", "did", "got"]
        step = step.rstrip("?")
        pair = step.split("~")
        rng.shuffle(pair)
        moves += [rng.choice(part.split("|")) for part in pair]
    return moves


def write_item(persona: Persona, topic: str, rng: Random) -> ItemDraft:
    """Draft the answer to one question."""
    spec: Any = load("topics")[topic]
    writer: Writer = make_writer(persona, letter_grammar(), rng)
    moves = realise(rng.choice(spec["plans"]), rng)
    sentences = tuple(writer.expand(move) for move in moves)
    headings = (writer.expand("heading"), writer.expand("heading"))
    extras = {kind: writer.expand(kind) for kind in ("pii_phone", "pii_email", "pii_rrn")}
    extras |= _personal_sentence(persona, Random(f"personal {topic} {' '.join(sentences)}"))
    return ItemDraft(
        topic, rng.choice(spec["questions"]), rng.choice(spec["titles"]), tuple(moves), sentences, headings, extras
    )


def _personal_sentence(persona: Persona, rng: Random) -> dict[str, str]:
    """Draw a sentence with one kind of personal data, in one answer of twelve."""
    if rng.random() >= _PERSONAL_SHARE:
        return {}
    kind = rng.choice(list(PERSONAL_KINDS))
    return {kind: make_writer(persona, letter_grammar(), rng).expand(kind)}


_PERSONAL_SHARE = 1 / 12
_COUNTS, _COUNT_WEIGHTS = (1, 2, 3, 4, 5), (6, 22, 38, 26, 8)
_FIRST = {"motivation": 0.7, "competency": 0.5, "aspiration": 0.35}


def choose_topics(rng: Random) -> list[str]:
    """Draw the topics of a letter: motivation and competency are common."""
    topics = [topic for topic, share in _FIRST.items() if rng.random() < share]
    others = [topic for topic in load("topics") if topic not in topics]
    rng.shuffle(others)
    count = rng.choices(_COUNTS, _COUNT_WEIGHTS)[0]
    return (topics + others)[:count]


def write_letter(rng: Random) -> LetterDraft:
    """Draft a letter by a new persona."""
    persona = draw_persona(rng)
    return LetterDraft(persona, tuple(write_item(persona, topic, rng) for topic in choose_topics(rng)))


def edit_letter(letter: LetterDraft, rng: Random) -> LetterDraft:
    """Copy a draft and rewrite one sentence of one answer.

    The company is swapped later, when planting.
    """
    item_index = rng.randrange(len(letter.items))
    item = letter.items[item_index]
    sentence_index = rng.randrange(len(item.sentences))
    sentence = make_writer(letter.persona, letter_grammar(), rng).expand(item.moves[sentence_index])
    sentences = (*item.sentences[:sentence_index], sentence, *item.sentences[sentence_index + 1 :])
    items = (*letter.items[:item_index], replace(item, sentences=sentences), *letter.items[item_index + 1 :])
    return LetterDraft(letter.persona, items)
