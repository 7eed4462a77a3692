"""Entity spans: from the predictions of a token-classification model to edits.

Pure functions; the model is in `tagger`. For each token of a text it gives the offsets and how likely each kind of
name is there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from jaso_core.errors import RequestError
from jaso_core.masking import tokens
from jaso_core.masking.morphology import analyse
from jaso_core.masking.organisations.context import PARTICLES
from jaso_core.masking.organisations.legal_forms import BEFORE, BEHIND
from jaso_core.text.edits import Edit

# By option: the labels that models use for it, its token, and the kind of its edits.
MODEL_LABELS = {
    "persons": ("PS", "PER", "PERSON"),
    "companies": ("OG", "ORG", "ORGANIZATION"),
    "places": ("LC", "LOC", "LOCATION", "GPE"),
}
_TOKENS = {"persons": tokens.PERSON, "companies": tokens.COMPANY, "places": tokens.PLACE}
_EDIT_KINDS = {"persons": "person", "companies": "other_company", "places": "place"}
# B-PS, or PS-B as some Korean models have it.
_LABEL = re.compile(r"(?:(?P<before>[BIESLUM])-)?(?P<name>.+?)(?:-(?P<after>[BIESLUM]))?")


class LabelMeaning(NamedTuple):
    """Meaning of a model's label: kind of name or None, and whether a name begins."""

    kind: str | None
    begins: bool


class TokenPrediction(NamedTuple):
    """Prediction for the token text[start:end].

    `kind`: the likeliest kind of name, None for no name; `score`: its probability; `begins`: whether a name begins
    here.
    """

    start: int
    end: int
    kind: str | None
    score: float
    begins: bool


@dataclass
class _Entity:
    start: int
    end: int
    kind: str
    scores: list[float]


def label_meanings(labels: Sequence[str], requested: Mapping[str, Sequence[str] | None]) -> list[LabelMeaning]:
    """Return the meaning of each label of a model.

    `requested`, by option: the model's labels, or None for the usual ones (`MODEL_LABELS`). RequestError when an
    option names a label that the model does not have, or the model has none of the usual ones.
    """
    parsed = [_parse_label(label) for label in labels]
    names = {name for name, _ in parsed}
    kinds: dict[str, str] = {}
    for option, own_labels in requested.items():
        selected = (
            [name for name in MODEL_LABELS[option] if name in names]
            if own_labels is None
            else [_parse_label(n)[0] for n in own_labels]
        )
        if own_labels is None and not selected:
            raise RequestError(
                f"{option}: no label of the model is one of {', '.join(MODEL_LABELS[option])}",
                f"set {option}=[…] to some of its labels, or [] to leave them; it has {', '.join(sorted(labels))}",
            )
        for name in selected:
            if name not in names:
                raise RequestError(f"{option}: the model has no label {name}", f"it has {', '.join(sorted(labels))}")
            if kinds.setdefault(name, option) != option:
                raise RequestError(f"label {name} is meant for {kinds[name]} and for {option}", "take one of them")
    return [LabelMeaning(kinds.get(name), begins) for name, begins in parsed]


def _parse_label(label: str) -> tuple[str, bool]:
    """Return a label's name without B- or I-, and whether it marks a beginning."""
    # "B-PS" and "PS-B" → ("PS", True); "I-PS" and "PS" → ("PS", False)
    match = _LABEL.fullmatch(label)
    prefix = match and (match["before"] or match["after"])
    return (match["name"] if match else label).upper(), prefix in ("B", "S", "U")


def name_edits(text: str, predictions: Iterable[TokenPrediction], threshold: float) -> list[Edit]:
    """Return edits for the names whose mean score reaches `threshold`, in order.

    Nothing inside a token of an earlier masking is read.
    """
    readable = tokens.hide_tokens(text)
    edits: list[Edit] = []
    for entity in _merge_predictions(readable, predictions):
        if sum(entity.scores) < threshold * len(entity.scores):
            continue
        start, end = _trim(readable, entity)
        if start < end and (not edits or start >= edits[-1].end):
            edits.append(Edit(start, end, _TOKENS[entity.kind], _EDIT_KINDS[entity.kind]))
    return edits


# Between two tokens of one word: nothing, or invisible characters, which some tokenizers skip.
_INVISIBLE = re.compile(r"[\u00ad\u200b-\u200d\u2060\ufeff]*")
_BLANK = re.compile(r"[ \t\u00a0]{1,2}")


def _merge_predictions(text: str, predictions: Iterable[TokenPrediction]) -> Iterator[_Entity]:
    """Merge adjacent predictions of one kind to entities.

    Within a word a new beginning is ignored: models often predict B twice.
    """
    entity: _Entity | None = None
    for prediction in predictions:
        if prediction.kind is None or tokens.BARRIER in text[prediction.start : prediction.end]:
            continue
        if entity and entity.kind == prediction.kind and _is_adjacent(text[entity.end : prediction.start], prediction):
            entity.end = max(entity.end, prediction.end)
            entity.scores.append(prediction.score)
            continue
        if entity:
            yield entity
        entity = _Entity(prediction.start, prediction.end, prediction.kind, [prediction.score])
    if entity:
        yield entity


def _is_adjacent(between: str, prediction: TokenPrediction) -> bool:
    # 삼성 (B) 전자 (I) 네이버 (B) → "삼성 전자" and "네이버": after a blank only a continuation belongs to the name.
    return bool(_INVISIBLE.fullmatch(between) or (not prediction.begins and _BLANK.fullmatch(between)))


_PUNCTUATION = " \t\r\n\u00a0.,;:!?~…·'\"“”‘’`<>《》「」『』-–—"
# 박상은 may be 박상 and a particle: a full name of the usual form is taken as a name.
_FULL_NAME = re.compile("[김이박최정강조윤장임한오서신권황안송류유전홍고문양손배백허남심노하][가-힣]{2}")
_PARTICLE = re.compile(rf"(?:{PARTICLES}){{1,3}}")
_LEGAL_BEFORE = re.compile(rf"{BEFORE}$")
_LEGAL_BEHIND = re.compile(BEHIND)
_LEGAL_FORM_REACH = 12


def _trim(text: str, entity: _Entity) -> tuple[int, int]:
    """Return the span without punctuation and particles, with a company's legal form."""
    start, end = entity.start, entity.end
    while start < end and text[end - 1] in _PUNCTUATION:
        end -= 1
    while start < end and text[start] in _PUNCTUATION:
        start += 1
    if start > 0 and text[start - 1] == tokens.BARRIER and _PARTICLE.fullmatch(text, start, end):
        return start, start  # [회사]에서: only the particle of a masked name is left
    if entity.kind != "persons" or not _FULL_NAME.fullmatch(text, start, end) or "가" <= text[end : end + 1] <= "힣":
        end = _strip_particles(text, start, end)
    if not any(character.isalpha() for character in text[start:end]):
        return start, start
    if entity.kind == "companies":
        before = _LEGAL_BEFORE.search(text, max(0, start - _LEGAL_FORM_REACH), start)
        behind = _LEGAL_BEHIND.match(text, end)
        start, end = before.start() if before else start, behind.end() if behind else end
    return start, end


_WORD = re.compile(r"[^\s\ue000]{1,40}")
_AFTER_CONSONANT, _AFTER_VOWEL = "이은을과으", "가는를와"


def _strip_particles(text: str, start: int, end: int) -> int:
    """Return the end of the name before particles, or 이다, that Kiwi finds at its end.

    Particles count from there to beyond the span's end.
    """
    word_start = max(start, *(text.rfind(blank, start, end) + 1 for blank in " \t\u00a0"))
    word = _WORD.match(text, word_start)
    if word is None:
        return end
    # 김민수는 → 김민수: backwards from the end while morphemes are particles that fit the syllable before them.
    cut = end
    for token in reversed(analyse(word.group())):
        position = word_start + token.start
        if position >= end:
            continue
        if not token.tag.startswith(("J", "E", "VCP")):
            break
        if token.tag.startswith("J") and not _particle_agrees(text[position - 1 : position], token.form[0]):
            break
        cut = position
    return len(text[:cut].rstrip()) if start < cut else end


def _particle_agrees(before: str, particle: str) -> bool:
    """Whether the particle fits the syllable before it: 가은 is a name.

    이, 은, 을 follow a consonant, 가, 는, 를 a vowel.
    """
    if not "가" <= before <= "힣":
        return True
    # Syllables lie in blocks of 28 by final consonant, the first without one: 박은 fits, 가은 does not.
    consonant = (ord(before) - 0xAC00) % 28 > 0
    return not (particle in _AFTER_CONSONANT and not consonant) and not (particle in _AFTER_VOWEL and consonant)
