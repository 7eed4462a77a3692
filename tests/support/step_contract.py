"""What every step that edits keeps, on texts that nobody would write."""

from __future__ import annotations

from hypothesis import strategies as st

from jaso_core.text.edits import apply_edits
from jaso_preprocess.steps import STEPS, EditStep

PIECES = tuple(
    part
    for line in (
        '어 음, 그 뭐 이제 막 제, 제가|그 과정|[성장]|<제목>|"말"|#꿈|■ 꿈|1. 지원동기|지원동기 : |다.|습니다.|OOO|○○|XX|***|**|ㅇㅇ|△△'
        "|김|교수님|에서|ㅋㅋㅋㅋ|!!!!|....|……|發展|도전(挑戰)|(|)|六月|女|\uf981|あ|&nbsp;|&lt;br&gt;|&amp;amp;lt;|<b>|</p>|<|>|&|;"
        "|\n|\n\n| |  |\t|저는 언제나 새로운 일에 도전하며 배우는 사람으로 자라 왔습니다.|𗀀|👩\u200d💻|\u200b|ㅠ|ᄏ|1000000원|é",
    )
    for part in line.split("|")
)
ODD = st.characters(exclude_categories=["Cs"])
TEXTS = st.lists(st.one_of(st.sampled_from(PIECES), st.text(ODD, max_size=3)), max_size=14).map("".join)


def check(name: str, text: str, field: str = "answer") -> None:
    """The edits are valid, settle at once, and put in nothing but what the step may put in."""
    step = STEPS.build({"name": name}, name)
    assert isinstance(step, EditStep)
    edits = list(step.edits(text, field))
    after = apply_edits(text, edits)  # raises where they overlap or are out of order
    assert list(step.edits(text, field)) == edits
    assert list(step.edits(after, field)) == []
    assert all(edit.kind for edit in edits)
    assert all(text[edit.start : edit.end] != edit.replacement for edit in edits)
