"""Training data as metrics need it, for memorisation and leaks."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from jaso_core.errors import RequestError
from jaso_core.io.files import read_examples
from jaso_core.records import Example
from jaso_evaluate.metrics import Training


def read_training(path: Path) -> Training:
    """Read training texts: a folder of `jaso preprocess`, or one text per line.

    RequestError otherwise.
    """
    if path.is_dir():
        return training_from_examples(read_examples(path / "examples" / "train.parquet"))
    if path.suffix == ".parquet":
        return training_from_examples(read_examples(path))
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        cure = "give a folder of `jaso preprocess`, a .parquet of examples or a UTF-8 text file"
        raise RequestError(f"{path}: cannot be read as training texts ({error})", cure) from None
    return _training((line for line in lines if line.strip()), ())


def training_from_examples(examples: Iterable[Example]) -> Training:
    """Collect answers (with their summaries, if any) and companies of the examples."""
    records = list(examples)
    texts = [text for example in records for text in (example.answer, example.summary) if text]
    labelled = [(example.answer, example.occupation) for example in records if example.answer and example.occupation]
    return replace(_training(texts, (example.company for example in records if example.company)), labelled=labelled)


def _training(texts: Iterable[str], companies: Iterable[str]) -> Training:
    unique = list(dict.fromkeys(texts))
    digest = hashlib.sha256()
    for text in unique:
        digest.update(text.encode("utf-8", "surrogatepass") + b"\n")
    return Training(unique, sorted(set(companies)), digest.hexdigest()[:12])
