"""A tiny model trained through the face, once for all tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from api_support import TINY
from support import one_thread  # noqa: F401 - a fixture, for all tests here

import jaso


@pytest.fixture(scope="session")
def trained(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A train folder, with the occupation in the prompt."""
    out = tmp_path_factory.mktemp("api") / "train"
    return jaso.train(corpus, out=out, prompt="occupation_question_answer", **TINY)


@pytest.fixture(scope="session")
def model(trained: Path) -> Iterator[jaso.Model]:
    with jaso.load(trained) as model:
        yield model
