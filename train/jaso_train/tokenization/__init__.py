"""Tokenizers trained on the corpus."""

from __future__ import annotations

from jaso_train.tokenization.options import TokenizerOptions
from jaso_train.tokenization.report import tokenizer_report, vocabulary_overlap
from jaso_train.tokenization.training import train_tokenizer

__all__ = ["TokenizerOptions", "tokenizer_report", "train_tokenizer", "vocabulary_overlap"]
