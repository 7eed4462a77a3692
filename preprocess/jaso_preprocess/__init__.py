"""Preprocess: documents in, clean and split examples and sentences out; what is dropped is kept with its reason."""

import jaso_core  # noqa: F401 - makes former module paths importable
