"""The report's page from hand-made scores: what is grouped, shown, marked, filtered and left out."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html.parser import HTMLParser
from importlib.resources import files
from typing import Any

import pytest
from html_support import assert_no_escaped_tags

from jaso_core.records import Prediction
from jaso_evaluate.report import render
from jaso_evaluate.report.flags import flags_of
from jaso_evaluate.report.metric_families import family_of, headlines, tokenizer_variants
from jaso_evaluate.report.tables import part_tables, score_groups, tokenizer_panel

VOID = {"meta", "br", "hr", "input", "wbr", "img", "link"}


def entry(value: float | None = 50.0, **more: Any) -> dict[str, Any]:
    bounds = None if value is None else [value - 1, value + 1]
    base = {"value": value, "ci95": bounds, "unit": "F1 (0–100)", "signature": "tok:none", "higher_is_better": True}
    return {**base, "n": 3, **more}


def predictions(rows: Sequence[Mapping[str, Any]]) -> list[Prediction]:
    """Of {"prediction", "reference", "id", "prompt", …}; everything else goes into meta."""
    found = []
    for i, row in enumerate(rows):
        own = {key: row[key] for key in ("id", "prediction", "reference", "prompt") if key in row}
        meta = {key: value for key, value in row.items() if key not in own}
        found.append(Prediction(**{"id": f"t{i}", "prediction": "", "reference": "", **own}, meta=meta))
    return found


def page(
    rows: Sequence[Mapping[str, Any]],
    metrics: Mapping[str, Any] | None = None,
    scores: Mapping[str, Sequence[float | None]] | None = None,
    by: Mapping[str, Any] | None = None,
) -> str:
    """The report of such predictions; `scores`: each measure's scores of single texts."""
    per_example = [{"scores": {name: column[i] for name, column in (scores or {}).items()}} for i in range(len(rows))]
    scoring = {"groups": len(rows), "resamples": 100, "seed": 0, "skipped": [], "baselines": [], "differences": []}
    facts = {"what": "score", "predictions": "p.jsonl", "scoring": {**scoring, "by": by or {}}}
    return render(predictions(rows), {"n": len(rows), "metrics": metrics or {}}, per_example, facts)


class Reader(HTMLParser):
    """Elements as browsers nest them: a tag that closes another than the last one opened is an error."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def of(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for found, attributes in self.seen if found == tag]


@pytest.mark.parametrize(
    ("name", "group"),
    [
        ("bits_per_character_ngram5", "likelihood"),
        ("chrf++", "reference"),
        ("rougeLsum_ko_mecab", "reference"),
        ("bertscore_f1", "reference"),
        ("self_bleu_char", "text"),
        ("length_characters", "text"),
        ("cut_at_limit", "rules"),
        ("register_consistency", "rules"),
        ("leak_company_of_training", "risks"),
        ("sparkle", "other"),
    ],
)
def test_measures_are_grouped_by_what_they_tell(name: str, group: str) -> None:
    assert family_of(name).group == group


def test_the_score_table_puts_headlines_first_and_folds_other_tokenizers() -> None:
    kiwi, jamo = "rouge1|tok:kiwi|v:1", "rouge1|tok:jamo|v:1"
    metrics = {
        "sparkle": entry(1.5, unit="points", higher_is_better=None, signature="own"),
        "rouge1_jamo": entry(signature=jamo),
        "rouge1_kiwi": entry(signature=kiwi),
        "chrf": entry(None, n=0),
        "bits_per_character_untrained": entry(9.5, higher_is_better=False),
    }
    groups = {g["title"]: g for g in score_groups({"metrics": metrics}, ["bits_per_character_untrained"])}
    assert list(groups) == ["Likelihood", "How close to the reference", "Other measures"]
    reference = groups["How close to the reference"]
    assert [[row["name"] for row in f["rows"]] for f in reference["families"]] == [["rouge1_kiwi"], ["chrf"]]
    assert [row["name"] for f in reference["more"] for row in f["rows"]] == ["rouge1_jamo"]
    assert reference["signatures"] == [("rouge1_jamo", jamo), ("rouge1_kiwi", kiwi), ("chrf", "tok:none")]
    assert reference["families"][1]["rows"][0]["value"] == "–"
    assert groups["Likelihood"]["families"][0]["rows"][0]["kind"] == "baseline"
    (row,) = groups["Other measures"]["families"][0]["rows"]
    assert (row["value"], row["arrow"], row["meaning"]) == ("1.5", "", "described, not judged")
    assert headlines(metrics) == ["rouge1_kiwi"]  # chrf has no value


def test_tokenizers_are_told_by_signature_also_of_unknown_measures() -> None:
    metrics = {
        "glow_2_word": entry(signature="order:2|tok:word"),
        "glow_1_word": entry(signature="order:1|tok:word"),
        "glow_1_kiwi_all": entry(signature="order:1|tok:kiwi/all"),
        "glow_1_kiwi": entry(signature="order:1|tok:kiwi"),
        "bleu_kiwi": entry(signature="tok:kiwi|smooth:exp"),
        "bleu_char": entry(signature="tok:char|smooth:exp"),
        "bleu_none": entry(signature="tok:none|smooth:floor"),
        "self_bleu_kiwi": entry(signature="tok:kiwi|smooth:exp"),
    }
    found = {one.stem: dict(one.members) for one in tokenizer_variants(metrics)}
    assert found == {
        "glow_1": {"kiwi": "glow_1_kiwi", "kiwi_all": "glow_1_kiwi_all", "word": "glow_1_word"},
        "bleu": {"char": "bleu_char", "kiwi": "bleu_kiwi"},
    }
    assert list(found["bleu"]) == ["char", "kiwi"]  # what stands in the main table is what others are held against


def test_the_tokenizer_panel() -> None:
    metrics = {"x_kiwi": entry(40.0, signature="tok:kiwi"), "x_jamo": entry(79.0, signature="tok:jamo")}
    kiwi, jamo = (10.0, 20.0, 30.0, None), (9.0, 8.0, 7.0, 100.0)
    lines = [{"scores": {"x_kiwi": a, "x_jamo": b}} for a, b in zip(kiwi, jamo, strict=True)]
    (family,) = tokenizer_panel({"metrics": metrics}, lines)
    assert (family["stem"], family["range"]) == ("x", "40.0 to 79.0")
    assert [row["tokenizer"] for row in family["rows"]] == ["kiwi", "jamo"]
    assert family["rows"][1]["order"] == "−1.00"
    # On one scale from 0 to 80, the highest end of an interval.
    assert family["rows"][0]["strip"] == {"at": 50.0, "low": 48.8, "high": 51.2}


def test_tables_by_occupation_have_korean_names_and_one_scale() -> None:
    part = {"value": 10.0, "ci95": None, "n": 2}
    by = {"occupation": {"ICT": {"chrf": part}, "BM": {"chrf": {**part, "value": 30.0, "ci95": [20.0, 40.0]}}}}
    (table,) = part_tables({"metrics": {"chrf": entry(25.0)}}, by)
    assert [row["name"] for row in table["rows"]] == ["정보통신", "경영"]
    first, second = (row["cells"][0]["strip"] for row in table["rows"])
    assert first == {"at": 0.0, "low": 0.0, "high": 0.0, "all": 50.0}
    assert second == {"at": 66.7, "low": 33.3, "high": 100.0, "all": 50.0}


def test_flags_by_what_a_share_of_texts_says() -> None:
    share = "% of texts"
    metrics = {
        "cut_at_limit": entry(unit=share, higher_is_better=False),
        "leak_company": entry(unit=share, higher_is_better=False),
        "glow_within_limit": entry(unit=share, higher_is_better=True),
        "seen": entry(unit=share, higher_is_better=None),
        "chrf": entry(),
    }
    columns = {"cut_at_limit": (100.0, 0.0), "leak_company": (100.0, None), "glow_within_limit": (100.0, 0.0)}
    lines = [{"scores": {"seen": 100.0, "chrf": 5.0, **{k: v[i] for k, v in columns.items()}}} for i in range(2)]
    found = flags_of({"metrics": metrics}, lines)
    assert [[flag.words for flag in some] for some in found] == [
        ["names a company", "cut at the token limit"],
        ["not glow within limit"],
    ]
    assert [flag.is_risk for flag in found[0]] == [True, False]


def test_an_answer_fits_another_question_only_far_below_chance() -> None:
    metrics = {
        "relevance": entry(unit="% of questions", higher_is_better=True),
        "relevance_top1": entry(unit="% of texts", higher_is_better=True),
    }
    fits = ((100.0, 100.0), (60.0, 0.0), (26.0, 0.0), (24.0, 0.0), (None, None))
    lines = [{"scores": {"relevance": worse, "relevance_top1": best}} for worse, best in fits]
    flags = flags_of({"metrics": metrics}, lines)  # type: ignore[arg-type]
    assert [[flag.words for flag in some] for some in flags] == [[], [], [], ["fits another question better"], []]


def test_the_page_says_how_many_texts_are_left_out() -> None:
    rows = [{"prediction": f"글 {i}", "reference": "글"} for i in range(500)]
    html = page(rows, {"chrf": entry()}, {"chrf": [float(i) for i in range(500)]})
    assert len(Reader(html).of("article")) == 200
    assert "200 texts are shown, 300 are left out" in html
    assert "Highest chrf" in html
    assert html == page(rows, {"chrf": entry()}, {"chrf": [float(i) for i in range(500)]})


@pytest.mark.parametrize("rows", [[{}], [{"prediction": "가"}], [{"prediction": " \n", "reference": "👍🏽"}] * 2])
def test_few_and_empty_texts_without_any_score(rows: list[dict[str, Any]]) -> None:
    html = page([{**row, "id": str(i)} for i, row in enumerate(rows)], {"chrf": entry(None, n=0)}, {"chrf": [None] * 2})
    assert len(Reader(html).of("article")) == len(rows)
    assert "nan" not in html.lower().replace("nanum", "")


def test_hostile_texts_stay_in_their_place() -> None:
    """In every field: no tag of theirs is one, and what cannot be seen is seen."""
    evil = "</div></article></main><script>alert(1)</script><img src=x onerror=alert(2)>'\"\u202e\x00\u2028끝"
    fields = ("id", "prediction", "reference", "prompt", "question", "company", "occupation", "experience")
    rows: list[dict[str, Any]] = [{**dict.fromkeys(fields, evil), "candidates": [evil, {"text": evil}]}, {"id": "b"}]
    part = {"chrf": {"value": 1.0, "ci95": None, "n": 1}}
    by = {"occupation": {evil: part, "BM": part}}
    html = page(rows, {"chrf": entry()}, {"chrf": [1.0, 2.0]}, by)
    read = Reader(html)
    assert read.open == []
    assert len(read.of("article")) == 2
    assert not read.of("script")
    assert not read.of("img")
    assert not re.search(r"[\x00\u202a-\u202e\u2028]", html)
    assert "[U+202E]" in html
    assert not any(name.startswith("on") for _, attributes in read.seen for name in attributes)


def test_tables_and_landmarks_can_be_told_by_a_screen_reader() -> None:
    rows = [{"prediction": "글", "reference": "글", "occupation": o} for o in ("ICT", "BM")]
    part = {"chrf": {"value": 1.0, "ci95": None, "n": 1}}
    tokens = {"r_kiwi": entry(signature="tok:kiwi"), "r_jamo": entry(signature="tok:jamo")}
    scores = {name: [1.0, 2.0] for name in ("chrf", *tokens)}
    text = page(rows, {"chrf": entry(), **tokens}, scores, {"occupation": {"ICT": part, "BM": part}})
    assert_no_escaped_tags(text)
    assert "r_<wbr>kiwi" in text
    read = Reader(text)
    assert all(th.get("scope") in ("col", "row", "rowgroup") for th in read.of("th"))
    ids = [attributes["id"] for tag, attributes in read.seen if "id" in attributes and tag in ("h2", "h3", "input")]
    assert len(ids) == len(set(ids))
    assert {str(a["href"]).removeprefix("#") for a in read.of("a")} <= set(ids)
    assert {section["aria-labelledby"] for section in read.of("section")} <= set(ids)
    assert all("aria-label" in svg and svg["role"] == "img" for svg in read.of("svg"))
    assert len(read.of("main")) == len(read.of("nav")) == 1
    assert {i["name"] for i in read.of("input")} == {"occupation"}


def test_candidates_of_both_kinds_are_shown_folded() -> None:
    texts: list[Any] = ["첫 후보", {"text": "둘째 후보", "stop": "end"}, 5, None]
    html = page([{"prediction": "첫 후보", "candidates": texts}, {"candidates": "가" * 9}])
    assert "All candidates (2)" in html
    assert "둘째 후보" in html
    assert len(Reader(html).of("ol")) == 1
    many = page([{"candidates": [str(i) for i in range(40)]}])
    assert "All candidates (40)" in many
    assert "24 more stand in predictions.jsonl" in many


def test_colours_are_told_apart() -> None:
    """WCAG 2.2: 4.5 for letters, 3 for the parts of plots, in light and in dark."""
    style = files("jaso_evaluate.report").joinpath("style.css").read_text(encoding="utf-8")
    for block in re.findall(r":root \{(.*?)\}", style, re.S)[:2]:
        colour = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", block))
        letters = [("ink", "paper"), ("ink", "mark"), ("soft", "paper"), ("soft", "panel"), ("soft", "plain-back")]
        letters += [("good", "good-back"), ("bad", "bad-back"), ("soft", "good-back"), ("soft", "bad-back")]
        letters += [("main", "paper")]
        assert min(contrast(colour[a], colour[b]) for a, b in letters) >= 4.5
        assert min(contrast(colour[a], colour["paper"]) for a in ("main", "other", "third")) >= 3


def contrast(first: str, second: str) -> float:
    high, low = sorted((luminance(first), luminance(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
