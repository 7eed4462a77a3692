"""What a user would write instead of jaso's parsers: BeautifulSoup, the sites' own selectors, get_text.

Short as such scripts are, and kinder than most: a site's number before a question is taken away, and nothing fails
where a box lacks a part.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from bs4 import BeautifulSoup, Tag

Pairs = list[tuple[str, str]]


def read_plainly(name: str, html: str) -> Pairs:
    """The questions and answers of a letter of that site."""
    return PARSERS[name](BeautifulSoup(html, "html.parser"))


def _jobkorea(soup: BeautifulSoup) -> Pairs:
    questions = soup.select("dl.qnaLists > dt > button > span.tx")
    return _beside(questions, soup.select("dl.qnaLists > dd > div.tx"))


def _saramin(soup: BeautifulSoup) -> Pairs:
    """Of each box what is left without its heading, its counter, its button and what an editor added."""
    pairs = []
    for box in soup.select("div.box_ty3"):
        heading = box.select_one("h3")
        question = heading.get_text() if heading is not None else ""
        for other in box.select("h3, h4, h4 + p, div, button"):
            other.decompose()
        pairs.append((_without_number(question), box.get_text()))
    return pairs


def _eduss(soup: BeautifulSoup) -> Pairs:
    return _beside(soup.select("#print_area .mt30"), soup.select("#print_area .mb50.contents"))


def _eduss_popup(soup: BeautifulSoup) -> Pairs:
    """Cells in two type sizes."""
    cells = soup.select(".content td")
    questions = [cell for cell in cells if "fon_13" in (cell.get("class") or ()) or cell.select(".fon_13")]
    return _beside(questions, [cell for cell in cells if cell not in questions])


def _linkareer(soup: BeautifulSoup) -> Pairs:
    """One text, divided at the lines that begin with a number."""
    article = soup.select_one("#coverLetterContent")
    text = article.get_text() if article is not None else ""
    parts = (part.partition("\n") for part in re.split(r"^\d+\.\s", text, flags=re.MULTILINE)[1:])
    return [(question, answer) for question, _, answer in parts]


def _beside(questions: list[Tag], answers: list[Tag]) -> Pairs:
    pairs = zip(questions, answers, strict=False)
    return [(_without_number(question.get_text()), answer.get_text()) for question, answer in pairs]


def _without_number(question: str) -> str:
    return re.sub(r"^\s*\d+\.\s*", "", question)


PARSERS: dict[str, Callable[[BeautifulSoup], Pairs]] = {
    "jobkorea": _jobkorea,
    "saramin": _saramin,
    "eduss": _eduss,
    "eduss_popup": _eduss_popup,
    "linkareer": _linkareer,
}
