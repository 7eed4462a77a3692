"""What tests use besides fixtures."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SHARED_DATA = ROOT.parent / "shared" / "data"


@dataclass(frozen=True)
class Ran:
    """A finished command."""

    code: int
    out: str
    err: str

    @property
    def error(self) -> str:
        """The one line that says what went wrong."""
        lines = [line for line in self.err.splitlines() if line.startswith("error: ")]
        assert len(lines) == 1, self.err
        return lines[0]


Jaso = Callable[..., Ran]


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """For who imports it. Such small models only wait for each other's threads when the machine is busy."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def run_here(*arguments: object) -> None:
    """`jaso …` in this process and on one thread, for a fixture that lives longer than `jaso`; it must succeed."""
    import torch

    from jaso_pipeline.cli.entry_point import main

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    with pytest.MonkeyPatch.context() as patch, pytest.raises(SystemExit) as stop:
        patch.setattr(sys, "argv", ["jaso"])
        main([str(argument) for argument in arguments])
    torch.set_num_threads(threads)
    assert not stop.value.code, arguments


def write_documents(path: Path, rows: list[tuple[str, str | None, str | None]], **meta: str) -> Path:
    """documents.jsonl of one-item documents: (id, question, answer)."""
    lines = [
        {"schema": 1, "id": name, "source": "test", "kind": "letter", "meta": meta,
         "items": [{"question": question, "answer": answer}]}
        for name, question, answer in rows
    ]  # fmt: skip
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")
    return path


def page_commands(name: str) -> list[str]:
    """The commands of jaso, make and Python in a page's ```bash blocks, without comments, `\\` at a line's end taken away;
    and README's table of commands."""
    text = (ROOT / name).read_text(encoding="utf-8").replace("\\\n", " ")
    found = []
    for block, row in re.findall(r"```bash\n(.*?)```|^\| (`(?:jaso|make) .*?) \|", text, re.DOTALL | re.MULTILINE):
        lines = block.splitlines() if block else re.findall(r"`(.+?)`", row) if name.startswith("README") else []
        found += [line.split("#")[0].strip() for line in lines if line.startswith(("jaso ", "make ", "python "))]
    return found
