"""How single texts are shown and marked, and which of them are chosen."""

from __future__ import annotations

import numpy as np
import pytest

from jaso_core.report.text_markup import MAX_CHARACTERS, common_spans, plain, render_text, visible_part
from jaso_evaluate.report.flags import Flag
from jaso_evaluate.report.ranks import agreement, percentile_ranks
from jaso_evaluate.report.text_selection import Ranking, choose


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("", ""),
        ("가 <b>&\"'", "가 &lt;b&gt;&amp;&#34;&#39;"),
        ("줄\r\n바꿈\t탭", "줄\n바꿈\t탭"),
        ("👨\u200d👩\u200d👧 🏳\ufe0f\u200d🌈 👍🏽", "👨\u200d👩\u200d👧 🏳\ufe0f\u200d🌈 👍🏽"),
        ("e\u0301 한글", "e\u0301 한글"),
        ("\u1112\u1161\u11ab", "\u1112\u1161\u11ab"),  # 한 in NFD
    ],
)
def test_what_is_shown_as_it_is(text: str, html: str) -> None:
    assert render_text(text) == html


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("가\u202e나", "가[U+202E]나"),
        ("\x00", "[U+0000]"),
        ("한\x1b[31m줄", "한[U+001B][31m줄"),
        ("가\u200b\u200b\u200b나", "가[U+200B ×3]나"),
        ("가\u200d나", "가[U+200D]나"),
        ("\u2066가\u2069", "[U+2066]가[U+2069]"),
        ("\u0301가", "[U+0301]가"),
        ("\u3164", "[U+3164]"),
        ("\ue000\ufeff", "[U+E000][U+FEFF]"),
        ("\U000e0041", "[U+E0041]"),
    ],
)
def test_what_cannot_be_seen_is_shown_by_its_code(text: str, code: str) -> None:
    html = str(render_text(text))
    assert plain(text) == code
    assert html.count('class="control"') == code.count("[U+")
    assert "[U+000D]" in render_text("한\r줄")
    assert not set(html) & set("\u202e\x00\r\u200b\u200d\u2066\u2069\u0301\u3164\ue000\ufeff\U000e0041")


def test_long_texts_are_cut_and_say_so() -> None:
    assert visible_part("가" * 100_000) == "가" * MAX_CHARACTERS
    assert "(97,000 more characters)" in render_text("가" * 100_000)
    assert "(3 more characters)" in render_text("가나다라마", max_length=2)
    assert visible_part("가e\u0301\u0302나", max_length=2) == "가"  # not between a letter and its accents
    assert len(render_text("\u202e\u202d" * 1_000_000)) < 30_000  # boxes are bounded too
    assert plain("가" * 100, max_length=5) == "가가가가…"
    assert plain(" 두\n\n줄 ") == "두 줄"


@pytest.mark.parametrize(
    ("text", "other", "marked"),
    [
        ("", "가나", []),
        ("같은 글", "같은 글", ["같은"]),  # single syllables tell nothing
        ("고객의 목소리를", "목소리를 듣다", ["목소리를"]),
        ("일했습니다. 그", "잤습니다. 그", []),  # five characters, blanks aside
        ("안했습니다. 그리고", "또했습니다. 이후 잤습니다. 그래서", []),  # two runs of five, apart
        ("저는 팀장을맡아이끌며", "또 팀장을 맡아 이끌다", ["팀장을맡아이끌"]),
        ("프로젝트리더로서", "우리프로젝트리더였다", ["프로젝트리더"]),
        ("가나다 라마바 사", "ㄱ가나다 라마바 아", ["가나다 라마바"]),
        ("👍🏽모두함께했다", "👍🏿모두함께했다", ["모두함께했다"]),
    ],
)
def test_marks_by_hand(text: str, other: str, marked: list[str]) -> None:
    assert [text[start:end] for start, end in common_spans(text, other)] == marked


def test_marks_do_not_tear_what_belongs_together() -> None:
    text = "\u1112\u1161\u11ab" * 3 + "x"  # 한한한 in NFD
    for start, end in common_spans(text, "\u1161\u11ab" + text[:7]):
        assert start % 3 == 0
        assert end % 3 == 0
    assert "<mark>같은글</mark>" in render_text("같은글 하나", [(0, 3)])


def test_marks_of_very_long_texts() -> None:
    text = "가나다라마바사" * 15_000
    assert common_spans(text, text) == [(0, len(text))]
    assert common_spans("가" * 100_000, "나" * 100_000) == []


def test_places_by_hand() -> None:
    values = np.array([10.0, np.nan, 30.0, 20.0, 20.0])
    assert percentile_ranks(values, True).tolist() == pytest.approx([0, np.nan, 1, 0.5, 0.5], nan_ok=True)
    assert percentile_ranks(values, False).tolist() == pytest.approx([1, np.nan, 0, 0.5, 0.5], nan_ok=True)
    assert percentile_ranks(np.array([5.0]), True).tolist() == [0.5]
    assert percentile_ranks(np.array([]), True).tolist() == []


def test_agreement_by_hand() -> None:
    # d = 0, 1, −1, 0, 0: 1 − 6·2/(5·24) = 0.9
    assert agreement(np.array([1.0, 2, 3, 4, 5]), np.array([10.0, 30, 20, 40, 50])) == pytest.approx(0.9)
    assert agreement(np.array([1.0, 1, 1]), np.array([1.0, 2, 3])) is None
    assert agreement(np.array([1.0, np.nan, 3]), np.array([1.0, 2, 3])) is None


def ranking_of(n: int, **changed: list[float]) -> Ranking:
    straight = np.linspace(0, 1, n)
    found = {"chrf": straight, "rouge1_kiwi": straight.copy()}
    for name, values in changed.items():
        found[name][: len(values)] = values
    return Ranking("chrf", found)


def test_texts_that_measures_disagree_on_come_first() -> None:
    """Of 100 texts, 10 and 11 are low by chrF and high by ROUGE; 12 has no ROUGE and cannot disagree."""
    ranked = ranking_of(100)
    for i, value in ((10, 0.95), (11, 1.0), (12, np.nan)):
        ranked.percentile_ranks["rouge1_kiwi"][i] = value
    sections = {s.title: s.rows for s in choose(100, ranked, [[]] * 100)}
    assert sections["The first ones"] == [0, 1, 2, 3, 4, 5]
    assert sections["Measures disagree most"] == [11, 10]
    assert sections["Highest chrf"] == [99, 98, 97, 96, 95, 94]
    assert sections["Lowest chrf"] == [13, 12, 9, 8, 7, 6]
    assert sorted(i for rows in sections.values() for i in rows) == list(range(100))


def test_flagged_texts_have_a_section_unless_most_are() -> None:
    leak, cut = Flag("leak_company", "names a company", 0), Flag("cut_at_limit", "cut", 1)
    flags = [[cut] for _ in range(60)]
    flags[30] = [leak, cut]
    flags[31] = [Flag("loops", "loops", 2)]
    sections = {s.title: s.rows for s in choose(60, Ranking(None, {}), flags)}
    assert sections["Something is wrong"] == [30, 31]


@pytest.mark.parametrize("n", [1, 2, 7, 25, 200, 201, 1000])
def test_every_text_stands_once_and_at_most_two_hundred(n: int) -> None:
    for ranked in (ranking_of(n), Ranking(None, {})):
        rows = [i for section in choose(n, ranked, [[]] * n) for i in section.rows]
        assert len(rows) == len(set(rows)) == min(n, 200)
