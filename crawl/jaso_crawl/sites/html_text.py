"""Text out of a parsed page, exactly: a line break is a <br>, and the source's own line ends mean nothing."""

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
"""Tags within tags, as many as libxml2 itself once allowed. A page has some dozens; thousands make parsers slow."""

# A line end of the source, with the indentation that follows it. NUL marks it meanwhile: no HTML text can hold one.
_SOURCE_BREAK = re.compile(r"\n[ \t\n]*")
_BREAK_MARK = "\0"


def parse_html(html: str) -> BeautifulSoup:
    """The tree. lxml is the fastest parser and mends broken markup as browsers mostly do.

    A lone carriage return is what a browser writes for &#13;. It means nothing; a parser would make a line end of it.

    Raises:
        NotThereError: its tags are nested deeper than any page's.
    """
    # BeautifulSoup warns on the user's screen of what looks like XML, an address or a file's name: to it, nothing does
    # that begins with a line end, which HTML does not mind.
    text = "\n" + replace_lone_surrogates(html).replace("\r\n", "\n").replace("\r", "")
    # Without the option BeautifulSoup makes one space of every run of spaces that stands alone.
    soup = BeautifulSoup(text, "lxml", preserve_whitespace_tags={"html"})
    depths = {id(soup): 0}
    for tag in soup.find_all(True):
        depths[id(tag)] = depth = depths[id(tag.parent)] + 1
        if depth > MAX_DEPTH:
            raise NotThereError("html", f"its tags are nested more than {MAX_DEPTH} deep")
    return soup


def replace_lone_surrogates(text: str) -> str:
    """With � for each half of a surrogate pair that stands alone: JSON can write one, UTF-8 cannot, nor does lxml."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def remove_matching(tag: Tag, selectors: Sequence[str]) -> Tag:
    """Removes what matches from the tree itself, so that no regex has to guess where it ended; returns `tag`."""
    for match in tag.select(", ".join(selectors)):
        if not match.decomposed:  # it may have stood in another one
            match.decompose()
    return tag


def exact_text(tag: Tag | None) -> str | None:
    """The text with "\\n" for each <br> and no "\\r"; None when nothing in it can be seen.

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
            parts.append(_SOURCE_BREAK.sub(_BREAK_MARK, str(node).replace("\r", "")))
    lines = "".join(parts).split("\n")
    text = "\n".join(line.strip(_BREAK_MARK) for line in lines).replace(_BREAK_MARK, " ")
    return None if is_blank(text) else text


def line(tag: Tag | None) -> str | None:
    """The text on one line, single-spaced, for labels and names; None when nothing is left to see."""
    text = " ".join(tag.get_text(" ").split()) if tag is not None else ""
    return None if is_blank(text) else text
