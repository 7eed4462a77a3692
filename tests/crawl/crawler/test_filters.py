"""Which letters a user gets who asks for years, a company, words of a role, or a number of letters."""

from __future__ import annotations

import pytest

from jaso_core.errors import RequestError
from jaso_core.records import Document
from jaso_crawl.crawler.filters import Filters


def letter(company: str | None = None, season: str | None = None, role: str | None = None) -> Document:
    return Document(id="x:1", source="x", kind="letter", company=company, season=season, role=role, items=())


def years_wanted(period: str | None) -> list[int]:
    filters = Filters(period)
    return [year for year in range(2018, 2026) if filters.matches(letter(season=f"{year}년 상반기"))]


@pytest.mark.parametrize(
    ("period", "years"),
    [
        ("2021-2023", [2021, 2022, 2023]),
        (" 2021 - 2023 ", [2021, 2022, 2023]),
        ("2022-2022", [2022]),
        ("2022", [2022]),
        ("2023-", [2023, 2024, 2025]),
        ("2023 -", [2023, 2024, 2025]),
        ("-2019", [2018, 2019]),
        (None, list(range(2018, 2026))),
    ],
)
def test_a_period_is_years_included(period: str | None, years: list[int]) -> None:
    assert years_wanted(period) == years


@pytest.mark.parametrize(
    "period",
    ["", "-", "21-23", "2021~2023", "2021-2023-2024", "2021년", "last", "202", "20212023", "2021 2023", "20210101"],
)
def test_what_is_no_period_is_told_with_its_cure(period: str) -> None:
    with pytest.raises(RequestError) as raised:
        Filters(period)
    assert raised.value.what == f"config key 'period': '{period}' is no period".rstrip()
    assert raised.value.cure == "write 2021-2023, 2021-, or 2022"


def test_a_period_that_runs_backwards_is_told_the_right_way_round() -> None:
    with pytest.raises(RequestError, match="config key 'period': 2023 comes after 2021; write 2021-2023"):
        Filters("2023-2021")


@pytest.mark.parametrize("max_documents", [0, -1])
def test_a_limit_below_one_is_told(max_documents: int) -> None:
    with pytest.raises(
        RequestError, match=f"config key 'max_documents': {max_documents} is too few; give 1 or more, or null for all"
    ):
        Filters(max_documents=max_documents)


@pytest.mark.parametrize("season", ["2022년 하반기", "2022년", "2022 상반기", "2022년 상시"])
def test_every_season_of_a_year_belongs_to_it(season: str) -> None:
    assert Filters("2022").matches(letter(season=season))
    assert not Filters("2023").matches(letter(season=season))


FORMS = [
    "가상전자",
    "(주)가상전자",
    "㈜가상전자",
    "가상전자㈜",
    "가상전자(주)",
    "（주）가상전자",
    "주식회사 가상전자",
    "가상전자 주식회사",
    "(유)가상전자",
    "유한회사 가상전자",
    "유한책임회사 가상전자",
    "(재)가상전자",
    "(사)가상전자",
    " 가상 전자 ",
    "가상전자(서울)",
]


@pytest.mark.parametrize("asked", FORMS)
@pytest.mark.parametrize("written", FORMS)
def test_a_company_is_found_under_each_of_its_legal_forms(asked: str, written: str) -> None:
    assert Filters(company=asked).matches(letter(company=written))


def test_latin_letters_of_a_company_may_be_large_or_small() -> None:
    assert Filters(company="jaso Systems").matches(letter(company="(주)JASO systems"))


@pytest.mark.parametrize("other", ["가상전자서비스", "한국가상전자", "가상", "실제전자", None])
def test_a_company_whose_name_only_contains_it_is_another(other: str | None) -> None:
    assert not Filters(company="가상전자").matches(letter(company=other))


def test_one_of_the_words_must_stand_in_the_role() -> None:
    filters = Filters(role=("개발", "데이터"))
    assert filters.matches(letter(role="백엔드개발자"))
    assert filters.matches(letter(role="데이터 분석"))
    assert not filters.matches(letter(role="해외영업"))


ALL = Filters("2022", "가상전자", ("개발",))


def test_everything_that_was_asked_for_must_hold() -> None:
    right = {"company": "(주)가상전자", "season": "2022년 하반기", "role": "백엔드개발자"}
    assert ALL.matches(letter(**right))
    for wrong in ({"company": "다른전자"}, {"season": "2021년"}, {"role": "영업"}):
        assert not ALL.matches(letter(**(right | wrong)))
        assert not ALL.may_match(right | wrong)


@pytest.mark.parametrize("key", ["company", "season", "role"])
def test_what_a_list_does_not_say_is_asked_of_the_letter_and_a_silent_letter_is_not_wanted(key: str) -> None:
    said = {"company": "가상전자", "season": "2022년", "role": "개발자"}
    silent = {**said, key: None}
    del said[key]
    assert ALL.may_match(said)
    assert ALL.may_match(silent)
    assert not ALL.matches(letter(**silent))


def test_a_season_without_a_year_is_unknown() -> None:
    assert Filters("2022").may_match({"season": "하반기 공채"})
    assert not Filters("2022").matches(letter(season="하반기 공채"))


def test_without_filters_everything_is_wanted() -> None:
    assert Filters().matches(letter())
    assert Filters().may_match({})
