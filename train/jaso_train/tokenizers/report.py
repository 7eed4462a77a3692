"""Tokenizer statistics on texts, and the overlap of two vocabularies."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

from jaso_core.modeling.encode import encode_text
from jaso_train.schema import TokenCount, TokenizerReport, VocabularyOverlap
from jaso_train.tokenizers.pre_tokenization import SPACE, unicode_to_byte
from jaso_train.tokenizers.special_tokens import SPECIAL_TOKENS

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

_TOP = 20


def tokenizer_report(tokenizer: PreTrainedTokenizerFast, texts: Iterable[str]) -> TokenizerReport:
    """Return tokenizer statistics over plain texts, ready for JSON.

    Special tokens that were typed in a text are text. `eojeol`: words between white space; `fertility`: tokens an
    eojeol; shares lie between 0 and 1; None where the texts are empty. `not_returned`: texts that do not come back
    unchanged from their tokens. `vocabulary`: tokens without the special ones, and those of them that the texts use.
    `frequent`: a space is shown as ▁, a byte as \\xed.
    """
    counts: Counter[int] = Counter()
    count = characters = eojeol = not_returned = 0
    for text in texts:
        ids = encode_text(text, tokenizer)
        counts.update(ids)
        count += 1
        characters += len(text)
        eojeol += len(text.split())
        not_returned += tokenizer.decode(ids, clean_up_tokenization_spaces=False) != text
    tokens = counts.total()
    unknown = counts[tokenizer.unk_token_id] if tokenizer.unk_token_id is not None else 0
    plain = set(tokenizer.get_vocab().values()) - _special_ids(tokenizer)
    used = len(plain & set(counts))
    return {
        "texts": count,
        "characters": characters,
        "eojeol": eojeol,
        "tokens": tokens,
        "fertility": _ratio(tokens, eojeol),
        "characters_per_token": _ratio(characters, tokens),
        "unknown": {"tokens": unknown, "share": _ratio(unknown, tokens)},
        "not_returned": not_returned,
        "vocabulary": {"size": len(plain), "used": used, "used_share": _ratio(used, len(plain))},
        "frequent": _frequent(tokenizer, counts),
    }


def vocabulary_overlap(
    tokenizer: PreTrainedTokenizerFast, other_tokenizer: PreTrainedTokenizerFast
) -> VocabularyOverlap:
    """Count the tokens that two vocabularies share, special ones left out.

    Compared by the bytes that they represent, not by spelling. `shared`, `only_first`, `only_second`: tokens;
    `jaccard`: shared of all, between 0 and 1.
    """
    first, second = _token_bytes(tokenizer), _token_bytes(other_tokenizer)
    shared = len(first & second)
    return {
        "shared": shared,
        "only_first": len(first) - shared,
        "only_second": len(second) - shared,
        "jaccard": _ratio(shared, len(first | second)),
    }


def readable(tokenizer: PreTrainedTokenizerFast, token: str) -> str:
    """Return a token as text: a space as ▁, bytes of partial characters as \\xed."""
    return _bytes(tokenizer, token).decode("utf-8", "backslashreplace").replace(" ", SPACE)


def _frequent(tokenizer: PreTrainedTokenizerFast, counts: Counter[int]) -> list[TokenCount]:
    first = sorted(counts, key=lambda i: (-counts[i], i))[:_TOP]
    spelt = tokenizer.convert_ids_to_tokens(first)
    return [{"token": readable(tokenizer, token), "count": counts[i]} for token, i in zip(spelt, first, strict=True)]


def _token_bytes(tokenizer: PreTrainedTokenizerFast) -> set[bytes]:
    special = _special_ids(tokenizer)
    return {_bytes(tokenizer, token) for token, i in tokenizer.get_vocab().items() if i not in special}


def _bytes(tokenizer: PreTrainedTokenizerFast, token: str) -> bytes:
    """Return the UTF-8 bytes that a token represents."""
    from tokenizers.decoders import ByteLevel

    spelling = unicode_to_byte()
    if isinstance(tokenizer.backend_tokenizer.decoder, ByteLevel) and all(sign in spelling for sign in token):
        return bytes(spelling[sign] for sign in token)
    return token.replace(SPACE, " ").encode()


def _special_ids(tokenizer: PreTrainedTokenizerFast) -> set[int]:
    """Return the ids of special tokens, markers included.

    KoGPT2's tokenizer.json does not flag markers in all cases.
    """
    flagged = {i for i, token in tokenizer.added_tokens_decoder.items() if token.special}
    vocabulary = tokenizer.get_vocab()
    return flagged | {vocabulary[token] for token in SPECIAL_TOKENS if token in vocabulary}


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None
