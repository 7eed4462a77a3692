"""Metrics against references hold to the libraries of the field, called directly, and to values worked out by hand."""

from __future__ import annotations

import json
import logging
import random
import unicodedata
from collections import Counter
from typing import Any

import numpy as np
import pytest
import sacrebleu
from rouge_score.rouge_scorer import RougeScorer

from jaso_core.records import Prediction
from jaso_evaluate.algorithms.eed import Costs, extended_edit_distances, separate_punctuation
from jaso_evaluate.algorithms.lcs import lcs_length, union_lcs_hits
from jaso_evaluate.algorithms.ngram_overlap import shared_character_ngrams, shared_token_ngrams
from jaso_evaluate.korean.kiwi_cache import analyse
from jaso_evaluate.korean.tokenizers import TOKENIZERS, to_nfc, token_signature, tokens_by_sentence
from jaso_evaluate.metrics import METRICS, Measure
from jaso_evaluate.scoring.scorer import score

REFERENCE_METRICS = ["bleu", "chrf", "eed", "rouge", "rouge_legacy"]
LETTERS = [
    *"가나다라마바사아자차고객은는이를의에   .,!?\n37aBñ",
    "🙂",
    "👩\u200d💻",
    unicodedata.normalize("NFD", "각"),
    "ㅋ",
]
SAME = "저는 고객의 목소리를 먼저 듣습니다."


def pairs(n: int) -> list[Prediction]:
    """Random texts that share much, with empty, short and equal ones among them."""
    draw = random.Random(1)
    found = []
    for i in range(n):
        reference = "".join(draw.choices(LETTERS, k=draw.randint(0, 40)))
        kept = [c for c in reference if draw.random() < 0.8]
        prediction = "".join(kept) + "".join(draw.choices(LETTERS, k=draw.randint(0, 6)))
        found.append(Prediction(f"r{i}", prediction, reference))
    return [*found, Prediction("same", SAME, SAME), Prediction("empty", "", SAME), Prediction("short", "네", "네")]


PAIRS = pairs(200)
MINE, THEIRS = to_nfc(p.prediction for p in PAIRS), to_nfc(p.reference for p in PAIRS)


def measures(name: str, predictions: list[Prediction], **options: Any) -> dict[str, Measure]:
    metric = METRICS.build({"name": name, **options}, f"metrics.{name}")
    return {m.name: m for m in metric.measure(predictions)}


def pair(prediction: str, reference: str) -> list[Prediction]:
    return [Prediction("a", prediction, reference)]


def without_empty_references(predictions: list[Prediction]) -> list[Prediction]:
    """sacrebleu leaves them out of chrF, and jaso counts them."""
    return [p for p in predictions if p.reference.strip()]


def check_against_sacrebleu(measure: Measure, corpus: Any, single: Any, mine: list[str], theirs: list[str]) -> None:
    for rows in (slice(None), slice(0, 1), slice(-1, None), slice(-3, None), slice(-2, -1), slice(0, 50)):
        expected = corpus.corpus_score(mine[rows], [theirs[rows]])
        assert measure.reduce(measure.stats[rows].sum(axis=0)) == pytest.approx(expected.score, abs=1e-9)
    for a, b, value in zip(mine, theirs, measure.per_example(), strict=True):
        assert value == pytest.approx(single.sentence_score(a, [b]).score, abs=1e-9)


@pytest.mark.parametrize("tokenizer", ["char", "ko-mecab", "none", "kiwi-all"])
def test_bleu_is_sacrebleus(tokenizer: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR, "sacrebleu")
    measure = measures("bleu", PAIRS, tokenizers=[tokenizer])[f"bleu_{tokenizer.replace('-', '_')}"]
    mine, theirs, cut = MINE, THEIRS, tokenizer
    if tokenizer == "kiwi-all":  # what sacrebleu does not know it gets ready-made, between blanks
        tokens = TOKENIZERS[tokenizer]([*MINE, *THEIRS])
        mine, theirs, cut = [" ".join(tokens[t]) for t in MINE], [" ".join(tokens[t]) for t in THEIRS], "none"
    corpus = sacrebleu.BLEU(tokenize=cut)
    check_against_sacrebleu(measure, corpus, sacrebleu.BLEU(tokenize=cut, effective_order=True), mine, theirs)
    signature = str(corpus.get_signature())
    if tokenizer == "kiwi-all":
        signature = signature.replace("tok:none", f"tok:{token_signature('kiwi-all')}")
    assert measure.signature == f"{signature}|norm:nfc"


@pytest.mark.parametrize("word_order", [0, 1, 2])
@pytest.mark.parametrize("options", [{}, {"beta": 1, "char_order": 4}, {"char_order": 8}])
def test_chrf_is_sacrebleus(options: dict[str, Any], word_order: int) -> None:
    held = without_empty_references(PAIRS)
    assert 0 < len(PAIRS) - len(held) < 20
    mine, theirs = to_nfc(p.prediction for p in held), to_nfc(p.reference for p in held)
    found = measures("chrf", held, **options, word_orders=[word_order, 3])
    scorer = sacrebleu.CHRF(**options, word_order=word_order)
    measure = found["chrf" + "+" * word_order]
    check_against_sacrebleu(measure, scorer, scorer, mine, theirs)
    assert measure.signature == f"{scorer.get_signature()}|norm:nfc"
    assert set(found) == {measure.name, "chrf+++"}


class Cut:
    """A tokenizer for rouge_score that takes texts which are cut already."""

    def tokenize(self, text: str) -> list[str]:
        return [token for token in text.split("\x1f") if token]


@pytest.mark.parametrize("tokenizer", sorted(TOKENIZERS))
def test_rouge_is_rouge_scores(tokenizer: str) -> None:
    found = measures("rouge", PAIRS, tokenizers=[tokenizer])
    tokens = TOKENIZERS[tokenizer]([*MINE, *THEIRS])
    sentences = tokens_by_sentence(tokenizer, [*MINE, *THEIRS])
    whole = RougeScorer(["rouge1", "rouge2", "rougeL"], tokenizer=Cut())
    summary = RougeScorer(["rougeLsum"], tokenizer=Cut())
    name = tokenizer.replace("-", "_")
    scores = {key: measure.per_example() for key, measure in found.items()}
    for i, (mine, theirs) in enumerate(zip(MINE, THEIRS, strict=True)):
        expected = whole.score("\x1f".join(tokens[theirs]), "\x1f".join(tokens[mine]))
        lines = ["\n".join("\x1f".join(sentence) for sentence in sentences[text]) for text in (theirs, mine)]
        expected |= summary.score(*lines)
        for kind, one in expected.items():
            assert scores[f"{kind}_{name}"][i] == pytest.approx(100 * one.fmeasure, abs=1e-9), (kind, mine, theirs)
    assert len(found) == 4


def test_rouge_of_the_union_is_rouge_scores_on_many_sentences() -> None:
    draw = random.Random(2)
    scorer = RougeScorer(["rougeLsum"], tokenizer=Cut())
    for _ in range(150):
        texts = [[draw.choices("가나다라", k=draw.randint(1, 12)) for _ in range(draw.randint(1, 6))] for _ in range(2)]
        expected = scorer.score(*("\n".join("\x1f".join(s) for s in text) for text in texts))["rougeLsum"]
        assert union_lcs_hits(*texts) / sum(map(len, texts[0])) == pytest.approx(expected.recall)


def test_sentences_are_lines_and_kiwis() -> None:
    text = "첫 문장입니다. 둘째 문장이에요!\n셋째 줄\n\n 넷째 "
    assert tokens_by_sentence("word", [text])[text] == [
        ["첫", "문장입니다."],
        ["둘째", "문장이에요!"],
        ["셋째", "줄"],
        ["넷째"],
    ]
    assert tokens_by_sentence("kiwi", [text])[text][0] == ["첫/MM", "문장/NNG", "이/VCP"]
    long = "네. " * 700
    assert [len(found) for found in tokens_by_sentence("word", [long])[long]][-2:] == [1, 201]
    assert tokens_by_sentence("character", ["", " \n"]) == {"": [], " \n": []}


def test_morphemes_stand_where_they_say() -> None:
    text = "  API 3건 및/또는 🙂 고쳤다"
    found = analyse([text])[text]
    assert found.tokens[:2] == ["API/SL", "3/SN"]
    assert "//SP" in found.tokens
    assert text[found.starts[0] : found.ends[0]] == "API"
    assert found.ends[-1] == len(text)


def test_a_long_text_is_analysed_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    text = f"{SAME}\n" * 9
    whole = analyse([text])[text]
    monkeypatch.setattr("jaso_evaluate.korean.kiwi_cache._analyses", {})
    monkeypatch.setattr("jaso_evaluate.korean.kiwi_cache._CHUNK_CHARACTERS", len(SAME) + 4)
    assert analyse([text])[text][:3] == whole[:3]
    endless = "a" * 100
    assert analyse([endless])[endless].ends.tolist() == [24, 48, 72, 96, 100]


def test_shared_ngrams_by_counting(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = [
        [sum((grams(a, n) & grams(b, n)).values()) for n in range(1, 8)] for a, b in zip(MINE, THEIRS, strict=True)
    ]
    for chunk in (1 << 18, 50):
        monkeypatch.setattr("jaso_evaluate.algorithms.ngram_overlap._CHUNK_TOKENS", chunk)
        found = shared_character_ngrams(MINE, THEIRS, 7)
        assert found.matches.tolist() == expected
        assert found.totals(found.first)[:, 2].tolist() == [max(len(text) - 2, 0) for text in MINE]
        assert shared_token_ngrams(MINE, THEIRS, 7).matches.tolist() == expected
    assert shared_character_ngrams([], [], 4).matches.shape == (0, 4)


def grams(text: str, n: int) -> Counter[str]:
    return Counter(text[i : i + n] for i in range(len(text) - n + 1))


# From torchmetrics 1.9.0: extended_edit_distance([prediction], [[reference]], language="en"), with the default costs
# and, in the last column, with rho=0.25 and deletion=0.25.
EED = [
    (SAME, SAME, 0.012876, 0.010753),
    ("고객의 목소리를 저는 먼저 듣습니다.", SAME, 0.208163, 0.206186),
    ("저는 꼼꼼한 사람입니다!", "저는 꼼꼼하고 성실한 사람입니다.", 0.358974, 0.347826),
    ("하늘이 푸르다", SAME, 0.84918, 0.846154),
    ("", SAME, 0.932432, 0.929825),
    ("네, 네, 네, 네, 네.", "네.", 0.626168, 0.589744),
    ("API 3건을 고쳤습니다 🙂", "API 오류 3건을 찾아 고쳤습니다.", 0.377432, 0.366337),
    (
        "팀원과 의견이 달랐지만, 자료를 함께 보며 합의했습니다.",
        "의견이 다른 팀원과 자료를 보며 합의했습니다.",
        0.353659,
        0.361538,
    ),
    ("가", "나", 0.487179, 0.466667),
    (
        "매장에서 일하며 불만을 절반으로 줄였습니다. 그 뒤로 단골이 늘었습니다.",
        "매장에서 일하며 단골이 늘었고, 불만을 줄였습니다.",
        0.427848,
        0.418301,
    ),
]


def test_eed_is_torchmetrics() -> None:
    data = [Prediction(str(i), a, b) for i, (a, b, _, _) in enumerate(EED)]
    found = measures("eed", data)["eed"]
    assert found.per_example() == pytest.approx([100 * value for _, _, value, _ in EED], abs=1e-4)
    other = measures("eed", data, rho=0.25, deletion=0.25)["eed"]
    assert other.per_example() == pytest.approx([100 * value for _, _, _, value in EED], abs=1e-4)
    assert found.higher_is_better is False


def test_eed_by_hand() -> None:
    """Equal texts cost nothing, but the place before the first of n characters is never read: rho / (n + rho)."""
    assert extended_edit_distances(["가나 다"], ["가나 다"])[0] == pytest.approx(0.3 / (4 + 0.3))
    # 다 → 마 costs 1 wherever it is booked, and the first such place is 나's: it is read again, 다 never, nor the start.
    assert extended_edit_distances(["가나다라"], ["가나마라"])[0] == pytest.approx((1 + 3 * 0.3) / (4 + 3 * 0.3))
    assert separate_punctuation("네.  그렇죠,\n정말! ") == " 네 . 그렇죠 , 정말 ! "


def test_eed_reads_in_batches_what_it_reads_alone() -> None:
    mine, theirs = [separate_punctuation(text) for text in MINE], [separate_punctuation(text) for text in THEIRS]
    together = extended_edit_distances(mine, theirs, Costs(deletion=0.25))
    alone = [extended_edit_distances([a], [b], Costs(deletion=0.25))[0] for a, b in zip(mine, theirs, strict=True)]
    assert together.tolist() == alone


def test_eed_reads_the_beginning_of_a_long_text() -> None:
    data = [*pair("가나 " * 100, "가나 " * 100), Prediction("b", SAME, SAME)]
    found = measures("eed", data, longest=30)
    assert found["eed"].per_example()[0] == measures("eed", pair("가나 " * 10, "가나 " * 10))["eed"].value()
    assert found["eed_cut"].value() == 50.0
    assert "longest:30" in found["eed"].signature
    assert "eed_cut" not in measures("eed", data)


def test_equal_texts_have_full_scores_and_disjoint_ones_none() -> None:
    for text in (
        "저는 꼼꼼한 사람입니다. 기록을 다시 살핍니다.",
        "네, 맞습니다, 그렇습니다!",
        "API 3건을 고쳤습니다. 🙂",
    ):
        for name, options in (("bleu", {"tokenizers": ["char", "ko-mecab", "kiwi-all"]}), ("chrf", {}), ("rouge", {})):
            for measure in measures(name, pair(text, text), **options).values():
                assert measure.value() == pytest.approx(100), measure.name
            for measure in measures(name, pair("🙂😀", text.replace("🙂", "")), **options).values():
                assert measure.value() == 0, measure.name
        assert measures("eed", pair(text, text))["eed"].value() < 2  # type: ignore[operator]
        assert measures("eed", pair("🙂😀", text.replace("🙂", "")))["eed"].value() > 70  # type: ignore[operator]
    assert measures("rouge", pair("네.", "네."))["rouge1_kiwi"].value() == pytest.approx(100)


def test_taken_apart_hangul_is_the_same_hangul() -> None:
    apart = unicodedata.normalize("NFD", SAME)
    assert sacrebleu.CHRF().sentence_score(apart, [SAME]).score < 5, "why texts are composed first"
    for name in ("bleu", "chrf", "rouge", "eed"):
        same = measures(name, pair(SAME, SAME))
        for key, measure in measures(name, pair(apart, SAME)).items():
            assert measure.value() == same[key].value()
            assert "norm:nfc" in measure.signature


@pytest.mark.parametrize("name", REFERENCE_METRICS)
def test_texts_with_nothing_in_them_have_defined_scores(name: str) -> None:
    odd = ["", " ", "\n", "네", "ㅋ", "🙂", "\u1100", "\x00", "\u200b", "가" * 1000, SAME]
    data = [Prediction(f"{i}-{j}", a, b) for i, a in enumerate(odd) for j, b in enumerate(odd)]
    scored = score(data, {name: {"name": name}}, resamples=100, seed=0)
    json.dumps([scored.scores, scored.per_example, scored.extras], allow_nan=False)
    for key, entry in scored.scores["metrics"].items():
        assert entry["n"] == len(data)
        assert all(row["scores"][key] is not None for row in scored.per_example), key
    assert score(data[:1], {name: {"name": name}}, resamples=100, seed=0).scores["n"] == 1


def test_very_long_texts_take_bounded_time() -> None:
    draw = np.random.default_rng(3)
    words = ["가나", "다라마", "바.", "사아자"]
    long = [" ".join(words[i] for i in draw.integers(4, size=28_000)) for _ in range(2)]
    assert min(map(len, long)) > 80_000
    tokens = ["char", "none"]
    assert len(measures("bleu", pair(*long), tokenizers=tokens)) == 2
    assert len(measures("chrf", pair(*long))) == 2
    found = measures("rouge", pair(*long), tokenizers=["character"], types=["rouge1", "rouge2", "rougeL"])
    assert found["rouge1_character"].value() > found["rougeL_character"].value() > 50  # type: ignore[operator]
    assert measures("eed", pair(*long), longest=2000)["eed"].value() > 0  # type: ignore[operator]
    # One sentence of 20,000 tokens, whose table is read back block by block.
    one, other = ([list(text[:20_000])] for text in long)
    assert union_lcs_hits(one, other) == lcs_length(one[0], other[0])


class TestRougeLegacy:
    """Why ROUGE-1 equals ROUGE-L in tables of Korean texts: only Latin letters and digits are left of them."""

    def scores(self, prediction: str, reference: str) -> list[float | None]:
        return [measure.value() for measure in measures("rouge_legacy", pair(prediction, reference)).values()]

    def test_korean_has_nothing_and_a_digit_everything(self) -> None:
        assert self.scores(SAME, SAME) == [0, 0, 0, 0, 100]
        assert self.scores("매장에서 3년 일했습니다.", "동아리 회의를 3번 열었습니다.") == [100, 0, 100, 1, 0]
        assert measures("rouge", pair(SAME, SAME))["rouge1_kiwi"].value() == 100

    def test_one_and_l_are_equal_on_few_tokens_and_two_is_next_to_nothing(self) -> None:
        letters = [
            "API 3건을 고쳤습니다",
            "서버를 2대 늘렸습니다",
            "저는 성실합니다",
            "AWS로 옮겼습니다",
            "팀장을 3년 했습니다",
        ]
        data = [Prediction(f"{i}{j}", a, b) for i, a in enumerate(letters) for j, b in enumerate(letters) if i != j]
        found = measures("rouge_legacy", data)
        assert found["rouge1_legacy"].per_example() == found["rougeL_legacy"].per_example()
        assert found["rouge1_legacy"].value() == pytest.approx(2 * 100 * (2 * 0.5 / 1.5) / 20)  # "3" in two of 20 pairs
        assert found["rouge2_legacy"].value() == 0
        assert found["legacy_tokens"].value() == pytest.approx((2 + 1 + 0 + 1 + 1) / 5)
        assert found["legacy_blank"].value() == 0

    def test_it_is_rouge_score_and_judges_nothing(self) -> None:
        data = [*PAIRS, Prediction("x", "Python 3 and SQL 2", "SQL 2, Python 3 및 AWS")]
        found = measures("rouge_legacy", data)
        scorer = RougeScorer(["rouge1", "rouge2", "rougeL"])
        for i, p in enumerate(data):
            for kind, expected in scorer.score(p.reference, p.prediction).items():
                value = found[f"{kind}_legacy"].per_example()[i] if i % 20 == 0 or p.id == "x" else None
                assert value is None or value == pytest.approx(100 * expected.fmeasure, abs=1e-9)
        assert all(measure.higher_is_better is None for measure in found.values())
        assert "Latin letters and digits only" in found["rougeL_legacy"].unit
