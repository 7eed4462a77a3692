"""A prompt format that reads what examples do not have is refused in one line that lists the fields."""

from __future__ import annotations

from pathlib import Path

import pytest

from jaso_core.errors import RequestError
from jaso_core.prompts import PROMPTS

HEAD = """
from jaso_core.prompts import PROMPTS
from jaso_core.prompts.base import Piece, PromptFormat

@PROMPTS.register("mine")
class Mine(PromptFormat):
    \"\"\"Mine.\"\"\"
    name = "mine"
    reads = ("question",)
    def __init__(self, options):
        pass
"""
CLASSES = {
    "reads": 'reads = ("question", "gender")\n    def context(self, e):\n        return (Piece(self.value(e, "question")),)',
    "writes": 'writes = "letter"\n    def context(self, e):\n        return (Piece(self.value(e, "question")),)',
    "value": 'def context(self, e):\n        return (Piece(self.value(e, "gender")),)',
    "attribute": "def context(self, e):\n        return (Piece(e.gender),)",
    "getattr": 'def context(self, e):\n        return (Piece(getattr(e, "gender")),)',
    "near": 'reads = ("quesiton",)\n    def context(self, e):\n        return ()',
}
LISTING = "question, answer, summary, occupation, experience, role, company"


@pytest.mark.parametrize("kind", CLASSES)
def test_a_class_of_ones_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    (tmp_path / "prompt").mkdir()
    (tmp_path / "prompt" / "mine.py").write_text(f"{HEAD}    {CLASSES[kind]}\n", encoding="utf-8")
    monkeypatch.setenv("JASO_EXTENSIONS", str(tmp_path))
    monkeypatch.setattr(PROMPTS, "_entries", dict(PROMPTS._entries))
    with pytest.raises(RequestError) as refused:
        PROMPTS.build({"name": "mine"}, "prompt")
    message = str(refused.value)
    assert "prompt format 'mine' reads '" in message
    assert "which is no field of an example; " in message
    assert LISTING in message
    assert "\n" not in message


@pytest.mark.parametrize(
    "node",
    [
        {"reads": ["gender"]}, {"reads": ["question", "gender"]}, {"reads": ["quesiton"]}, {"reads": ["질문"]},
        {"reads": ["question"], "writes": "letter"}, {"reads": [""]}, {"reads": ["Question"]}, {"reads": ["question "]},
        {"reads": ["meta"]}, {"reads": ["question.text"]},
    ],
)  # fmt: skip
def test_a_format_of_data(node: dict[str, object]) -> None:
    with pytest.raises(RequestError) as refused:
        PROMPTS.build({"name": "mine", **node}, "prompt")
    assert "is no field of an example" in str(refused.value)
    assert LISTING in str(refused.value)


@pytest.mark.parametrize("name", PROMPTS.names())
def test_the_shipped_formats_are_what_they_were(name: str) -> None:
    assert PROMPTS.build({"name": name}, "prompt").name == name
