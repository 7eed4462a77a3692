"""Walk paragraphs of office XML in reading order: bodies, tables and text boxes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph's text; `is_heading`: its style says that it is one."""

    text: str
    is_heading: bool = False


@dataclass(frozen=True)
class Vocabulary:
    """Names of a format's elements, without their namespaces.

    `text`: holds text; `breaks`: stand for a character; `skipped`: read with all that is in them left out.
    """

    paragraph: str
    text: str
    breaks: dict[str, str]
    skipped: Collection[str]


def local_name(element: Any) -> str:
    """Return an element's name without its namespace; "" for comments."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def walk(element: Any, words: Vocabulary) -> Iterator[Any]:
    """Yield the paragraph elements below an element, in reading order.

    A paragraph in a table cell or a text box comes after the one that holds the table.
    """
    for child in element:
        name = local_name(child)
        if name in words.skipped:
            continue
        if name == words.paragraph:
            yield child
        yield from walk(child, words)


def own_text(paragraph: Any, words: Vocabulary) -> str:
    """Return a paragraph's text, without that of paragraphs within it."""
    return "".join(_texts(paragraph, words)).strip(" \t\n")


def _texts(element: Any, words: Vocabulary) -> Iterable[str]:
    for child in element:
        name = local_name(child)
        if name in words.skipped or name == words.paragraph:
            continue
        if name in words.breaks:
            yield words.breaks[name]
        elif name == words.text:
            yield child.text or ""
            # hwpx has marks and breaks within a text, with more text behind them
            for mark in child:
                yield words.breaks.get(local_name(mark), "")
                yield mark.tail or ""
        else:
            yield from _texts(child, words)
