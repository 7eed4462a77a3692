"""Characters of Excel, of old keyboards and of nothing at all are normalised."""

from __future__ import annotations

import pytest

from jaso_core.records import Item
from jaso_preprocess.steps import STEPS


def cleaned(text: str) -> str | None:
    after = STEPS.build({"name": "unicode"}, "unicode").apply(Item("질문", text))
    assert isinstance(after, Item)
    return after.answer


# Excel writes a character that XML has not, and a carriage return, as _xHHHH_.
ESCAPES = {
    "첫 줄_x000D_\n둘째 줄": "첫 줄\n둘째 줄",
    "첫 줄_x000D_둘째 줄": "첫 줄\n둘째 줄",
    "첫 줄_x000d_\n": "첫 줄\n",
    "첫 줄_x000A_둘째 줄": "첫 줄\n둘째 줄",
    "첫 줄_x000D__x000A_둘째 줄": "첫 줄\n둘째 줄",
    "_x000D_\n_x000D_\n둘째 문단": "\n\n둘째 문단",
    "끝_x000D_": "끝\n",
    "탭_x0009_뒤": "탭\t뒤",
    "세로_x000B_탭": "세로\n탭",
    "종_x0007_소리": "종소리",
    "_x001F_단위": "단위",
    "빈칸_x00A0_하나": "빈칸 하나",
    "폭_x200B_없음": "폭없음",
    "표시_xFEFF_": "표시",
    "밑줄_x005F_하나": "밑줄_하나",
    "글자_xAC00_": "글자가",
    "웃음_xD83D__xDE00_": "웃음😀",
    "Python_x000D_\nSQL": "Python\nSQL",
    "Python_x000D_SQL": "Python\nSQL",
    "끝.) _x000D_ 다음": "끝.) \n 다음",
}
# Fillers show a blank or nothing; half-width letters are those of a terminal of the eighties.
FILLERS = {
    "저는\u3164성실합니다": "저는 성실합니다",
    "저는\uffa0성실합니다": "저는 성실합니다",
    "저는\u115f성실합니다": "저는성실합니다",
    "저는\u1160성실합니다": "저는성실합니다",
    "저는\u2800성실합니다": "저는 성실합니다",
    "저는\u180e성실합니다": "저는성실합니다",
    "저는\u034f성실합니다": "저는성실합니다",
    "저는\u061c성실합니다": "저는성실합니다",
    "저는\u2063성실합니다": "저는성실합니다",
    "\u3164\u3164제목": "  제목",
    "제목\u3164\n본문": "제목 \n본문",
}
HALF_WIDTH = {
    "\uffa1\uffc2": "가", "\uffb1\uffc2\uffa4": "만", "\uffb7\uffc2\uffa4\uffa4\uffca\uffb7": "안녕",
    "\uffbb\uffbb\uffbb": "ㅋㅋㅋ", "\uffd7\uffd7": "ㅠㅠ", "\uffb1\uffb2": "ㅁㅂ", "\uffdc": "ㅣ", "\uffa1": "ㄱ", "값\uffa1": "값ㄱ",
    "\uffa1\uffc2\uffa3": "갃", "\uffa1\uffc2\uffa4\uffc2": "가나", "\uffa8\uffc2\uffa8": "따ㄸ",
}  # fmt: skip
# What looks like an escape and is a name, or is a plain character.
RIGHT = [
    "tile_x0012_y0034",
    "img_x00ff_2",
    "a_x1234_b",
    "_x12_",
    "_x00G0_",
    "max_x",
    "x000D",
    "변수 _x 는",
    "ㅋㅋㅋ ㅠㅠ",
    "❤️와 👨‍👩‍👧",
    "가_나_다",
]
CASES = {**ESCAPES, **FILLERS, **HALF_WIDTH, **{text: text for text in RIGHT}}


@pytest.mark.parametrize("text", CASES, ids=ascii)
def test_a_character_has_one_spelling(text: str) -> None:
    assert cleaned(text) == CASES[text]
    assert cleaned(CASES[text]) == CASES[text]
