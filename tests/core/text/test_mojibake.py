"""Korean that was read in a wrong encoding is told from Korean, hanja, Chinese, Japanese and Western text."""

from __future__ import annotations

import pytest

from jaso_core.text.mojibake import is_mojibake, mojibake_words

KOREAN = {
    "a heading": "자기소개서",
    "a greeting": "안녕하세요",
    "a question": "지원 동기를 쓰십시오.",
    "a sentence": "저는 가상전자에서 일하며 많은 것을 배웠습니다.",
    "a paragraph": "성장 과정과 입사 후 포부를 쓰겠습니다.\n끝까지 책임지는 사람이 되겠습니다. 2023년에는 3명과 함께 일했습니다.",
    "half English": "Python과 SQL로 데이터를 분석하고 Tableau로 보고서를 만들었습니다.",
}
# What the bytes were written in, and what they were read as; "ignore": what could not be read was deleted.
WAYS = [
    ("utf-8", "cp949", "replace"), ("utf-8", "cp949", "ignore"), ("utf-8", "cp1252", "replace"),
    ("utf-8", "latin-1", "strict"), ("utf-8", "mac_roman", "replace"), ("utf-8", "gb18030", "replace"),
    ("cp949", "utf-8", "replace"), ("cp949", "latin-1", "strict"), ("cp949", "cp1252", "replace"),
    ("cp949", "mac_roman", "replace"),
]  # fmt: skip
WRITTEN_OUT = [
    "�옄湲곗냼媛쒖꽌", "옄湲곗냼媛쒖꽌", "?옄湲곗냼媛쒖꽌", "ÀÚ±â¼Ò°³¼\xad", "ìž\x90ê¸°ì†Œê°œì„œ",
    "�ڱ�Ұ���", "吏썝 룞湲", "븞뀞븯꽭슂", "ﾀﾚｱ箴ﾒｰｳｼｭｸｦ ｾｲｽﾊｽﾃｿﾀ", "磊扁家俺辑甫 静绞矫坷", "�뿴�젙",
]  # fmt: skip
GOOD = [
    "저는 끈기를 가지고 일하는 사람입니다.", "좋은 글\ufffd입니다.", "\ufffd", "\ufffd\ufffd", "두 글자가 \ufffd\ufffd 깨진 답변입니다. 나머지는 멀쩡합니다.",
    "삶의 價値와 目標를 세우고 挑戰했습니다.", "大韓民國은 民主共和國이다. 大韓民國의 主權은 國民에게 있다.", "學歷 經歷 資格 特技 趣味",
    "自己紹介書는 自筆로 쓴다.", "도전(挑戰) 정신과 창의(創意)", "金哲洙", "三年間 日本에서 留學",
    "我们热爱祖国和人民，一直努力学习。", "私は大学でたくさんのことを勉強しました。", "東京大学大学院工学系研究科",
    "Même l'été, les élèves étaient très fatigués à l'école.", "Über die Straße möchte ich größere Änderungen führen.",
    "São Paulo não é a capital: é Brasília.", "25℃에서 ±0.5℃ 오차로 ½을 재고 µm 단위로 °를 맞췄습니다.", "뷁스러운 햏자", "똠방각하와 펲시콜라",
    "①②③ ★☆ ㉠ ㈜가상", "ㅋㅋㅋ ㅠㅠ ㄱㅅ", "햄버거를 먹었다. 뿌듯했다. 쌰앙!", "ﾊﾟｿｺﾝ", "x² + y³ ≤ ∞, α·β ≠ γ", "café에서 crème brûlée를 만들었습니다.",
    "", "   ", "1234 ????", "???",
]  # fmt: skip


@pytest.mark.parametrize("text", KOREAN)
@pytest.mark.parametrize("way", WAYS, ids=" as ".join)
def test_korean_in_a_wrong_encoding_is_seen(text: str, way: tuple[str, str, str]) -> None:
    written, read, errors = way
    assert not is_mojibake(KOREAN[text])
    assert is_mojibake(KOREAN[text].encode(written).decode(read, errors))


@pytest.mark.parametrize("text", WRITTEN_OUT)
def test_mojibake_as_people_paste_it_is_seen(text: str) -> None:
    assert is_mojibake(text)


@pytest.mark.parametrize("text", GOOD)
def test_other_text_is_none(text: str) -> None:
    assert not is_mojibake(text)
    assert not list(mojibake_words(text))


def test_a_broken_word_in_good_text_is_found() -> None:
    text = "저는 湲곗냼媛쒖꽌 라는 글을 읽고 挑戰을 배웠습니다."
    assert not is_mojibake(text)
    assert [text[start:end] for start, end in mojibake_words(text)] == ["湲곗냼媛쒖꽌"]
