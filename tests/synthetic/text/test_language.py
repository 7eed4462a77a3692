"""The synthetic corpus as language: particles, verb forms, variety, meaning."""

from __future__ import annotations

import re
from collections import Counter
from math import log

import pytest

from jaso_synthetic.corpus import generate
from jaso_synthetic.diversity import quality
from jaso_synthetic.records import Corpus
from jaso_synthetic.text.conjugate import conjugate
from jaso_synthetic.text.grammar import Writer
from jaso_synthetic.text.hangul import final_of, resolve_particles


@pytest.fixture(scope="module")
def large() -> Corpus:
    return generate(5000, 0, 7)


@pytest.mark.parametrize(
    ("marked", "expected"),
    [
        ("서버^은 로그^은", "서버는 로그는"),
        ("품질^이 설비^이", "품질이 설비가"),
        ("도면^을 회로^을", "도면을 회로를"),
        ("서울^으로 부산^으로 파이썬^으로 자바^으로", "서울로 부산으로 파이썬으로 자바로"),
        ("역할^으로서 담당자^으로서", "역할로서 담당자로서"),
        ("신뢰^과 책임^과", "신뢰와 책임과"),
        ("도전^이라는 실패^이라는", "도전이라는 실패라는"),
        ("SQL^을 ERP^을 PLC^과 Excel^으로 Figma^은", "SQL을 ERP를 PLC와 Excel로 Figma는"),
        ("30%^을 010-0000-1237^으로 010-0000-1230^으로 1급^을", "30%를 010-0000-1237로 010-0000-1230으로 1급을"),
        ("가상전자(주)^은 ㈜예시소프트^은", "가상전자(주)는 ㈜예시소프트는"),
        ("한국가상방송진흥원(KVB)^이 KVB^이", "한국가상방송진흥원(KVB)이 KVB가"),
        ("실패^이었다 성공^이었다", "실패였다 성공이었다"),
    ],
)
def test_particles(marked: str, expected: str) -> None:
    assert resolve_particles(marked) == expected


@pytest.mark.parametrize(
    ("phrase", "ending", "expected"),
    [
        ("서버를 설계하다", "았습니다", "서버를 설계했습니다"),
        ("로고를 만들다", "는", "로고를 만드는"),
        ("로고를 만들다", "ㄴ", "로고를 만든"),
        ("로고를 만들다", "으며", "로고를 만들며"),
        ("자막을 다듬다", "으며", "자막을 다듬으며"),
        ("동료를 돕다", "았고", "동료를 도왔고"),
        ("말을 듣다", "으면", "말을 들으면"),
        ("사실을 깨닫다", "았습니다", "사실을 깨달았습니다"),
        ("소재를 고르다", "아서", "소재를 골라서"),
        ("계획을 세우다", "았습니다", "계획을 세웠습니다"),
        ("콘티를 그리다", "ㄹ", "콘티를 그릴"),
        ("쿼리를 고치다", "ㄴ다는", "쿼리를 고친다는"),
        ("원인을 찾다", "ㄴ다는", "원인을 찾는다는"),
        ("찾지 못하다", "ㄴ다는", "찾지 못한다는"),
        ("얻어지지 않다", "ㄴ다는", "얻어지지 않는다는"),
        ("값을 쓰다", "아", "값을 써"),
        ("자료를 모으다", "았다", "자료를 모았다"),
        ("알게 되다", "았습니다", "알게 됐습니다"),
        ("색이 나오다", "아", "색이 나와"),
        ("흐름이 끊기다", "ㅂ니다", "흐름이 끊깁니다"),
        ("값을 찾다", "ㅂ니다", "값을 찾습니다"),
        ("제안을 따르다", "았다", "제안을 따랐다"),
    ],
)
def test_verb_forms(phrase: str, ending: str, expected: str) -> None:
    assert conjugate(phrase, ending) == expected


def test_conjugation_refuses_what_is_no_verb() -> None:
    with pytest.raises(ValueError, match="dictionary form"):
        conjugate("서버", "고")
    with pytest.raises(ValueError, match="Hangul"):
        final_of("A")


@pytest.mark.slow
def test_particles_in_the_corpus_fit(large: Corpus) -> None:
    """After a Hangul syllable, 를 and 는 never follow a final consonant, nor 을 an open syllable."""
    wrong = re.compile("[" + "".join(chr(c) for c in range(0xAC00, 0xD7A4) if (c - 0xAC00) % 28) + "]를(?= )")
    text = "\n".join(item.answer for letter in large.letters[:600] for item in letter.items)
    assert wrong.findall(text) == []


@pytest.mark.slow
def test_hardly_any_sentence_repeats(large: Corpus) -> None:
    texts = [item.clean_answer for letter in large.letters if letter.near_duplicate_of is None for item in letter.items]
    numbers = quality(texts)
    assert numbers["repeated_sentences"] < 0.03
    assert numbers["distinct_3"] > 0.3
    assert 5_000 < numbers["vocabulary"] < 25_000


@pytest.mark.slow
def test_no_sentence_skeleton_stands_out(large: Corpus, monkeypatch: pytest.MonkeyPatch) -> None:
    skeletons: Counter[str] = Counter()
    expand = Writer.expand

    def counted(self: Writer, name: str, depth: int = 0) -> str:
        if depth:
            return expand(self, name, depth)
        self.trace.clear()
        text = expand(self, name)
        if name != "heading" and not name.startswith("pii_"):  # drafted for every answer, used in few
            skeletons["|".join(self.trace)] += 1
        return text

    monkeypatch.setattr(Writer, "expand", counted)
    generate(1000, 0, 11)
    assert max(skeletons.values()) / sum(skeletons.values()) < 0.005


def _classify(train: list[tuple[str, str]], test: list[tuple[str, str]]) -> float:
    words: dict[str, Counter[str]] = {}
    for label, text in train:
        words.setdefault(label, Counter()).update(text.split())
    totals = {label: sum(counts.values()) for label, counts in words.items()}

    def score(label: str, text: str) -> float:
        return sum(log((words[label][word] + 0.1) / (totals[label] + 1000)) for word in text.split())

    right = sum(max(words, key=lambda label: score(label, text)) == truth for truth, text in test)
    return right / len(test)


@pytest.mark.slow
def test_answers_tell_occupation_experience_and_topic(large: Corpus) -> None:
    rows = [(letter, item) for letter in large.letters[:900] for item in letter.items if not item.segments]
    cut = len(rows) * 2 // 3
    for pick, least in (("occupation", 0.9), ("experience", 0.75), ("topic", 0.7)):
        pairs = [(str(getattr(x if pick != "topic" else i, pick)), i.clean_answer) for x, i in rows]
        assert _classify(pairs[:cut], pairs[cut:]) > least, pick


@pytest.mark.slow
def test_the_first_sentences_already_tell_the_occupation(large: Corpus) -> None:
    pairs = [
        (letter.occupation, item.clean_answer.split(". ")[0])
        for letter in large.letters[:1500]
        for item in letter.items
    ]
    cut = len(pairs) * 2 // 3
    assert _classify(pairs[:cut], pairs[cut:]) > 0.8


@pytest.mark.slow
def test_questions_do_not_tell_the_occupation(large: Corpus) -> None:
    pairs = [(letter.occupation, item.clean_question) for letter in large.letters[:1500] for item in letter.items]
    cut = len(pairs) * 2 // 3
    assert _classify(pairs[:cut], pairs[cut:]) < 0.3
