"""Train a BPE, WordPiece or Unigram tokenizer on texts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from jaso_core.console import say
from jaso_core.errors import RequestError
from jaso_train.tokenizers.options import TokenizerOptions
from jaso_train.tokenizers.special_tokens import NAMED, SPECIAL_TOKENS, UNKNOWN
from jaso_train.tokenizers.word_counts import Words, count_words

if TYPE_CHECKING:
    from tokenizers.models import Model
    from transformers import PreTrainedTokenizerFast

_MIN_LEARNED_SHARE = 0.1
"""Of the tokens to learn: with a smaller share the vocabulary size or the texts are wrong."""


def train_tokenizer(texts: Iterable[str], options: TokenizerOptions, context: int) -> PreTrainedTokenizerFast:
    """Train a tokenizer on texts.

    Its first ids are the special tokens, then the alphabet, then what was learned. `texts` are read once; the same
    texts give the same tokenizer, in whatever order they come. `context`: the model's positions. Reports a vocabulary
    that stays smaller than requested; RequestError where hardly anything was learned.
    """
    from tokenizers import AddedToken, Tokenizer
    from transformers import PreTrainedTokenizerFast

    from jaso_train.tokenizers.pre_tokenization import decoder, full_pre_tokenizer

    if options.name == "pretrained":
        raise RequestError("config key 'tokenizer': this model brings none", "take tokenizer=bpe, wordpiece or unigram")
    words = count_words(texts, options.units, options.alphabet)
    capacity = options.vocabulary - len(SPECIAL_TOKENS) - len(words.alphabet)
    _check_words(words, options, capacity)
    model, learned = _train_model(words, options)
    _check_learned(words, options, capacity, learned)
    tokenizer = Tokenizer(model)
    tokenizer.pre_tokenizer = full_pre_tokenizer(options.units, words.alphabet)
    tokenizer.decoder = decoder(options.units)
    tokenizer.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in SPECIAL_TOKENS])
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, model_max_length=context, clean_up_tokenization_spaces=False, **NAMED
    )


def _train_model(words: Words, options: TokenizerOptions) -> tuple[Model, int]:
    """Return the trained model and the number of tokens that it learned."""
    from tokenizers import models

    from jaso_train.tokenizers.merges import by_frequency, by_likelihood, learn_merges
    from jaso_train.tokenizers.pre_tokenization import LONGEST
    from jaso_train.tokenizers.unigram import learn_unigram

    size = options.vocabulary - len(SPECIAL_TOKENS)
    unknown = UNKNOWN if options.units == "characters" else None
    if options.name == "unigram":
        pieces = learn_unigram(words, size, options.min_frequency, in_bytes=options.units == "bytes")
        special = [(token, 0.0) for token in SPECIAL_TOKENS]
        model: Model = models.Unigram([*special, *pieces], unk_id=SPECIAL_TOKENS.index(UNKNOWN), byte_fallback=False)
        return model, len(pieces) - len(words.alphabet)
    is_wordpiece = options.name == "wordpiece"
    score = by_likelihood if is_wordpiece else by_frequency
    tokens, merges = learn_merges(words, size, options.min_frequency, score, neighbours=is_wordpiece)
    ids = {token: i for i, token in enumerate([*SPECIAL_TOKENS, *tokens])}
    if is_wordpiece:
        model = models.WordPiece(ids, unk_token=UNKNOWN, max_input_chars_per_word=LONGEST, continuing_subword_prefix="")
    else:
        model = models.BPE(ids, merges, unk_token=unknown)
    return model, len(tokens) - len(words.alphabet)


def _check_words(words: Words, options: TokenizerOptions, capacity: int) -> None:
    if not words.words:
        raise RequestError("the training texts are too few for a tokenizer: they hold no word", "give more documents")
    if capacity < 1:
        raise RequestError(
            f"config key 'tokenizer.vocabulary': {options.vocabulary} is too small for {len(SPECIAL_TOKENS)} special "
            f"tokens and the {len(words.alphabet)} characters of the training texts",
            "raise it, set tokenizer.alphabet to keep the most frequent characters only, or tokenizer.units=bytes",
        )


def _check_learned(words: Words, options: TokenizerOptions, capacity: int, learned: int) -> None:
    reached = options.vocabulary - capacity + learned
    if learned < capacity * _MIN_LEARNED_SHARE:
        raise RequestError(
            f"the training texts are too few for a tokenizer of {options.vocabulary} tokens: they give {reached}",
            f"give more documents, or lower tokenizer.vocabulary to {reached} or less"
            if learned
            else "give more documents",
        )
    if learned < capacity:
        say(
            f"tokenizer: {reached:,} tokens instead of {options.vocabulary:,}: no more occur "
            f"{options.min_frequency:,} times in the training texts"
        )
    if words.unknown:
        say(f"tokenizer: {words.unknown:,} characters of the training texts are outside of its alphabet ({UNKNOWN})")
