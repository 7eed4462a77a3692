"""Exact text of parsed HTML: <br> is a line break, the source's line ends are not."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bs4 import BeautifulSoup, Tag
from bs4.element import Comment, NavigableString

from jaso_crawl.types import (
    NotThereError,
    is_blank,
)

MAX_DEPTH = 256
"""Maximum nesting of tags, once the limit of libxml2 itself. A page has some dozens; thousands make parsers slow."""

# A line end of the source with the following indentation. NUL marks it meanwhile: HTML text cannot contain it.
_SOURCE_BREAK = re.compile(r"\n[ \t\n]*")
_BREAK_MARK = "\0"


def parse_html(html: str) -> BeautifulSoup:
    """Parse HTML into a tree with lxml, the fastest parser.

    It repairs broken markup mostly as browsers do. A lone carriage return is what a browser writes for &#13;. It means
    nothing; a parser would make a line end of it.

    Raises:
        NotThereError: its tags are nested deeper than any page's.
    """
    # BeautifulSoup warns about text that looks like XML, a URL or a file name. A leading line end prevents this and
    # has no meaning in HTML.
    text = "\n" + replace_lone_surrogates(html).replace("\r\n", "\n").replace("\r", "")
    # Without the option BeautifulSoup collapses text nodes that are only spaces.
    soup = BeautifulSoup(text, "lxml", preserve_whitespace_tags={"html"})
    depths = {id(soup): 0}
    for tag in soup.find_all(True):
        depths[id(tag)] = depth = depths[id(tag.parent)] + 1
        if depth > MAX_DEPTH:
            raise NotThereError("html", f"its tags are nested more than {MAX_DEPTH} deep")
    return soup


def replace_lone_surrogates(text: str) -> str:
    """Replace each lone surrogate by �.

    JSON can write one; UTF-8 cannot, and lxml does not accept it.
    """
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def remove_matching(tag: Tag, selectors: Sequence[str]) -> Tag:
    """Remove matching elements from the tree itself; return `tag`.

    So no regex has to guess where an element ends.
    """
    for match in tag.select(", ".join(selectors)):
        if not match.decomposed:  # inside an earlier match
            match.decompose()
    return tag


def exact_text(tag: Tag | None) -> str | None:
    """Return the text with "\\n" for each <br> and no "\\r"; None when invisible.

    A line end of the source is a space inside a line, and nothing beside a <br> or at either end. All other space stays
    unchanged: cleaning is the next stage's work, and is to be measured there.
    """
    if tag is None:
        return None
    # "\n  하나\n  둘<br>\n  셋\n" → parts "\0하나\0둘", "\n", "\0셋\0" → "하나 둘\n셋"
    parts: list[str] = []
    for node in tag.descendants:
        if isinstance(node, Tag):
            if node.name == "br":
                parts.append("\n")
        elif isinstance(node, NavigableString) and not isinstance(node, Comment):
            parts.append(_SOURCE_BREAK.sub(_BREAK_MARK, str(node).replace("\r", "")))
    lines = "".join(parts).split("\n")
    text = "\n".join(line.strip(_BREAK_MARK) for line in lines).replace(_BREAK_MARK, " ")
    return None if is_blank(text) else text


def line(tag: Tag | None) -> str | None:
    """Return the text on one line, single-spaced, for labels; None when invisible."""
    text = " ".join(tag.get_text(" ").split()) if tag is not None else ""
    return None if is_blank(text) else text
