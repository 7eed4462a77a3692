"""Company columns, spellings and look-alikes: tables of inputs whose right answer was written by hand."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from jaso_core.errors import RequestError
from jaso_core.masking.organisations.spellings import TABLE, compare_key, read_spellings
from jaso_core.masking.unmask_key import KeyEntry, shift_masked, unmask
from jaso_core.records import Document, Item
from jaso_core.text.edits import apply_edits
from jaso_preprocess.steps import STEPS, EditStep

TABLES = sorted(Path(__file__).with_name("company_cases").glob("*.yaml"))
CASES = [pytest.param(case, id=f"{table.stem}-{number}") for table in TABLES
         for number, case in enumerate(yaml.safe_load(table.read_text(encoding="utf-8")), 1)]  # fmt: skip


def build(name: str, **options: object) -> EditStep:
    made = STEPS.build({"name": name, **options}, f"clean.{name}")
    assert isinstance(made, EditStep)
    return made


def mask(case: Mapping[str, Any]) -> tuple[str, str]:
    """Return the masked text, and the text that the key makes of it."""
    company = case.get("company")
    document_text = text = case["text"]
    if company and case.get("nfd"):
        company = unicodedata.normalize("NFD", company)
    companies = build("mask_companies", persons=case.get("persons", False))
    companies.meet([case["crawled"]] if "crawled" in case else [company] if company else [])
    masked: list[Any] = []
    for step in (build("mask_runs"), companies):
        document = Document("1", "test", "letter", (Item(None, text),), company=company)
        edits = step.item_edits(document, document.items[0])["answer"]
        masked = shift_masked(masked, text, edits, masks=True)
        text = apply_edits(text, edits)
    restored = unmask(text, [KeyEntry("1", 0, "answer", *entry) for entry in masked])
    assert restored == document_text, "the key leads back"
    return text, restored


@pytest.mark.parametrize("case", CASES)
def test_a_text_is_masked_as_decided_by_hand(case: Mapping[str, Any]) -> None:
    assert mask(case)[0] == case.get("after", case["text"])


def test_spellings_of_the_users_own_are_added_to_the_table(tmp_path: Path) -> None:
    table = tmp_path / "names.yaml"
    table.write_text("- [가상누리, GASANGNURI, 네이버]\n", encoding="utf-8")
    step = build("mask_companies", spellings=str(table))
    text = "GASANGNURI와 가상누리와 NAVER의 미래"
    document = Document("1", "test", "letter", (Item(None, text),), company="가상누리")
    assert (
        apply_edits(text, step.item_edits(document, document.items[0])["answer"]) == "[회사]와 [회사]와 [회사]의 미래"
    )


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ("- [하나]\n", "company 1 is no list of two names or more"),
        ("- [a, b]\n- c\n", "company 2"),
        ("a: b\n", "company 1"),
        ("- [a\n- ]]", "is no YAML"),
        ("", "company 1"),
    ],
)
def test_a_broken_table_of_spellings_is_refused_by_name(tmp_path: Path, content: str, what: str) -> None:
    table = tmp_path / "names.yaml"
    table.write_text(content, encoding="utf-8")
    with pytest.raises(RequestError, match="names.yaml.*" + what):
        build("mask_companies", spellings=str(table))


def test_the_table_names_no_company_twice() -> None:
    names = [compare_key(name) for row in read_spellings(TABLE) for name in row]
    assert sorted({name for name in names if names.count(name) > 1}) == []
