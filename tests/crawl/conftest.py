"""Small things that several crawl tests share."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Crawl = Callable[..., Path]


@pytest.fixture
def crawl(tmp_path: Path) -> Crawl:
    """Runs `jaso crawl` with the given config keys; returns the folder it filled."""
    from jaso_crawl.run import run, settings

    def do(name: str = "out", **config: Any) -> Path:
        out = tmp_path / name
        run(settings({"out": str(out), **config}))
        return out

    return do


@pytest.fixture
def read_lines() -> Callable[[Path], list[dict[str, Any]]]:
    """The objects of a JSONL file."""
    return lambda path: [json.loads(line) for line in path.read_text("utf-8").splitlines()]
