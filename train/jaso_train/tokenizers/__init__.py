"""Tokenizers trained on the corpus: BPE, WordPiece and Unigram."""

from __future__ import annotations

from jaso_train.tokenizers.options import TokenizerOptions
from jaso_train.tokenizers.report import tokenizer_report, vocabulary_overlap
from jaso_train.tokenizers.train_tokenizer import train_tokenizer

__all__ = ["TokenizerOptions", "tokenizer_report", "train_tokenizer", "vocabulary_overlap"]
