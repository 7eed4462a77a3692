"""Korean messages, pages and cards: particles, values in templates, users' texts that stay, and the setting."""

from __future__ import annotations

import pytest
from support import Jaso

from jaso_core.language import language, translate, use_language
from jaso_core.language.catalogue import Catalogue
from jaso_core.language.markup import translate_markdown, translate_page
from jaso_core.language.particles import choose_particles


@pytest.fixture
def korean(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JASO_LANG", "ko")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("파일을(를) 읽습니다", "파일을 읽습니다"),
        ("'자소서'을(를) 읽습니다", "'자소서'를 읽습니다"),
        ("서울(으)로 갑니다", "서울로 갑니다"),
        ("부산(으)로 갑니다", "부산으로 갑니다"),
        ("폴더 3이(가) 없습니다", "폴더 3이 없습니다"),
        ("폴더 2이(가) 없습니다", "폴더 2가 없습니다"),
        ("7(으)로 나눕니다", "7로 나눕니다"),
        ("10(으)로 나눕니다", "10으로 나눕니다"),
        ("21 %이(가) 같습니다", "21 %가 같습니다"),
        ("chrf은(는) 지표입니다", "chrf은(는) 지표입니다"),  # how it sounds is not known
    ],
)
def test_particles(text: str, expected: str) -> None:
    assert choose_particles(text) == expected


CATALOGUE = Catalogue.of(
    {
        "{}: no such file": "{1}: 그런 파일이 없습니다",
        "give the path of {}": "{1}의 경로를 주세요",
        "the table": "표",
        "{} rows of {} are empty": "{2}의 행 {1}개가 비어 있습니다",
        "{} rows": "{1}행",
        "test": "시험",
        "error:": "오류:",
        "{} wins clearly in {}.": "{1}가 이깁니다: {2}.",
        "the key '{}' is {}": "키 '{1}': {2}입니다",
        "the key '{}' is not set": "키 '{1}'의 값이 없습니다",
        "add {}=…": "{1}=…를 더하세요",
        "Distrust {}: {}": "{1}를 믿지 마세요: {2}",
        "{} of {} texts are equal to each other": "{2}편 중 {1}편이 같습니다",
    }
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a.csv: no such file", "a.csv: 그런 파일이 없습니다"),
        # The cure after the semicolon, the command before the colon, a phrase as a value.
        (
            "crawl: a.csv: no such file; give the path of the table",
            "crawl: a.csv: 그런 파일이 없습니다; 표의 경로를 주세요",
        ),
        ("the key 'a' is not set; add a=…", "키 'a'의 값이 없습니다; a=…를 더하세요"),
        ("the key 'a' is 3; or 4", "키 'a': 3; or 4입니다"),  # the clause after it is not known: a value
        ("3 rows of t.csv are empty", "t.csv의 행 3개가 비어 있습니다"),
        ("test: no such file", "test: 그런 파일이 없습니다"),  # a name, though it is a word of the catalogue
        ("it went over 3 rows", "it went over 3 rows"),  # unknown, and no half of it
        ("3 rows", "3행"),
        # A value with semicolons in it.
        ("compare: b wins clearly in a by 3; c by 4.", "compare: b가 이깁니다: a by 3; c by 4."),
        ("error: it broke", "error: it broke"),  # not half of it
        ("compare: no such file", "compare: 그런 파일이 없습니다"),
        # The template that begins with words of its own, though another has more of them.
        (
            "compare: Distrust b: 9 of 9 texts are equal to each other",
            "compare: b를 믿지 마세요: 9편 중 9편이 같습니다",
        ),
    ],
)
def test_templates_take_values(text: str, expected: str) -> None:
    assert CATALOGUE.translate(text) == expected


def test_a_page_keeps_what_people_wrote(korean: None) -> None:
    page = (
        "<title>Evaluation – jaso</title><style>main > p { color: red }</style><h2>Scores</h2>"
        '<div class="text" dir="auto">Scores <b>Measure</b></div><td class="mono">Measure</td><code>Scores</code>'
        '<p translate="no">Scores</p><p aria-label="Scores">\n  Measure\n</p>'
    )
    assert translate_page(page) == (
        "<title>평가 – jaso</title><style>main > p { color: red }</style><h2>점수</h2>"
        '<div class="text" dir="auto">Scores <b>Measure</b></div><td class="mono">Measure</td><code>Scores</code>'
        '<p translate="no">Scores</p><p aria-label="점수">\n  지표\n</p>'
    )


def test_a_value_stays_escaped(korean: None) -> None:
    assert translate_page("<p>Distrust &lt;b&gt;: x.</p>") == "<p>&lt;b&gt;을(를) 믿지 마세요: x.</p>"


def test_a_card_keeps_front_matter_and_code(korean: None) -> None:
    card = (
        "---\nlicense: mit\n---\n\n# Evaluation\n\n- Scores\n\n| Measure | Value |\n| --- | --- |\n\n```\nScores\n```\n"
    )
    assert translate_markdown(card) == (
        "---\nlicense: mit\n---\n\n# 평가\n\n- 점수\n\n| 지표 | 값 |\n| --- | --- |\n\n```\nScores\n```\n"
    )


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"JASO_LANG": "", "LC_ALL": "", "LC_MESSAGES": "", "LANG": "ko_KR.UTF-8"}, "ko"),
        ({"JASO_LANG": "", "LC_ALL": "C.UTF-8", "LC_MESSAGES": "", "LANG": "ko_KR.UTF-8"}, "en"),
        ({"JASO_LANG": "en", "LC_ALL": "ko_KR.UTF-8", "LC_MESSAGES": "", "LANG": ""}, "en"),
    ],
)
def test_the_locale_decides_unless_it_is_set(
    variables: dict[str, str], expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert language() == expected


def test_english_is_as_it_was() -> None:
    assert translate("Scores") == "Scores"
    assert translate_page("<h2>Scores</h2>") == "<h2>Scores</h2>"


def test_lang_is_a_key_of_every_command(jaso: Jaso, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JASO_LANG", "en")  # set back after the test
    ran = jaso("trian", "lang=ko")
    assert ran.code == 2
    message = "오류: 명령 'trian'을(를) 알 수 없습니다; 'train'을(를) 뜻하셨나요? (있는 것: crawl, "
    assert ran.err.startswith(message)
    use_language("en")
    ran = jaso("train", "lang=fr")
    assert (ran.code, ran.error) == (2, "error: 'fr' is no language of jaso: en, ko; give lang=en or lang=ko")
