"""Preprocessing: documents in; clean, split examples and sentences out.

What is dropped is kept with its reason.
"""

import jaso_core  # noqa: F401 - makes former module paths importable
