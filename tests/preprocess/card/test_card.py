"""The corpus card: what it says, that it says it alike each time, and that nothing in it breaks the page."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import yaml
from html_support import assert_no_escaped_tags
from hypothesis import given, settings
from hypothesis import strategies as st

from jaso_core.licences import check_licence, combine_licences, hub_licences
from jaso_core.report.number_format import percent
from jaso_preprocess.card import page, readme, write_card
from jaso_preprocess.card.number_format import number, without_folders

SPREAD = {"total": 1234567.0, "mean": 350.77, "min": 1.0, "p10": 258.0, "median": 346.0, "p90": 434.0, "max": 1185.0}
STATS: dict[str, Any] = {
    "documents": {"read": 1210, "kept": 1200},
    "items": {"read": 2500, "parts": 40, "kept": 2400, "dropped": 140},
    "examples": {"train": 2000, "validation": 250, "test": 150},
    "groups": 1190,
    "sentences": 16000,
    "dropped": {"no_answer": 120, "too_short": 20},
    "dropped_by_step": {"length": {"no_answer": 120, "too_short": 20}},
    "changed": {"unicode": 64, "mask_pii": 58, "length": 0},
    "edits": {"mask_pii": {"pii_phone": 31, "pii_email": 1022}},
    "characters": {"question": SPREAD, "answer": SPREAD, "sentence": SPREAD},
    "bytes": {"answer": SPREAD},
    "histograms": {"answer_characters": {"edges": [0, 100, 200.5], "counts": [1500, 900]}},
    "occupation": {"ICT": 2400},
    "experience": {"NEW": 2000, "EXPERIENCED": 400},
    "source": {"sample": 2400},
    "kind": {"letter": 1200},
    "strata": [
        {"occupation": "ICT", "experience": "NEW", "source": "sample", "train": 1700, "validation": 200, "test": 100},
        {"occupation": None, "experience": None, "source": "sample", "train": 300, "validation": 50, "test": 50},
    ],
    "question_types": {"motivation": 1400, "growth": 1000},
    "duplicates": {"documents": 20, "exact": 7, "near": 13, "clusters": 18, "largest": 4, "across_sources": 0, "items": 3},
    "licences": {"CC BY-SA 4.0": 1200},
    "split": {"repaired": 3, "moved": 9},
}  # fmt: skip
ABOUT: dict[str, Any] = {
    "title": "합성 말뭉치",
    "inputs": ["crawl"],
    "config": {"clean": {"unicode": {"name": "unicode"}, "mask": {"names": "/home/someone/secret/gazetteer.txt"}}},
    "seed": 7,
    "versions": {"jaso": "0.1.0"},
    "command": "/home/someone/venv/bin/jaso preprocess input=/home/someone/crawl out=runs/clean",
    "made": "2026-01-02",
    "topic_labels": {"motivation": "지원동기"},
}


class Reader(HTMLParser):
    """Headings, visible text and addresses of a page; complains about tags that are not closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.headings: list[str] = []
        self.addresses: list[str] = []
        self.labels: list[str] = []
        self.scripts = 0
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ("meta", "link", "br", "img"):
            self.open.append(tag)
        self.scripts += tag == "script" or any(name.startswith("on") for name, _ in attrs)
        self.addresses += [value or "" for name, value in attrs if name in ("src", "href")]
        self.labels += [value or "" for name, value in attrs if name == "aria-label"]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.addresses += [value or "" for name, value in attrs if name in ("src", "href")]

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "h2":
            self.headings.append(data)


def head(text: str) -> dict[str, Any]:
    """The YAML between the two rules at the top of a README."""
    found: dict[str, Any] = yaml.safe_load(text.split("---\n")[1])
    return found


def test_the_page_tells_the_numbers_with_their_units() -> None:
    text = page(STATS, ABOUT)
    assert_no_escaped_tags(text)
    read = Reader(text)
    assert read.headings == [
        "Size", "Lengths", "Cleaning", "Sources", "Who writes", "Copies", "What is asked", "Personal data",
        "How it was made",
    ]  # fmt: skip
    for shown in (
        "2,400",
        "1,190",
        "16,000",
        "1,234,567",
        "350.8",
        "83.3 %",
        "자 (Unicode code points)",
        "바이트 (UTF-8)",
    ):
        assert shown in text, shown
    assert "지원동기 (motivation)" in text
    assert "정보통신 (ICT)" in text
    assert "pass it on under CC BY-SA only" in text


def test_every_plot_has_words_and_a_table_for_those_who_cannot_see_it() -> None:
    text = page(STATS, ABOUT)
    labels = Reader(text).labels
    assert len(labels) == text.count("<svg ") == 10
    assert all(label.startswith(("Bar chart. ", "Histogram. ")) for label in labels)
    assert "Histogram. Length of answers: most have 0 to 100 (1,500 answers)." in labels
    for drawn in text.split("<svg ")[1:]:
        assert "<table>" in drawn.split("</svg>")[1], "the table comes before the next plot"


def test_the_page_asks_no_network_and_runs_no_script() -> None:
    read = Reader(page(STATS, ABOUT))
    assert read.scripts == 0
    assert all(address.startswith("#") for address in read.addresses)
    assert "://" not in page(STATS, {})


def test_equal_numbers_give_equal_bytes(tmp_path: Path) -> None:
    assert page(STATS, ABOUT) == page(STATS, ABOUT)
    assert readme(STATS, ABOUT) == readme(STATS, ABOUT)
    write_card(STATS, ABOUT, lambda name: tmp_path / name)
    assert (tmp_path / "card.html").read_text(encoding="utf-8") == page(STATS, ABOUT)
    assert (tmp_path / "README.md").read_text(encoding="utf-8") == readme(STATS, ABOUT)


def test_what_is_missing_leaves_its_section_out() -> None:
    assert Reader(page({}, {})).headings == []
    for key, heading in (("duplicates", "Copies"), ("question_types", "What is asked"), ("edits", "Personal data")):
        less = {name: value for name, value in STATS.items() if name != key}
        assert heading not in Reader(page(less, ABOUT)).headings
    assert "## Copies" not in readme({}, {})
    assert "**No masking ran.**" in readme({}, {})


NAMES = st.text(st.characters(), max_size=8) | st.sampled_from(
    [
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "$x^2$",
        "a|b",
        "{{ 7 }}",
        "\u202eabc",
        "\x00",
        "👩\u200d💻",
    ]
)
COUNTS = st.dictionaries(NAMES, st.integers(0, 10**7), max_size=4)


@pytest.mark.slow
@given(st.sets(st.sampled_from(sorted(STATS))), COUNTS, NAMES)
@settings(max_examples=25, deadline=None, derandomize=True, database=None)
def test_no_name_breaks_the_card(kept: set[str], counts: Mapping[str, int], name: str) -> None:
    stats = {key: STATS[key] for key in kept}
    stats |= {"source": counts, "question_types": counts, "dropped_by_step": {name: counts}, "licences": counts}
    about = {"title": name, "command": name, "inputs": [name], "topic_labels": {name: name}, "config": {name: name}}
    text = page(stats, about)
    assert Reader(text).scripts == 0
    assert text.encode("utf-8")
    card = readme(stats, about)
    assert head(card)["configs"][0]["config_name"] == "default"
    assert "<script" not in card.split("---\n", 2)[2].split("```")[0]
    assert (
        len({line.count(" | ") for line in card.split("## Sources and licences")[1].split("\n\n")[1].splitlines()}) == 1
    )


def test_five_hundred_occupations_fit_on_the_page() -> None:
    strata = [{"occupation": f"직무{i}", "train": 500 - i, "validation": 0, "test": 0} for i in range(500)]
    text = page({"strata": strata}, {})
    assert text.count("<tr>") < 100
    assert "460 more" in text


def test_labels_are_letters_whatever_fonts_are_here(recwarn: pytest.WarningsRecorder) -> None:
    text = page(STATS, ABOUT)
    assert "지원동기 (motivation)</text>" in text
    assert not [warning for warning in recwarn if "missing" in str(warning.message)]


def test_the_head_is_what_the_hub_reads() -> None:
    assert head(readme(STATS, ABOUT)) == {
        "pretty_name": "합성 말뭉치",
        "language": ["ko"],
        "license": "cc-by-sa-4.0",
        "multilinguality": ["monolingual"],
        "size_categories": ["1K<n<10K"],
        "task_categories": ["text-generation"],
        "tags": ["korean", "cover-letter", "interview"],
        "configs": [
            {
                "config_name": "default",
                "data_files": [
                    {"split": "train", "path": "examples/train.parquet"},
                    {"split": "validation", "path": "examples/validation.parquet"},
                    {"split": "test", "path": "examples/test.parquet"},
                ],
            }
        ],
    }


def test_the_readme_lists_the_steps_in_their_order() -> None:
    text = readme(STATS, ABOUT)
    rows = re.findall(r"^\| `(\w+)` \| .* \| ([\d,–]+) \| ([\d,–]+) \|$", text, re.MULTILINE)
    assert rows == [("unicode", "64", "0"), ("mask_pii", "58", "0"), ("length", "0", "140")]
    assert "| mask\\_pii | pii\\_email | 1,022 |" in text
    assert "Dropped, by reason: no\\_answer 120, too\\_short 20." in text


def test_folders_of_the_machine_stay_at_home() -> None:
    for text in (page(STATS, ABOUT), readme(STATS, ABOUT)):
        assert "someone" not in text
        assert "jaso preprocess input=crawl out=clean" in text
    assert "gazetteer.txt" in page(STATS, ABOUT)
    assert (
        without_folders("see https://example.org/a/b and ./자료/상담.csv") == "see https://example.org/a/b and 상담.csv"
    )


def test_numbers_for_people() -> None:
    assert [number(1234567), number(350.77), number(21.0), number(None)] == ["1,234,567", "350.8", "21", "–"]
    share = partial(percent, space=" ")
    assert [share(1, 3), share(1, 10**6), share(10**6 - 1, 10**6), share(0, 5), share(1, 0)] == [
        "33.3 %", "< 0.1 %", "> 99.9 %", "0.0 %", "–",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("licence", "conditions"),
    [
        ("CC0-1.0 (synthetic, jaso sample corpus)", 0), ("CC BY 4.0", 1), ("CC-BY-SA-4.0", 2), ("cc-by-nc-4.0", 2),
        ("CC BY-NC-SA 2.0 KR", 3), ("Creative Commons Attribution 4.0 International", 1), ("저작자표시-비영리 4.0", 2),
        ("https://creativecommons.org/licenses/by-sa/4.0/", 2), ("MIT License", 1), ("Apache License, Version 2.0", 2),
        ("BSD-3-Clause", 1), ("ODC-By 1.0", 1), ("KOGL Type 1", 1), ("공공누리 제1유형 (출처표시)", 1),
    ],
)  # fmt: skip
def test_open_licences_allow_with_their_conditions(licence: str, conditions: int) -> None:
    found = check_licence(licence)
    assert found.allowed
    assert len(found.conditions) == conditions


@pytest.mark.parametrize(
    "licence",
    [
        "unlicensed: rights stay with the writers and Saramin", "AI Hub 71592 (채용면접 인터뷰 데이터): for AI training",
        "All rights reserved", "CC BY-NC-ND 4.0", "CC BY-ND", "Attribution-NoDerivatives 4.0", "저작자표시-변경금지",
        "https://creativecommons.org/licenses/by-nd/4.0/", "공공누리 제4유형", "KOGL Type 3", "무단 전재 및 재배포 금지",
        "CC BY 4.0, but may not be passed on",
    ],
)  # fmt: skip
def test_barred_licences_do_not_even_allow_an_export(licence: str) -> None:
    found = check_licence(licence)
    assert (found.allowed, found.local) == (False, False)
    assert found.why


@pytest.mark.parametrize("licence", [None, "", "(none)", "my own", "CC BY 4.0 (research only)", "MIT or so", "연구용"])
def test_what_is_not_known_stays_on_the_disk(licence: str | None) -> None:
    found = check_licence(licence)
    assert (found.allowed, found.local) == (False, True)


def test_licences_together() -> None:
    assert combine_licences(["CC0-1.0", "MIT", "CC BY 4.0"]).conditions == (
        "name the authors and the licence, and say that the text was changed",
        "keep the copyright line and the licence's text",
    )
    one_bars = combine_licences(["CC0-1.0", None, "AI Hub 71592"])
    assert (one_bars.allowed, one_bars.local) == (False, False)
    assert one_bars.why.startswith("AI Hub 71592: ")
    assert not combine_licences([]).allowed
    clash = combine_licences(["CC BY-SA 4.0", "CC BY-NC-SA 4.0"])
    assert not clash.allowed
    assert clash.why.startswith("CC BY-NC-SA and CC BY-SA conflict")
    assert not combine_licences(["CC BY-SA 4.0", "CC BY-NC 4.0"]).allowed
    assert combine_licences(["CC BY-NC-SA 4.0", "CC BY-NC 4.0"]).allowed
    assert hub_licences(["CC BY 4.0", "CC BY", None]) == ["cc", "cc-by-4.0", "unknown"]


@pytest.mark.slow
@given(st.text(st.characters(), max_size=30))
@settings(max_examples=200, deadline=None, derandomize=True, database=None)
def test_a_barred_word_wins_wherever_it_stands(around: str) -> None:
    assert not check_licence(f"CC0 {around} all rights reserved").allowed
    assert check_licence(around) == check_licence(around)
