"""tokenizers 0.23: a panic of its Rust code as an error that callers expect."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

_PANIC = "PanicException"
"""Of pyo3_runtime, which cannot be imported. It is no Exception, so that `except Exception` misses it."""


@contextmanager
def panics_as_errors() -> Iterator[None]:
    """Raise ValueError for a panic within the block.

    A tokenizer.json can make the library panic while it is read, and at the first text as well. What Rust writes about
    it to stderr, a line or a backtrace, is held back, and so is all else there: keep the block short.
    """
    try:
        with _no_stderr():
            yield
    except BaseException as error:
        if type(error).__name__ != _PANIC:
            raise
        raise ValueError((str(error).splitlines() or ["the library panicked"])[0]) from None


@contextmanager
def _no_stderr() -> Iterator[None]:
    try:
        kept = os.dup(2)
    except OSError:  # it is closed
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
