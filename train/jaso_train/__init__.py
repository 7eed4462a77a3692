"""Train: examples in, a model with its tokenizer and its prompt format out."""

import jaso_core  # noqa: F401 - makes former module paths importable
