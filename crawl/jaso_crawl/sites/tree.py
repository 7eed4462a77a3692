"""Text out of a parsed page, exactly: a line break is a <br>, and the source's own line ends mean nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bs4 import BeautifulSoup, Tag
from bs4.element import Comment, NavigableString

# A line end of the source, with the indentation that follows it. NUL marks it meanwhile: no HTML text can hold one.
_SOURCE_BREAK = re.compile(r"\n[ \t\n]*")
_MARK = "\0"
_MARKED_BREAK = re.compile(f"{_MARK}*\n{_MARK}*")


def parse_html(html: str) -> BeautifulSoup:
    """The tree. lxml is the fastest parser and mends broken markup as browsers mostly do.

    A lone carriage return is what a browser writes for &#13;. It means nothing; a parser would make a line end of it.
    """
    # Without the option BeautifulSoup makes one space of every run of spaces that stands alone.
    return BeautifulSoup(html.replace("\r\n", "\n").replace("\r", ""), "lxml", preserve_whitespace_tags={"html"})


def without(tag: Tag, selectors: Sequence[str]) -> Tag:
    """Removes what matches from the tree itself, so that no regex has to guess where it ended; returns `tag`."""
    for selector in selectors:
        for unwanted in tag.select(selector):
            unwanted.decompose()
    return tag


def exact_text(tag: Tag | None) -> str | None:
    """The text with "\\n" for each <br> and no "\\r"; None when there is nothing but space.

    A line end of the source is a space inside a line, and nothing beside a <br> or at either end. All other space
    stays as it is: cleaning is the next stage's work, and it wants to be measured.
    """
    if tag is None:
        return None
    parts: list[str] = []
    for node in tag.descendants:
        if isinstance(node, Tag):
            if node.name == "br":
                parts.append("\n")
        elif isinstance(node, NavigableString) and not isinstance(node, Comment):
            parts.append(_SOURCE_BREAK.sub(_MARK, str(node).replace("\r", "")))
    text = _MARKED_BREAK.sub("\n", "".join(parts)).strip(_MARK).replace(_MARK, " ")
    return text if text.strip() else None


def line(tag: Tag | None) -> str | None:
    """The text on one line, single-spaced, for labels and names; None when nothing is left."""
    return " ".join(tag.get_text(" ").split()) or None if tag is not None else None
