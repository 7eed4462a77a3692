"""HTML remains: tags and character references that a page left in the text."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence

from jaso_core.registry import NoOptions
from jaso_core.text.edits import Edit
from jaso_preprocess.rules.idempotence import to_fixpoint
from jaso_preprocess.steps import STEPS, EditStep

# Names by hand: <제목> and <b라는 기호> are the writer's, and so is "a < b > c".
_BLOCKS = "p|div|li|ul|ol|tr|table|tbody|thead|h[1-6]|blockquote|section|article|dl|dt|dd|pre"
_INLINE = "b|i|u|s|a|em|strong|span|font|small|big|sup|sub|mark|strike|del|ins|td|th|img|center|label|code|input|button"
_OPEN, _CLOSE = r"(?:<|&lt;)", r"(?:>|&gt;)"
_ATTRIBUTES = r"(?:\s+[A-Za-z][\w:-]*\s*=\s*(?:\"[^\"<>\n]{0,500}\"|'[^'<>\n]{0,500}'|[^\s\"'<>]{1,500})){0,20}"
_TAG = re.compile(
    rf"{_OPEN}(?:(?P<line>br)|(?P<close>/)?\s*(?P<block>{_BLOCKS})|/?\s*(?:{_INLINE})){_ATTRIBUTES}\s*/?{_CLOSE}"
    r"|<!--.{0,2000}?-->",
    re.IGNORECASE | re.DOTALL,
)
# With its semicolon only: "AT&T" and "R&D" are words, "&lt" without one may be anything.
_REFERENCE = re.compile(r"&(?:amp;)*(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
_KNOWN = re.compile(
    r"&(?:nbsp|lt|gt|amp|quot|apos|middot|hellip|[lr][sd]quo|bull|copy|reg|trade|times|[mn]dash|ensp|emsp|thinsp|"
    r"sect|deg|plusmn|divide|euro|laquo|raquo|lang|rang|[lrud]arr|larr|zwj|zwnj|shy|sdot|tilde|#\d+|#[xX][0-9a-fA-F]+);"
)


def html_edits(text: str) -> list[Edit]:
    """Replace HTML tags and character references.

    Line breaks for <br> and for the ends of blocks, nothing for other tags, the character for a reference.
    """
    return to_fixpoint(text, _once)


def _once(text: str) -> list[Edit]:
    if "<" not in text and "&" not in text:
        return []
    tags = [Edit(*match.span(), _replacement_of_tag(match), "html") for match in _TAG.finditer(text)]
    if tags:
        return tags
    edits = []
    for match in _REFERENCE.finditer(text):
        character = _character(match.group())
        if character is not None:
            edits.append(Edit(*match.span(), character, "html"))
    return edits


def _replacement_of_tag(tag: re.Match[str]) -> str:
    return "\n" if tag["line"] or (tag["block"] and tag["close"]) else ""


def _character(reference: str) -> str | None:
    """Return the character of a reference.

    None for an unknown one, or for a character that no text should hold.
    """
    last = "&" + reference.split(";")[-2].lstrip("&") + ";"  # &amp;amp;nbsp; was escaped more than once
    if not _KNOWN.fullmatch(last):
        return None
    character = html.unescape(last)
    if character == "\xa0":
        return " "
    is_text = len(character) == 1 and (character in "\t\n" or character.isprintable() or character.isspace())
    return character if is_text and character != "\ufffd" else None


@STEPS.register("html")
class Html(EditStep):
    """Removes tags and replaces character references such as &nbsp; and &#39;."""

    def __init__(self, options: NoOptions) -> None:
        del options

    def edits(self, text: str, field: str) -> Sequence[Edit]:
        del field
        return html_edits(text)
