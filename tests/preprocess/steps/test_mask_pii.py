"""Personal data on sentences whose right answer was written by hand. Every number and address here is invented."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jaso_core.errors import RequestError
from jaso_core.masking.pii.mask import mask_pii
from jaso_core.masking.pii.normalise import NormalisedText
from jaso_core.masking.pii.numbers import business_checksum, luhn
from jaso_core.records import Item
from jaso_core.text.edits import apply_edits
from jaso_preprocess.steps import STEPS

MASKED = [
    ("제 번호는 010-0000-5678입니다", "제 번호는 [전화번호]입니다"),
    ("연락처010.0000.5678로 문의", "연락처[전화번호]로 문의"),
    ("01000005678 / 010 0000 5678", "[전화번호] / [전화번호]"),
    ("+82 10-0000-5678, +82-(0)10-0000-5678", "[전화번호], [전화번호]"),
    ("(02)000-5678과 031) 000-5678", "[전화번호]과 [전화번호]"),
    ("070-0000-5678, 0505-000-5678", "[전화번호], [전화번호]"),
    ("０１０－００００－５６７８", "[전화번호]"),
    ("010ㅡ0000ㅡ5678", "[전화번호]"),
    ("0 1 0 - 0 0 0 0 - 5 6 7 8", "[전화번호]"),
    ("공일공-영영영영-오육칠팔로", "[전화번호]로"),
    ("010\u200b-0000-5678", "[전화번호]"),
    ("1.010-0000-5678", "1.[전화번호]"),
    ("1588-0000", "[전화번호]"),
    ("hong@example.com으로", "[이메일]으로"),
    ("메일hong.gil-dong@example.co.kr을", "메일[이메일]을"),
    ("hong(at)example.com, hong 골뱅이 네이버 닷컴", "[이메일], [이메일]"),
    ("960230-1659441로 조회", "[주민등록번호]로 조회"),  # 30 February: dates are not checked against a calendar
    ("9602301659441", "[주민등록번호]"),
    ("960230-1******", "[주민등록번호]"),
    ("사업자등록번호 000-00-00001", "사업자등록번호 [사업자번호]"),  # the cue outweighs the wrong check digit
    ("사업자번호 000 00 00001, BRN 0000000001", "사업자번호 [사업자번호], BRN [사업자번호]"),
    ("여권 M00000001, M000A0000", "여권 [여권번호], [여권번호]"),
    ("여권번호는 m00000001, m000a0000입니다", "여권번호는 [여권번호], [여권번호]입니다"),
    ("면허 11-22-000000-00", "면허 [면허번호]"),
    ("운전면허 11 22 000000 00, 면허번호 11-2200000000을", "운전면허 [면허번호], 면허번호 [면허번호]을"),
    ("카드 30569309025904", "카드 [카드번호]"),
    ("4111111111111111", "[카드번호]"),
    ("카드 1234-5678-9012-3456", "카드 [카드번호]"),
    ("가상은행 계좌번호는 110-000-000000입니다", "가상은행 계좌번호는 [계좌번호]입니다"),
    ("https://example.com/a?b=1를 보세요.", "[링크]를 보세요."),
    ("github.com/hong에, hong.github.io에", "[링크]에, [링크]에"),
    ("(www.example.com).", "([링크])."),
    ("인스타 @honggd, @hong_gd", "인스타 [계정], [계정]"),
    ("서울특별시 강남구 테헤란로 1, 4층에서", "[주소]에서"),
    ("경기도 성남시 분당구 판교역로 166번길 12-3 101동 1203호로", "[주소]로"),
    ("서울 강남구 역삼동 123-45번지", "[주소]"),
    ("학번은 201900000입니다", "학번은 [학번]입니다"),
]
LEFT = [
    *(
        "2023-03-15",
        "1,320자 2,066Byte",
        "192.168.0.1",
        "v1.2.3",
        "2020.01.01 ~ 2021.02.03",
        "토익 990점",
        "100,000,000원",
    ),
    *("1592-1598년", "1800-1850년", "0.0101234567", "3.141592", "RTX3090", "S20230415", "20,000,000", "12:30", "5G"),
    *("Node.js와 ASP.NET, Socket.io", "@Transactional과 @media", "서울시 강남구 앞으로 3년", "경기도 그대로 5명"),
    *(
        "1234567890123456",
        "123-45-67890",
        "이메일로 보내기",
        "공일이",
        "모델 m00000001",
        "30569309025904",
        "품번 11 22 000000 00",
        "대구 수성구에서 3년",
        "결과로 10배",
    ),
]


def _typed_numbers() -> list[tuple[str, str]]:
    """Read personal_numbers.txt: text and masked text, equal where nothing is to be masked."""
    lines = Path(__file__).with_name("personal_numbers.txt").read_text(encoding="utf-8").splitlines()
    pairs = [line.partition("\t") for line in lines if line and not line.startswith("#")]
    return [(before, after or before) for before, _, after in pairs]


@pytest.mark.parametrize(("before", "after"), _typed_numbers())
def test_numbers_are_found_in_every_typing(before: str, after: str) -> None:
    masked = apply_edits(before, mask_pii(before))
    assert masked == after
    assert mask_pii(masked) == []


@pytest.mark.parametrize(("before", "after"), MASKED)
def test_personal_data_becomes_a_token(before: str, after: str) -> None:
    assert apply_edits(before, mask_pii(before)) == after


@pytest.mark.parametrize("text", LEFT)
def test_other_numbers_stay(text: str) -> None:
    assert mask_pii(text) == []


def test_kinds_say_what_was_there() -> None:
    text = "010-0000-5678, hong@example.com, 960230-1659441, 960230-5659441"
    assert [edit.kind for edit in mask_pii(text)] == ["pii_phone", "pii_email", "pii_rrn", "pii_frn"]


def test_check_digits() -> None:
    assert luhn("4111111111111111")
    assert not luhn("4111111111111112")
    # 1*1 + 2*3 + 3*7 + 4*1 + 5*3 + 6*7 + 7*1 + 8*3 + 9*5 = 165, 9*5//10 = 4: the tenth digit makes 170.
    assert business_checksum("1234567891")
    assert not business_checksum("1234567890")


def test_a_copy_leads_back_to_the_original() -> None:
    copy = NormalisedText("전\u200b０１０[이름]")
    assert copy.text[:4] == "전010"
    assert copy.span(1, 4) == (2, 5)


def test_kinds_can_be_kept_and_unknown_ones_are_refused() -> None:
    step = STEPS.build({"name": "mask_pii", "keep": ["pii_url"]}, "clean.mask_pii")
    assert step.apply(Item("q", "https://example.com 010-0000-5678")) == Item("q", "https://example.com [전화번호]")
    with pytest.raises(RequestError, match="pii_fax"):
        STEPS.build({"name": "mask_pii", "keep": ["pii_fax"]}, "clean.mask_pii")


PIECES = st.sampled_from(
    [
        "010",
        "-",
        "0000",
        "5678",
        " ",
        ".",
        "hong",
        "@",
        "example.com",
        "[전화번호]",
        "계좌",
        "서울 강남구 ",
        "길 12",
        "ㅋㅋ",
        "공일공",
        "960230-1",
        "659441",
        "카드 ",
        "\u200b",
        "👩\u200d💻",
        "입니다",
        "\n",
        "１",
        "https://",
        "M123A4567",
        "가동 3호",
    ]
)
TEXTS = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=60), st.lists(PIECES, max_size=14).map("".join)
)


@pytest.mark.slow
@settings(derandomize=True, database=None, max_examples=400, deadline=None)
@given(TEXTS)
def test_masking_again_changes_nothing(text: str) -> None:
    once = apply_edits(text, mask_pii(text))
    assert mask_pii(once) == []


@pytest.mark.parametrize(
    "unit", ["1", "1-", "a.", "a@", "010 ", "공", "http://a.b/", "서울 강남구 로", "주소: 가로", "\t"]
)
def test_long_lines_take_no_more_than_their_length(unit: str) -> None:
    mask_pii(unit * 20_000)  # the suite's time limit is the assertion
