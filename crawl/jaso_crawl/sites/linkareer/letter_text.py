"""Split Linkareer's letters, one text each, into questions and answers."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bs4 import Tag

from jaso_core.records import Item
from jaso_crawl.sites.html_text import exact_text, remove_matching
from jaso_crawl.types import is_blank

# Page labels that are copied along with a text. Only a whole line counts as one.
NOISE = frozenset(
    {
        "마음에 드는 문장을 스크랩",
        "문장 스크랩",
        "공유",
        "새창",
        "목록",
        "다시보지 않기",
        "자세히 알아보기",
        "Copyright © Linkareer Inc.",
    }
)
SUMMARY = "이 글은 "
"""Beginning of the site's own summary, which may precede the first question."""

_NOT_THE_TEXT = ("button", "script", "style")
_FIRST = re.compile(r"^[^\S\n]*1\.\s", re.MULTILINE)  # \s would rescan blank lines quadratically
_NUMBER = re.compile(r"(?P<indent>\s*)(?P<number>[0-9]+)\.\s")


@dataclass(frozen=True, slots=True)
class Letter:
    """Items of a letter's text, and other text before the first question."""

    items: tuple[Item, ...]
    preface: str | None


def written_text(article: Tag | None) -> str | None:
    """Return an article's text; None if it is empty.

    It is preformatted, where line ends are line breaks, unless it has <br>.
    """
    if article is None:
        return None
    remove_matching(article, _NOT_THE_TEXT)
    if article.select_one("br") is not None:
        return exact_text(article)
    text = article.get_text()  # without comments
    return None if is_blank(text) else text


def whole_text(data: str | None, written: str | None) -> str | None:
    """Choose the complete text: the page's data, or the article if they are cut off."""
    if data is None or written is None:
        return data or written
    stored_key, shown_key = _comparable(data), _comparable(written)
    return written if len(shown_key) > len(stored_key) and shown_key.startswith(stored_key) else data


def _comparable(text: str) -> str:
    """Normalise from the first question on, without white space and final ellipsis."""
    # "머리\n1. 지원 동기\n저는…" → "1.지원동기저는"
    first = _FIRST.search(text)
    return "".join(text[first.start() if first else 0 :].split()).rstrip("….")


def split_letter(text: str) -> Letter:
    """Split a text at lines that begin with the next number, "1. " first.

    No items where there is no such line. The rest of that line is the question. Blank lines around an answer separate;
    those inside it stay.
    """
    lines = text.split("\n")  # not splitlines: a writer's text may hold U+2028 and its like
    # "1. 동기", "답", " 2. 목록", "3. 순서", "2. 포부" → questions in lines 0 and 4: an indented number and one
    # out of order belong to the answer
    questions: list[tuple[int, str]] = []
    for index, text_line in enumerate(lines):
        match = _NUMBER.match(text_line)
        if match and match["number"] == str(len(questions) + 1) and not (questions and match["indent"]):
            questions.append((index, text_line[match.end() :]))
    starts = [index for index, _ in questions]
    items = [
        Item(None if is_blank(question) else question, _answer(lines[index + 1 : end], end == len(lines)))
        for (index, question), end in zip(questions, [*starts, len(lines)][1:], strict=True)
    ]
    return Letter(tuple(items), _preface(lines[: starts[0]] if starts else lines))


def _answer(lines: list[str], is_last: bool) -> str | None:
    start, end = 0, len(lines)
    while start < end and (not lines[end - 1].strip() or (is_last and lines[end - 1].strip() in NOISE)):
        end -= 1
    while start < end and not lines[start].strip():
        start += 1
    text = "\n".join(lines[start:end])
    return None if is_blank(text) else text


def _preface(lines: list[str]) -> str | None:
    """Return the text before the first question, without the site's own lines.

    Those are labels of the page and the site's summary.
    """
    text = "\n".join("" if row.strip() in NOISE else row for row in lines)
    parts = [part.strip() for part in re.split(r"\n\s*\n", text)]
    return "\n\n".join(part for part in parts if part and not part.startswith(SUMMARY)) or None
