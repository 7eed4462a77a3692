"""Hidden names, headings, greetings and counters in the forms that sources use, by step."""

from __future__ import annotations

from pathlib import Path

import pytest

from jaso_core.records import Document, Item
from jaso_preprocess.steps import STEPS, EditStep


def cases() -> list[tuple[str, str]]:
    step, all_cases = "", []
    for line in (Path(__file__).parent / "source_marks.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("%%"):
            step = line.removeprefix("%%").split(",")[0].strip()
        elif line:
            all_cases.append((step, line))
    return all_cases


@pytest.mark.parametrize(("step", "case"), cases())
def test_marks_of_the_source(step: str, case: str) -> None:
    before, _, after = case.replace("¶", "\n").partition(" => ")
    item = STEPS.build({"name": step}, step).apply(Item("질문", before))
    assert isinstance(item, Item)
    assert (item.answer or "").rstrip("\n") == (after or before)


@pytest.mark.parametrize(
    ("kind", "spoken", "goes"),
    [
        ("interview", None, True),
        ("letter", None, False),
        ("letter", True, True),
        ("letter", "true", True),
        ("interview", False, False),
        ("interview", "0", False),
        ("letter", "maybe", False),
        ("dialogue", None, False),
    ],
)
def test_a_document_may_say_whether_it_was_spoken(kind: str, spoken: object, goes: bool) -> None:
    step = STEPS.build({"name": "fillers"}, "fillers")
    assert isinstance(step, EditStep)
    meta = {} if spoken is None else {"spoken": spoken}
    item = Item("질문", "어, 저는 음... 그 프로젝트를 했습니다.")
    document = Document("test:1", "test", kind, (item,), meta=meta)
    after = step.apply_to(document, item).answer
    assert after == ("저는 그 프로젝트를 했습니다." if goes else item.answer)
