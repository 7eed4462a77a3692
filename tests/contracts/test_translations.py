"""No text is missing in the catalogue: messages and errors of the code, texts of the pages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from message_templates import messages, page_texts
from support import ROOT

from jaso_core.language.catalogue import Catalogue, entries

PACKAGES = ("core", "synthetic", "crawl", "preprocess", "train", "evaluate", "api", "pipeline")
ENTRIES = entries("ko")
CATALOGUE = Catalogue.of(ENTRIES)

SAME_IN_BOTH = re.compile(
    r"(jaso|pip|chmod|cd|hf|`jaso|model=|batch_size|trainer\.|num_|name |CC |ROUGE|BLEU|chrF|EED|d$|z$|SD|\[?owner).*"
    r"|[\w.+%-]*[_=/.][\S]*"
)
"""Commands, keys and names, which a translation has as they are."""


def _is_translated(text: str) -> bool:
    # As it is printed: any value in place of a field.
    printed = text.replace("{}", "X")
    return text in ENTRIES or CATALOGUE.translate(printed) != printed or SAME_IN_BOTH.fullmatch(text) is not None


@pytest.mark.parametrize("package", PACKAGES)
def test_no_message_is_missing(package: str) -> None:
    missing = [
        f"{file.relative_to(ROOT)}: {text}"
        for file in sorted((ROOT / package).rglob("*.py"))
        for text in messages(file)
        if not _is_translated(text)
    ]
    assert not missing, "\n".join(missing)


@pytest.mark.parametrize("file", sorted(ROOT.glob("*/jaso_*/**/*.html.j2")), ids=lambda file: file.name)
def test_no_text_of_a_page_is_missing(file: Path) -> None:
    missing = [text for text in page_texts(file) if not _is_translated(text)]
    assert not missing, "\n".join(missing)


def test_a_translation_has_the_values_of_its_text() -> None:
    for english, korean in ENTRIES.items():
        numbers = sorted(int(number) for number in re.findall(r"\{(\d+)\}", korean))
        assert numbers == list(range(1, english.count("{}") + 1)), english
        assert "{}" not in korean, english


def test_a_translation_is_korean_and_keeps_its_command() -> None:
    for english, korean in ENTRIES.items():
        if prefix := re.match(r"(crawl|preprocess|train|evaluate|score|compare|study|judge|chat|generate): ", english):
            assert korean.startswith(prefix[0]), english


def test_the_catalogue_is_sorted() -> None:
    assert list(ENTRIES) == sorted(ENTRIES)
