"""The synthetic corpus: planted truth is exact, generation is deterministic, defects all occur."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections import Counter
from difflib import SequenceMatcher
from itertools import pairwise
from unicodedata import digit, normalize

import pytest

from jaso_synthetic.corpus import generate
from jaso_synthetic.records import OCCUPATIONS, Corpus, Planted
from jaso_synthetic.truth import truth_records
from jaso_synthetic.undo_defects import apply_planted

SAMPLE_SITES = {
    "company_name", "other_company", "mask_run", "counter", "expert_comment", "subheading", "quotation", "hanja",
    "filler", "pii_phone", "pii_email", "pii_rrn", "pii_frn", "pii_card", "pii_account",
    "pii_business_number", "pii_passport", "pii_license", "pii_student", "pii_address", "pii_url", "pii_handle", "question_echo", "unicode", "whitespace", "sentence_end",
    "repeated_chars", "line_wrap",
}  # fmt: skip


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return generate(500, 200, 7)


def test_applying_the_plants_gives_the_clean_text(corpus: Corpus) -> None:
    for letter in corpus.letters:
        for item in letter.items:
            assert apply_planted(item.question, item.planted, "question") == item.clean_question
            assert apply_planted(item.answer, item.planted, "answer") == item.clean_answer
    for interview in corpus.interviews:
        assert apply_planted(interview.answer, interview.planted, "answer") == interview.clean_answer


def test_offsets_are_exact_and_do_not_overlap(corpus: Corpus) -> None:
    for letter in corpus.letters:
        for item in letter.items:
            for field, raw in (("question", item.question), ("answer", item.answer)):
                plants = sorted((p for p in item.planted if p.field == field), key=lambda p: (p.start, p.end))
                assert all(raw[p.start : p.end] == p.text for p in plants)
                assert all(a.end <= b.start for a, b in pairwise(plants))
            assert all(0 <= m.start < m.end <= len(item.answer) for m in item.marks)
            assert all("\n" not in item.answer[m.start : m.end].strip() for m in item.marks)
            for a, b in pairwise(item.segments):
                assert a.start < a.end <= b.start


def test_apply_refuses_a_span_that_does_not_fit() -> None:
    with pytest.raises(ValueError, match="counter at 0"):
        apply_planted("가나", [Planted("counter", "answer", 0, 1, "나", "")], "answer")


def test_no_placeholder_or_particle_mark_is_left(corpus: Corpus) -> None:
    for letter in corpus.letters:
        for item in letter.items:
            for text in (item.question, item.answer, item.clean_answer):
                assert not set(text) & set("^{}|\ue000\ue001\ue002\ue003\ue004\ue005")
    for interview in corpus.interviews:
        assert not set(interview.answer + interview.summary) & set("^{}|\ue000\ue001")


def test_clean_text_is_clean(corpus: Corpus) -> None:
    for letter in corpus.letters:
        for item in letter.items:
            clean = item.clean_answer
            assert clean == clean.strip() == normalize("NFC", clean)
            assert not re.search(r"\s\s|[\u00a0\u3000\u200b-\u200d\ufeff\uff01-\uff5e\u4e00-\u9fff]", clean)
            assert not re.search(r"\(\d+자\)|글자수|[\w.]@\w|010[-.]?0000", clean)
            assert not any(alias in clean for alias in letter.aliases if len(alias) > 3)
            assert clean[-1] in ".!~ㅎㅋㅠ"


def test_a_small_corpus_is_a_prefix_of_a_large_one(corpus: Corpus) -> None:
    small = generate(40, 25, 7)
    assert small.letters == corpus.letters[:40]
    assert small.interviews == corpus.interviews[:25]
    assert generate(40, 25, 8).letters != small.letters


def test_the_same_bytes_in_another_process() -> None:
    code = (
        "import hashlib, json\n"
        "from jaso_synthetic.corpus import generate\n"
        "from jaso_synthetic.truth import truth_records\n"
        "c = generate(60, 40, 3)\n"
        "text = repr(c) + json.dumps(list(truth_records(c)))\n"
        "print(hashlib.sha256(text.encode()).hexdigest())\n"
    )
    digests = set()
    for seed in ("1", "4711"):
        env = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
        run = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
        digests.add(run.stdout)
    assert len(digests) == 1


def test_every_kind_occurs_and_about_a_third_is_clean() -> None:
    corpus = generate(400, 200, 7)
    items = [item for letter in corpus.letters for item in letter.items]
    kinds = Counter(p.kind for item in items for p in item.planted)
    kinds.update(p.kind for interview in corpus.interviews for p in interview.planted)
    assert set(kinds) == SAMPLE_SITES
    assert {p.replacement for item in items for p in item.planted if p.kind == "mask_run"} == {
        "[회사]", "[이름]", "[동아리]",
    }  # fmt: skip
    counts = [len({p.kind for p in item.planted if p.kind != "quotation"}) for item in items]
    assert 0.28 < sum(n == 0 for n in counts) / len(counts) < 0.48
    assert sum(n <= 2 for n in counts) / len(counts) > 0.9
    assert any(letter.items[0].segments for letter in corpus.letters)


def test_lines_are_wrapped_at_ragged_widths(corpus: Corpus) -> None:
    wrapped = [
        item for letter in corpus.letters for item in letter.items if any(p.kind == "line_wrap" for p in item.planted)
    ]
    items = sum(len(letter.items) for letter in corpus.letters)
    assert 0.02 < len(wrapped) / items < 0.09
    assert all(
        p.text == "\n" and p.replacement == " " for item in wrapped for p in item.planted if p.kind == "line_wrap"
    )
    widths = [{len(line) for line in item.answer.split("\n")} for item in wrapped]
    assert sum(len(lines) >= 3 for lines in widths) > len(widths) / 2


def test_the_page_side_varies(corpus: Corpus) -> None:
    items = [item for letter in corpus.letters for item in letter.items]
    assert {letter.occupation for letter in corpus.letters} == set(OCCUPATIONS)
    assert any(item.counter is None for item in items)
    assert any(item.advice and item.marks for item in items)
    assert any(letter.role is None for letter in corpus.letters)
    assert any(letter.also_listed_in for letter in corpus.letters)
    assert any(len(letter.items) == 1 for letter in corpus.letters)
    assert all(letter.specs[-1].endswith("읽음") for letter in corpus.letters)
    assert all(letter.company in letter.aliases for letter in corpus.letters)
    assert {letter.level_label for letter in corpus.letters} == {"신입", "인턴", "경력"}


def test_near_duplicates_are_similar_but_not_equal(corpus: Corpus) -> None:
    by_id = {letter.id: letter for letter in corpus.letters}
    copies = [letter for letter in corpus.letters if letter.near_duplicate_of is not None]
    assert 0.02 < len(copies) / len(corpus.letters) < 0.09
    for copy in copies:
        source = by_id[copy.near_duplicate_of or 0]
        one, other = (" ".join(item.clean_answer for item in x.items) for x in (copy, source))
        assert source.near_duplicate_of is None
        assert one != other
        assert SequenceMatcher(None, one.split(), other.split(), autojunk=False).ratio() > 0.7


def test_truth_is_json_with_one_record_a_document(corpus: Corpus) -> None:
    records = list(truth_records(corpus))
    assert len(records) == 700
    assert len({str(record["id"]) for record in records}) == 700
    first = json.loads(json.dumps(records[0]))
    assert (first["schema"], first["id"], first["kind"]) == (1, "sample:900001", "letter")
    assert set(first["items"][0]) == {
        "topic", "clean_question", "clean_answer", "segments", "page_only", "planted",
    }  # fmt: skip


def test_personal_data_is_impossible(corpus: Corpus) -> None:
    for letter in corpus.letters:
        for item in letter.items:
            for plant in item.planted:
                digits = "".join(str(value) for value in map(_digit, plant.text) if value is not None)
                if plant.kind == "pii_phone":
                    assert re.fullmatch(r"(?:0|82|0082)(?:10|50)0000\d{4}", digits)
                if plant.kind in ("pii_rrn", "pii_frn"):
                    assert digits[2:6] in ("0230", "0231")
                if plant.kind == "pii_card":
                    assert digits.startswith("0000")
                if plant.kind == "pii_email":
                    assert re.search(r"example\W?(?:dot)?\W?(?:com|org|net)$|\.invalid$|@실례\.테스트$", plant.text)


def _digit(character: str) -> int | None:
    """Return the digit that a character stands for: circled, full-width, Hangul."""
    spoken = "공일이삼사오육칠팔구".find(character)
    return digit(character, None) if spoken < 0 else spoken


def test_negative_counts_are_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        generate(-1, 0, 7)


def test_former_employers_are_named_in_three_of_ten_letters_or_in_all_that_speak_of_one() -> None:
    usual, named = (generate(150, 0, seed=5, named_employers=flag) for flag in (False, True))
    plants = [
        [plant for letter in corpus.letters for item in letter.items for plant in item.planted]
        for corpus in (usual, named)
    ]
    masked, other = (
        [sum(plant.kind == kind for plant in some) for some in plants] for kind in ("mask_run", "other_company")
    )
    assert other[1] > 2.5 * other[0] > 0
    assert masked[1] < masked[0]  # of those that are left, all stand for the company that is addressed
    generics = ("이전 회사", "전 직장", "지금의 회사")
    assert any(word in item.answer for letter in usual.letters for item in letter.items for word in generics)
    assert not any(word in item.answer for letter in named.letters for item in letter.items for word in generics)


def test_odd_companies_are_additional() -> None:
    usual, odd = (generate(120, 0, seed=5, odd_companies=flag).letters for flag in (False, True))
    assert 20 < sum(one == other for one, other in zip(usual, odd, strict=True)) < 80
    assert any(letter.canonical in ("흰여우재", "온누빛", "솔여울", "늘봄채") for letter in odd)
    assert any("|" in letter.company for letter in odd)
    for letter in odd:
        for item in letter.items:
            assert apply_planted(item.answer, item.planted, "answer") == item.clean_answer
