"""Choose the defects of an answer and plant them."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from jaso_synthetic.defects import line_defects as lines
from jaso_synthetic.defects import text_defects as text
from jaso_synthetic.letters.draft import ItemDraft
from jaso_synthetic.text.personal_data import PERSONAL_KINDS, personal_data
from jaso_synthetic.text.pieces import PERSONAL, AssembledText, Sentence, assemble, to_sentence
from jaso_synthetic.text.placeholders import Namer

# Relative frequencies of the defects other than company names.
_WEIGHTS = {
    "subheading": 16,
    "counter": 9,
    "hanja": 9,
    "unicode": 8,
    "question_echo": 8,
    "pii_phone": 4,
    "pii_email": 4,
    "pii_rrn": 2,
    "expert_comment": 5,
    "masked_person": 5,
    "masked_club": 4,
    "repeated": 4,
    "whitespace": 4,
    "no_punctuation": 4,
}
_WRAPPED_SHARE = 0.05
_COUNT_WEIGHTS = (47, 38, 15)  # none, one, two

_TEXT_DEFECTS = {
    "hanja": text.plant_hanja,
    "unicode": text.plant_unicode_forms,
    "whitespace": text.plant_whitespace,
    "repeated": text.plant_repeats,
    "masked_person": text.mask_person,
    "masked_club": text.mask_club,
    "no_punctuation": text.drop_punctuation,
}
_ORDER = list(_WEIGHTS)


def choose_defects(rng: Random) -> set[str]:
    """Draw the defects of one answer.

    At most one of them works on its head, since those exclude each other.
    """
    count = rng.choices((0, 1, 2), _COUNT_WEIGHTS)[0]
    chosen: set[str] = set()
    while len(chosen) < count:
        chosen.add(rng.choices(_ORDER, list(_WEIGHTS.values()))[0])
    if {"subheading", "question_echo"} <= chosen:
        chosen.discard("question_echo")
    return chosen


def break_paragraph(body: list[Sentence], rng: Random) -> None:
    """Sometimes break a longer answer into two paragraphs.

    The break is genuine and stays in the clean text.
    """
    if len(body) >= 5 and rng.random() < 0.3:
        body[rng.randrange(1, len(body) - 2)].sep = "\n"


@dataclass(frozen=True, slots=True)
class PlantedAnswer:
    """A planted answer and the indices of its genuine sentences in ``spans``."""

    answer: AssembledText
    text_lines: tuple[int, ...]


def plant_body(draft: ItemDraft, namer: Namer, chosen: set[str], rng: Random) -> list[Sentence]:
    """Return the sentences of an answer with all defects inside of them planted."""
    body = [to_sentence(sentence, namer) for sentence in draft.sentences]
    for kind in ("pii_phone", "pii_email", "pii_rrn"):
        if kind in chosen:
            body.append(to_sentence(draft.extras[kind], namer))
    break_paragraph(body, rng)
    text.mark_quotations(body)
    for kind in sorted(chosen & _TEXT_DEFECTS.keys(), key=_ORDER.index):
        _TEXT_DEFECTS[kind](body, rng)
    for kind in sorted(draft.extras.keys() & PERSONAL_KINDS.keys()):
        body.insert(-1, _personal_sentence(draft.extras[kind], kind, namer))
    # Drawn from the text itself: answers without wraps stay what they were before this defect was added.
    own_rng = Random(f"line wraps {assemble(body, 'answer').raw}")
    if own_rng.random() < _WRAPPED_SHARE:
        text.plant_line_wraps(body, own_rng)
    return body


def _personal_sentence(text: str, kind: str, namer: Namer) -> Sentence:
    """Return a sentence with personal data.

    It is drawn by a generator of its own, so that the rest of the letter does not depend on it.
    """
    rng = Random(f"{kind} {text}")
    return to_sentence(text, lambda mark: personal_data(kind, rng) if mark == PERSONAL else namer(mark))


def plant_answer(draft: ItemDraft, namer: Namer, chosen: set[str], rng: Random, number: int) -> PlantedAnswer:
    """Plant the chosen defects in one drafted answer."""
    body = plant_body(draft, namer, chosen, rng)
    if "subheading" in chosen:
        titles = [to_sentence(heading, namer).pieces[0].raw for heading in draft.headings]
        lines.add_subheading(body, rng, titles)
    if "question_echo" in chosen:
        lines.add_question_echo(body, rng, draft.title, draft.question, number)
    if "expert_comment" in chosen:
        lines.add_expert_comment(body, rng)
    if "counter" in chosen:
        lines.add_counter(body, rng, assemble(body, "answer").raw)
    return PlantedAnswer(assemble(body, "answer"), tuple(i for i, s in enumerate(body) if s.is_text))
