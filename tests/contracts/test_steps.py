"""What every registered step promises, whatever it is told to clean: a new step is tested by being registered."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import fields, replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from step_contract import ODD, PIECES

from jaso_core.masking.tokens import ALL
from jaso_core.records import Document, Item
from jaso_core.text.edits import apply_edits
from jaso_preprocess.clean import (
    RecordOptions,
    clean,
)
from jaso_preprocess.hanja.lexicon import READ_AS
from jaso_preprocess.hanja.reader import as_initial
from jaso_preprocess.hanja.table import readings
from jaso_preprocess.questions.split_question import leading_number
from jaso_preprocess.steps import STEPS, Drop, EditStep, PartStep, Step
from jaso_preprocess.steps.base import FIELDS, texts_of

CONFIGS = Path(__file__).parents[2] / "configs"
COMPANIES = ("(주)가상전자", "한국가상공사", "누마루은행")
OPTIONS: dict[str, list[dict[str, Any]]] = {
    "boilerplate": [{"phrases": ["가상사이트.*", "지원.?동기"]}],
    "fillers": [{"kinds": ["letter", "interview"]}],
    "language": [{"min_hangul": 0.9, "min_letters": 1}],
    "length": [{"min_question": 3, "min_answer": 5, "max_answer": 40}],
    "mask_companies": [
        {"persons": True, "schools": True, "places": True, "numbered": True, "aliases": ["가상전자=가전"]},
        {"others": False, "places": True},
    ],
    "mask_pii": [{"keep": ["pii_url", "pii_phone"]}],
}


def defaults_of(name: str) -> dict[str, Any]:
    """The node of configs/clean/<name>.yaml."""
    node = yaml.safe_load((CONFIGS / "clean" / f"{name}.yaml").read_text(encoding="utf-8"))[name]
    assert isinstance(node, dict)
    return node


# What asks for something that only a user has, such as a model, keeps the contract in tests of its own.
NEEDY = [name for name in STEPS.names() if "???" in defaults_of(name).values()]
CASES = [(name, more) for name in STEPS.names() if name not in NEEDY for more in ({}, *OPTIONS.get(name, []))]

STRUCTURES = tuple(
    part
    for line in (
        "1. 지원동기|지원 동기 : |[성장 과정]\n|\n■ 입사 후 포부\n|2) 성격의 장단점\n|① |가. |Q1. |\n\"끝까지 가는 사람\"\n",
        "글자수 1,320자 2,066Byte|(512자)|[공백포함 300자]|좋은점 1 구체적입니다.\n|아쉬운점 2: 길다\n|열심히 하겠습니다. (500자)\n",
        "hong@example.com|hong 골뱅이 네이버|010-1234-5678|공일공 1234 5678|http://example.com/a?b=c|@hong_99|900101-1234567",
        "계좌는 가상은행 123-456-789012 |주소: 서울 강남구 가상로 12 3층|1234-5678-9012-3456|12345|1|-|@|.com|2023.01.02",
        "가상전자|(주)가상전자|㈜가상전자|주식회사 누마루은행|가상 전자에서 인턴|한국가상공사|누마루은행에 입사|GASANG Inc.",
        "무지개식품에서 3년간 근무|(주)|주식회사 |에서 인턴으로 |[회사]|[회사1]|[이름]|[전화번호]|김가상 팀장님|가상대학교를|서울에서|[|]",
        "Copyright ⓒ 2023 가상사이트|무단 전재 및 재배포 금지|출처: 가상사이트\n|더보기|조회수 1,234|해당없음|N/A|- 3 -|가상사이트 합격 자소서",
        "<br/>|<p>가</p>|&nbsp;&nbsp;|&#39;|&amp;nbsp;|<!-- 가 -->|음, 음 |어 |저는 저는 |제, 제가 |그 뭐 이제 |발전(發展)|十月|金氏",
        "\u0000|\u200e|\u202e|\u2067|\ufeff|\u00ad|\x0b|\r\n|\r|\x85|　|\u1100\u1161\u11a8|ㄱ|\u0301|가\u0301|ＡＢＣ|１２３|“가”|👨\u200d👩\u200d👧|🇰🇷",
        "\u05e9\u05dc\u05d5\u05dd|\u0645\u0631\u062d\u0628\u0627|Kubernetes is fine. |저는 서버 개발자로 일하며 많은 것을 배웠습니다. |가상하고자 합니다.\n|그 결과 ",
    )
    for part in line.split("|")
)  # fmt: skip
TEXTS = st.lists(
    st.one_of(st.sampled_from((*PIECES, *STRUCTURES)), st.sampled_from(STRUCTURES), st.text(ODD, max_size=3)),
    max_size=12,
).map("".join)
FILLED = TEXTS.map(lambda text: text if text.strip() else None)
ITEMS = st.builds(Item, st.one_of(st.just("지원 동기를 쓰시오."), FILLED), FILLED, st.one_of(st.none(), FILLED))
DOCUMENTS = st.builds(
    Document,
    st.just("test:1"),
    st.just("test"),
    st.sampled_from(["letter", "interview"]),
    st.lists(ITEMS, min_size=1, max_size=2).map(tuple),
    company=st.sampled_from([None, *COMPANIES]),
)
CONTRACT = settings(derandomize=True, database=None, deadline=None)


def examples(few: int, many: int) -> pytest.MarkDecorator:
    """How many documents a contract is held against: `few` in the fast tier, `many` in the slow one."""
    return pytest.mark.parametrize(
        "most", [pytest.param(few, id="few"), pytest.param(many, id="many", marks=pytest.mark.slow)]
    )


@cache
def built(place: int) -> Step:
    name, options = CASES[place]
    step = STEPS.build({"name": name, **options}, name)
    step.meet(COMPANIES)
    return step


every_step = pytest.mark.parametrize("place", range(len(CASES)), ids=[f"{n}{'+' if o else ''}" for n, o in CASES])


def cleaned(step: Step, document: Document) -> tuple[Item | Drop, ...]:
    return tuple(step.apply_to(document, item) for item in document.items)


@every_step
@examples(6, 40)
def test_a_second_time_changes_nothing(place: int, most: int) -> None:
    @settings(CONTRACT, max_examples=most)
    @given(document=DOCUMENTS)
    def check(document: Document) -> None:
        step = built(place)
        items = tuple(item for item in cleaned(step, document) if isinstance(item, Item))
        assert cleaned(step, replace(document, items=items)) == items

    check()


@every_step
@examples(6, 40)
def test_the_same_document_gives_the_same_and_stays_as_it_is(place: int, most: int) -> None:
    @settings(CONTRACT, max_examples=most)
    @given(document=DOCUMENTS)
    def check(document: Document) -> None:
        step, name = built(place), CASES[place][0]
        before = repr(document)
        once = cleaned(step, document)
        step.apply_to(Document("other", "test", "letter", (Item("가", "누마루은행에 입사"),)), Item("가", "누마루은행"))
        fresh = STEPS.build({"name": name, **CASES[place][1]}, name)
        fresh.meet(COMPANIES)
        assert cleaned(step, document) == once == cleaned(fresh, document)
        assert repr(document) == before
        for item in once:
            if isinstance(item, Item):
                assert all(text.strip() for text in texts_of(item).values()), "a text without a character is none"

    check()


@every_step
@examples(6, 40)
def test_nothing_is_invented(place: int, most: int) -> None:
    @settings(CONTRACT, max_examples=most)
    @given(document=DOCUMENTS)
    def check(document: Document) -> None:
        step = built(place)
        for before, after in zip(document.items, cleaned(step, document), strict=True):
            if isinstance(after, Drop):
                assert re.fullmatch("[a-z_]+", after.reason)
                continue
            given_texts = texts_of(before)
            assert texts_of(after).keys() <= given_texts.keys()
            if isinstance(step, EditStep):
                for name, edits in step.item_edits(document, before).items():
                    text = given_texts[name]
                    assert apply_edits(text, edits).strip() == (getattr(after, name) or "").strip()
                    for edit in edits:
                        assert edit.kind
                        assert comes_from(text[edit.start : edit.end], edit.replacement), edit
            else:
                assert after == before, "a step that changes a text says where"

    check()


def comes_from(source: str, replacement: str) -> bool:
    """Is a replacement, its tokens and white space aside, what stood there, in its order, or a form of it?"""
    said = "".join(re.sub("|".join(rf"\[{token[1:-1]}\d*\]" for token in ALL), "", replacement).split())
    return any(_in_order(said, one) for one in _sources(source))


def _sources(source: str) -> Iterator[str]:
    yield from (source, unicodedata.normalize("NFC", source), unicodedata.normalize("NFKC", source))
    for _ in range(4):
        source = html.unescape(source)
        yield source


def _in_order(said: str, source: str) -> bool:
    rest = iter(source)
    return all(any(char in _forms(one) for one in rest) for char in said)


@cache
def _forms(char: str) -> frozenset[str]:
    straight = {"“": '"', "”": '"', "‘": "'", "’": "'"}
    # 金 is a surname, 六 and 茶 are read in two ways, 不 before ㄷ and ㅈ is 부.
    more = {"金": "김", "六": "육", "茶": "차", "不": "부", "率": "률율"}.get(char, "")
    said = {*readings().get(char, ()), *more}
    said |= {as_initial(reading) for reading in said}
    of_words = {
        reading for word, whole in READ_AS.items() for one, reading in zip(word, whole, strict=True) if one == char
    }
    return frozenset({char, straight.get(char, char), *unicodedata.normalize("NFKC", char), *said, *of_words})


QUESTIONS = st.sampled_from(
    ["1. 지원동기\n2. 입사 후 포부", "1) 성장과정 2) 성격의 장단점 3) 지원 동기", "① 지원 동기를 쓰시오. ② 포부를 쓰시오.",
     "지원동기\n성장과정", "1. 가 2. 나", "[질문 1] 지원 동기 [질문 2] 입사 후 포부"]
)  # fmt: skip
PARAGRAPHS = st.lists(
    st.one_of(
        TEXTS,
        st.sampled_from(
            ["1. 지원동기", "2. 입사 후 포부", "[성장과정]", "귀사의 비전에 공감하여 지원했습니다. 지원 동기는 성장입니다.",
             "입사 후 3년 안에 전문가가 되겠습니다. 포부를 이루겠습니다.", "어릴 적 부모님께 성실함을 배우며 자랐습니다.",
             "제 성격의 장점은 꼼꼼함이고 단점은 느림입니다.", "", "3.", "①"]
        ),
    ),
    min_size=2, max_size=8,
).map("\n".join)  # fmt: skip
PART_STEPS = [place for place in range(len(CASES)) if isinstance(built(place), PartStep)]


@pytest.mark.parametrize("place", PART_STEPS, ids=[CASES[place][0] for place in PART_STEPS])
@examples(30, 150)
def test_parts_hold_all_that_was_there(place: int, most: int) -> None:
    @settings(CONTRACT, max_examples=most)
    @given(question=st.one_of(QUESTIONS, TEXTS), answer=PARAGRAPHS)
    def check(question: str, answer: str) -> None:
        step = built(place)
        assert isinstance(step, PartStep)
        item = Item(question, answer)
        parts = step.parts(item)
        assert len(parts) != 1
        for part in parts:
            single = part.of(item)
            assert single.question
            assert single.answer
            assert not step.parts(single), "a part is one"
        for text, name in ((question, "question"), (answer, "answer")):
            at, left = 0, []
            for start, end in (getattr(part, name) for part in parts):
                assert at <= start < end <= len(text)
                left.append(text[at:start].strip())
                at = end
            if parts:
                left.append(text[at:].strip())
            for rest in filter(None, left):
                mark = leading_number(rest)
                assert name == "question"
                assert mark is not None, rest
                assert mark[1] == len(rest), rest

    check()


def test_a_blob_of_two_questions_is_parted() -> None:
    """So that the contract above does not hold for want of parts."""
    step = STEPS.build({"name": "blobs"}, "blobs")
    assert isinstance(step, PartStep)
    answer = "1. 지원동기\n귀사의 비전에 공감하여 지원했습니다.\n2. 입사 후 포부\n입사 후 3년 안에 전문가가 되겠습니다."
    assert len(step.parts(Item("1. 지원동기\n2. 입사 후 포부", answer))) == 2


@cache
def default_chain() -> dict[str, Step]:
    groups = yaml.safe_load((CONFIGS / "preprocess.yaml").read_text(encoding="utf-8"))["defaults"]
    names = next(entry["clean"] for entry in groups if isinstance(entry, dict) and "clean" in entry)
    steps = {name: STEPS.build(defaults_of(name), f"clean.{name}") for name in names}
    for step in steps.values():
        step.meet(COMPANIES)
    return steps


def assert_clean_stays_clean(document: Document, steps: dict[str, Step]) -> int:
    """Cleans what came of cleaning; returns how many items were left."""
    once = clean(document, steps)
    left = tuple(slot.item for slot in once.states if slot.drop is None)
    twice = clean(replace(once.document, items=left), steps, RecordOptions(trace=True))
    assert [(traced.step, traced.before, traced.edits) for slot in twice.states for traced in slot.trace] == []
    assert [slot.drop for slot in twice.states if slot.drop] == []
    assert tuple(slot.item for slot in twice.states) == left
    return len(left)


@examples(40, 400)
def test_a_clean_document_stays_as_it_is(most: int) -> None:
    @settings(CONTRACT, max_examples=most)
    @given(document=DOCUMENTS)
    def check(document: Document) -> None:
        assert_clean_stays_clean(document, default_chain())

    check()


@examples(8, 40)
def test_clean_letters_and_interviews_stay_as_they_are(most: int) -> None:
    from jaso_synthetic.corpus import generate

    corpus = generate(most, most, seed=77)
    documents = [
        Document(f"letter:{letter.id}", "sample", "letter", tuple(Item(i.question, i.answer) for i in letter.items),
                 company=letter.company)
        for letter in corpus.letters
    ]  # fmt: skip
    documents += [
        Document(f"talk:{talk.id}", "sample", "interview", (Item(talk.question, talk.answer, talk.summary),))
        for talk in corpus.interviews
    ]
    assert sum(assert_clean_stays_clean(document, default_chain()) for document in documents) > 2.5 * most


def test_needy_steps_have_tests_of_their_own() -> None:
    for name in NEEDY:
        assert (CONFIGS.parent / "tests" / "preprocess" / "steps" / f"test_{name}.py").is_file()


def test_every_field_of_an_item_is_known_to_the_contract() -> None:
    assert {field.name for field in fields(Item)} == set(FIELDS)
