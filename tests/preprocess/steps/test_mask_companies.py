"""Company names on sentences whose right answer was written by hand. The companies are invented."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jaso_core.errors import RequestError
from jaso_core.masking.organisations.gazetteer import Gazetteer, read_gazetteer
from jaso_core.masking.organisations.legal_forms import plain_name
from jaso_core.masking.organisations.romanise import acronyms, romanise, skeleton
from jaso_core.masking.unmask_key import KeyEntry, read_key, shift_masked, unmask, write_key
from jaso_core.records import Document, Item
from jaso_core.text.edits import apply_edits
from jaso_preprocess.steps import STEPS
from jaso_preprocess.steps.mask.mask_companies import MaskCompanies


def step(**options: object) -> MaskCompanies:
    made = STEPS.build({"name": "mask_companies", **options}, "clean.mask_companies")
    assert isinstance(made, MaskCompanies)
    return made


def masked(text: str, company: str | None = None, **options: object) -> str | None:
    document = Document("1", "test", "letter", (Item("질문", text),), company=company)
    return step(**options).apply_to(document, document.items[0]).answer


TARGET = [
    (
        "늘봄채은행",
        "늘봄채은행은 (주)늘봄채은행과 늘봄채은행㈜, 주식회사 늘봄채은행",
        "[회사]은 [회사]과 [회사], [회사]",
    ),
    ("㈜늘봄채은행", "늘봄채 은행에서, 저는늘봄채은행에", "[회사]에서, 저는[회사]에"),
    ("늘봄채은행(주)", "Neulbomchae Bank의 미래와 늘봄채의 미래", "[회사]의 미래와 [회사]의 미래"),
    ("DMW온누빛물산", "온누빛물산과 DMW Trading, DMW온누빛물산(주)", "[회사]과 [회사], [회사]"),
    ("한국모의방송공사", "KMBS, 모의방송공사, 한국모의방송공사(KMBC)", "[회사], [회사], [회사]"),
    ("(주)대상", "연구 대상을 정해 대상에 지원했고 ㈜대상은", "연구 대상을 정해 [회사]에 지원했고 [회사]은"),
    ("다음", "다음 단계로 다음에 입사하여", "다음 단계로 [회사]에 입사하여"),
]


@pytest.mark.parametrize(("company", "before", "after"), TARGET)
def test_the_letters_company_is_masked_in_every_spelling(company: str, before: str, after: str) -> None:
    assert masked(before, company) == after


OTHERS = [
    ("㈜한들에서 근무, (주) 가나다라에서는, 한들(주)을", "[회사]에서 근무, [회사]에서는, [회사]을"),
    ("가나다 주식회사에서 일했고 Foo Bar Co., Ltd.에 입사", "[회사]에서 일했고 [회사]에 입사"),
    ("초록들판물산에 다녔습니다", "[회사]에 다녔습니다"),
    ("흰여우재디자인음, 에서 3개월", "[회사]음, 에서 3개월"),
    ("모의전자에서 4개월간 인턴으로 일하며", "[회사]에서 4개월간 인턴으로 일하며"),
    ("KPWI 재직 당시", "[회사] 재직 당시"),
    ("한국솔여울안전공단(KSSA)의 자료", "[회사]의 자료"),
    ("Gasang Systems에서 인턴", "[회사]에서 인턴"),
    ("빛나는전자에서 인턴으로, 사람인데이터의 일원", "[회사]에서 인턴으로, [회사]의 일원"),
    ("좋은 결과였습니다흰여우재식품(주)이", "좋은 결과였습니다[회사]이"),
    ("되고자 주식회사 흰여우재식품에 지원", "되고자 [회사]에 지원"),
    ("[회사]에서 근무", "[회사]에서 근무"),
]
INNOCENT = [
    *(
        "전기자동차에 지원하는 정책",
        "시중은행에서 인턴으로 일하며",
        "산업디자인에서 근무",
        "빅데이터에서",
        "신용카드의 혜택",
    ),
    *("주식회사 설립을 배우고 주식회사의 이해", "(주) 5회", "월~금(주)", "문화재단에서 일하며", "서울에서 근무하며"),
    *(
        "독일에서 인턴으로",
        "Android Studio에서 개발",
        "AI데이터에서 인턴",
        "OOO에서 4개월간 인턴",
        "SQLD 합격",
        "HPLC를 다루며",
    ),
    *("귀사에 지원했습니다", "대상을 고르다가", "카페에서 아르바이트", "고용보험의 혜택", "새로운 디자인에서"),
    *("나오는데이터를 검토하며", "그런데이터와 함께", "하던산업을 떠나", "전공인데이터를 다루고", "때는데이터의 수"),
]


@pytest.mark.parametrize(("before", "after"), OTHERS)
def test_other_employers_are_found_by_form_and_context(before: str, after: str) -> None:
    assert masked(before) == after
    assert step().apply(Item("질문", before)) == Item("질문", after)


@pytest.mark.parametrize("text", INNOCENT)
def test_ordinary_words_stay(text: str) -> None:
    assert masked(text) == text


def test_a_name_that_one_answer_makes_sure_of_is_masked_in_all() -> None:
    items = (Item("질문", "예시자동차에서 3개월간 인턴으로 일했습니다."), Item("질문", "예시자동차의 부품"))
    document = Document("1", "test", "letter", items)
    assert step().apply_to(document, items[1]).answer == "[회사]의 부품"
    assert step().apply(items[1]) == items[1]


def test_others_are_numbered_on_request_and_kinds_tell_the_target() -> None:
    text = "늘봄채은행에 지원. ㈜한들에서 근무, 초록들판물산 재직, 한들(주)의"
    assert masked(text, "늘봄채은행", numbered=True) == "[회사]에 지원. [회사1]에서 근무, [회사2] 재직, [회사1]의"
    document = Document("1", "test", "letter", (Item("질문", text),), company="늘봄채은행")
    kinds = [edit.kind for edit in step().item_edits(document, document.items[0])["answer"]]
    assert kinds == ["company_name", *["other_company"] * 3]


def test_aliases_come_from_the_user() -> None:
    assert masked("가상이를 봅니다", "한국가상공사", aliases=["한국가상공사=가상이"]) == "[회사]를 봅니다"
    with pytest.raises(RequestError, match="'가상이' is no alias"):
        step(aliases=["가상이"])


def test_others_can_be_left() -> None:
    assert masked("㈜한들과 늘봄채은행", "늘봄채은행", others=False) == "㈜한들과 [회사]"


def test_persons_schools_and_places_are_options() -> None:
    text = "저는 홍길동입니다. 김가나 팀장님과 가상대학교에서, 수원시에서"
    assert masked(text) == text
    assert masked(text, persons=True, schools=True, places=True) == (
        "저는 [이름]입니다. [이름] 팀장님과 [학교]에서, [지명]에서"
    )


def test_names_are_taken_apart() -> None:
    assert plain_name("(주)가상전자 [채용]") == ("가상전자", ())
    assert plain_name("한국모의공단(KMA)") == ("한국모의공단", ("KMA",))
    assert romanise("삼성") == "samseong"
    assert skeleton("samsung") == skeleton("samseong")
    assert {"KBS", "KBC"} <= acronyms("한국방송공사")
    assert "KEPCO" in acronyms("한국전력공사")
    assert acronyms("가상전자") == frozenset()


def test_a_gazetteer_needs_a_cue_for_everyday_names() -> None:
    names = Gazetteer(["㈜대상", "파란나무숲", "사람인"])

    def found(text: str) -> list[str]:
        return [text[one.start : one.end] for one in names.find(text) if one.is_sure()]

    assert found("대상을 정하고 대상에 지원하고 ㈜대상은") == ["대상", "㈜대상"]
    assert found("착한 사람인데 사람인가") == []
    assert found("파란나무숲의 제품") == ["파란나무숲"]


def test_gazetteers_are_read_from_text_csv_xml_and_zip(tmp_path: Path) -> None:
    xml = "<result><list><corp_name>파란나무숲</corp_name></list><list><corp_name> </corp_name></list></result>"
    (tmp_path / "a.xml").write_text(xml, encoding="utf-8")
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("CORPCODE.xml", xml)
    (tmp_path / "a.txt").write_text("(주)파란나무숲\n\n", encoding="utf-8")
    (tmp_path / "a.csv").write_bytes("종목명,코드\n파란나무숲,1\n".encode("cp949"))
    for name in ("a.xml", "a.zip", "a.txt", "a.csv"):
        assert len(read_gazetteer(tmp_path / name)) == 1
    assert masked("파란나무숲의 제품", gazetteer=str(tmp_path / "a.txt")) == "[회사]의 제품"


@pytest.mark.parametrize(
    ("name", "content"), [("a.zip", "x"), ("a.xml", "<a"), ("a.csv", "a,b\n"), ("a.txt", ""), ("b.xml", "<!ENTITY")]
)
def test_a_broken_gazetteer_is_refused_by_name(tmp_path: Path, name: str, content: str) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8")
    with pytest.raises(RequestError, match=name):
        read_gazetteer(tmp_path / name)


def test_the_key_leads_back_and_stays_out_of_the_corpus(tmp_path: Path) -> None:
    text = "늘봄채은행과 ㈜한들에서 근무"
    document = Document("1", "test", "letter", (Item("질문", text),), company="늘봄채은행")
    edits = step().item_edits(document, document.items[0])["answer"]
    entries = [KeyEntry("1", 0, "answer", *entry) for entry in shift_masked([], text, edits, masks=True)]
    key = tmp_path / "key" / "key.jsonl"
    write_key(key, tmp_path / "corpus", entries)
    assert unmask(apply_edits(text, edits), read_key(key)) == text
    with pytest.raises(RequestError, match="inside the corpus"):
        write_key(tmp_path / "corpus" / "key.jsonl", tmp_path / "corpus", entries)
    with pytest.raises(ValueError, match="was changed"):
        unmask("다른 글", entries)


PIECES = st.sampled_from(
    [
        "(주)",
        "㈜",
        "주식회사",
        " ",
        "늘봄채",
        "은행",
        "은행에서",
        "전자",
        "한국",
        "공단",
        "인턴",
        "재직",
        "KNIC",
        "Gasang",
        "Bank",
        "[회사]",
        "에 지원",
        "입니다",
        "음, ",
        "\n",
        "ㅋㅋ",
        "👩\u200d💻",
        "\u200b",
        "DMW",
        "3개월간",
        "(",
        ")",
        "OOO",
        "대상",
        "의",
        "홍길동 팀장님",
    ]
)
TEXTS = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=40), st.lists(PIECES, max_size=12).map("".join)
)
MASKERS = [step(), step(numbered=True, persons=True, schools=True, places=True)]


@pytest.mark.slow
@settings(derandomize=True, database=None, max_examples=300, deadline=None)
@given(TEXTS, st.sampled_from(["늘봄채은행", "한국모의공단", "대상", "DMW전자", None]), st.sampled_from(MASKERS))
def test_masking_again_changes_nothing(text: str, company: str | None, masker: MaskCompanies) -> None:
    document = Document("1", "test", "letter", (Item("질문", text or None),), company=company)
    once = masker.apply_to(document, document.items[0])
    again = masker.apply_to(document, once)
    assert again == once
    alone = masker.apply(document.items[0])
    assert masker.apply(alone) == alone


def test_a_zip_of_names_that_is_no_zip_of_darts_is_refused_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "names.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("CORPCODE.xml", "<result>" + " " * 100_000 + "</result>")
    monkeypatch.setattr("jaso_core.masking.organisations.gazetteer._LARGEST_XML", 50_000)
    with pytest.raises(RequestError, match=r"names\.zip: unpacks to 100,017 bytes of XML"):
        read_gazetteer(path)
    data = bytearray(path.read_bytes())
    for mark, place in ((b"PK\3\4", 6), (b"PK\1\2", 8)):  # both flags that a member is encrypted
        data[data.index(mark) + place] |= 1
    path.write_bytes(data)
    monkeypatch.undo()
    with pytest.raises(RequestError, match="not a ZIP archive"):
        read_gazetteer(path)
