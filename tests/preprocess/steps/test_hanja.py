"""Hanja are read as a Korean reader reads them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from step_contract import TEXTS, check

from jaso_core.records import Item
from jaso_preprocess.hanja.reader import may_be_read, read
from jaso_preprocess.hanja.table import readings
from jaso_preprocess.steps import STEPS


def cleaned(text: str) -> str | None:
    step = STEPS.build({"name": "hanja"}, "hanja")
    after = step.apply(Item("質問", text))
    assert isinstance(after, Item)
    assert after.question == "질문"
    return after.answer


def test_every_hanja_of_the_standard_is_in_the_table() -> None:
    table = readings()
    assert sum(len(bytes(char, "euc_kr", "ignore")) == 2 for char in table) == 4620
    assert (table["伽"], table["詰"]) == (("가",), ("힐",))
    assert table["樂"] == ("락", "낙", "악", "요")
    assert table["女"] == ("녀", "여")


@pytest.mark.parametrize(
    "words",
    ["發展 발전", "女子 여자", "男女 남녀", "樂園 낙원", "音樂 음악", "娛樂 오락", "李氏 이씨", "歷史 역사", "經歷 경력", "勞動 노동", "來日 내일",
     "理解 이해", "管理 관리", "六月 유월", "十月 시월", "六十 육십", "十六 십육", "五六月 오뉴월", "金氏 김씨", "金融 금융", "金曜日 금요일", "自轉車 자전거",
     "汽車 기차", "不動産 부동산", "不正 부정", "不足 부족", "不實 부실", "不可能 불가능", "失敗率 실패율", "比率 비율", "成功率 성공률", "率直 솔직",
     "統率 통솔", "法律 법률", "規律 규율", "羅列 나열", "行列 행렬", "先烈 선열", "敗北 패배", "北韓 북한", "貿易 무역", "容易 용이", "降伏 항복",
     "下降 하강", "復活 부활", "復習 복습", "殺到 쇄도", "殺人 살인", "省略 생략", "反省 반성", "狀態 상태", "賞狀 상장", "更新 갱신", "變更 변경",
     "困難 곤란", "許諾 허락", "承諾 승낙", "喜怒哀樂 희로애락", "標識 표지", "知識 지식", "洞察 통찰", "空洞 공동", "一切 일체", "親切 친절",
     "惡化 악화", "憎惡 증오", "說明 설명", "遊說 유세", "綠茶 녹차", "茶道 다도", "便利 편리", "便所 변소", "住宅 주택", "年度 연도", "來年 내년",
     "會計年度 회계연도", "百年大計 백년대계", "海外旅行 해외여행", "新女性 신여성", "男尊女卑 남존여비", "進退兩難 진퇴양난", "競爭力 경쟁력",
     "生産量 생산량", "大理石 대리석", "非論理的 비논리적", "中高年層 중고년층", "二十六年 이십육년", "自己紹介書 자기소개서", "研究 연구", "教授 교수"],
)  # fmt: skip
def test_a_word_is_read(words: str) -> None:
    hanja, hangul = words.split()
    assert read(hanja) == hangul
    assert cleaned(f"그는 {hanja}") == f"그는 {hangul}"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("\uf981性과 \uf9e4解", "여성과 이해"),  # compatibility ideographs
        ("2020年 3月, 3年間, 몇 年", "2020년 3월, 3년간, 몇 년"),
        ("해외旅行과 경쟁力", "해외여행과 경쟁력"),
        ("합격率과 비율率", "합격률과 비율률"),
        ("그럴 理가 없다.", "그럴 리가 없다."),
        ("金哲洙 씨", "김철수 씨"),
        ("學歷 經歷 資格 特技 趣味", "학력 경력 자격 특기 취미"),
    ],
)
def test_what_stands_beside_decides(before: str, after: str) -> None:
    assert cleaned(before) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("도전(挑戰)과 挑戰(도전)", "도전과 도전"),
        ("도전 (挑戰)과 挑戰 (도전)", "도전과 도전"),
        ("자기 소개(自己紹介)를", "자기 소개를"),
        ("이순신(李舜臣, 1545~1598)", "이순신(1545~1598)"),
        ("김(金) 씨와 자동차(自動車)", "김 씨와 자동차"),
        ("가상사(株)", "가상사(주)"),  # no reading of what stands before: read in its place
        ("배(船)와 배(梨)", "배(선)와 배(이)"),
        ("美(아름다움)", "미(아름다움)"),
    ],
)
def test_a_gloss_says_nothing_new(before: str, after: str) -> None:
    assert cleaned(before) == after


@pytest.mark.parametrize(
    "text",
    ["我爱你中国", "그는 \"學而時習之不亦說乎\"라고 했다.", "日本の大学で勉強", "そして 努力", "최고 乃", "㐀자", "々", "한글만 있는 글", "Café 123"],
)  # fmt: skip
def test_chinese_japanese_and_unknown_characters_stay(text: str) -> None:
    assert cleaned(text) == text


def test_a_reading_must_fit_each_character() -> None:
    assert may_be_read("挑戰", "도전")
    assert may_be_read("女", "여")
    assert may_be_read("六月", "유월")
    assert not may_be_read("挑戰", "도")
    assert not may_be_read("挑戰", "노력")


@pytest.mark.slow
@given(TEXTS)
@settings(derandomize=True, database=None, deadline=None, max_examples=500)
def test_the_contract_holds_on_any_text(text: str) -> None:
    check("hanja", text)
