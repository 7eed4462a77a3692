"""Translation of finished pages: the text between tags, but no user's text.

A user's texts are elements with dir="auto" or translate="no"; names and code are `.mono`, code and pre.
"""

from __future__ import annotations

import html
import re

from jaso_core.language.catalogue import translate
from jaso_core.language.setting import language

_TAG = re.compile(r"(<[^>]*>)")
_NAME = re.compile(r"<(/?)([a-zA-Z][\w-]*)")
_UNTRANSLATED = re.compile(r"""\sdir="auto"|\stranslate="no"|\sclass="[^"]*\bmono\b""")
_RAW = {"code", "pre", "style", "script"}
_VOID = {"br", "col", "hr", "img", "input", "link", "meta", "wbr"}
_LABEL = re.compile(r'(\s(?:aria-label|title|placeholder)=")([^"]*)(")')

_FENCE = "```"


def translate_page(page: str) -> str:
    """Return an HTML page in the language that is set.

    English ones stay as they are, to the byte.
    """
    if language() == "en":
        return page
    parts, inside, depth = [], "", 0  # the name of an element that stays as it is, and how deep in it
    for part in _TAG.split(page):
        match = _NAME.match(part)
        if match is None:
            parts.append(part if inside else _translate_text(part))
            continue
        closing, name = bool(match[1]), match[2].lower()
        if inside:
            parts.append(part)
            if name == inside and not part.endswith("/>"):
                depth += -1 if closing else 1
                inside = inside if depth else ""
            continue
        if not closing and name not in _VOID and (name in _RAW or _UNTRANSLATED.search(part)):
            if not part.endswith("/>"):
                inside, depth = name, 1
            parts.append(part)
            continue
        parts.append(_LABEL.sub(lambda label: label[1] + _translate_text(label[2]) + label[3], part))
    return "".join(parts)


def translate_markdown(text: str) -> str:
    """Return a page of Markdown in the language that is set.

    Lines, list items and cells of tables are translated.

    Front matter and blocks of code stay.
    """
    if language() == "en":
        return text
    lines = text.split("\n")
    start = lines.index("---", 1) + 1 if lines[0] == "---" and "---" in lines[1:] else 0
    is_code = False
    for number in range(start, len(lines)):
        if lines[number].startswith(_FENCE):
            is_code = not is_code
        elif not is_code:
            lines[number] = _translate_line(lines[number])
    return "\n".join(lines)


_MARK = re.compile(r"(#+ |[-*] |> )?(.*)", re.DOTALL)


def _translate_line(line: str) -> str:
    if line.startswith("|"):
        return "|".join(_keep_edges(cell) for cell in line.split("|"))
    match = _MARK.fullmatch(line)
    assert match is not None  # the pattern takes anything
    return (match[1] or "") + _keep_edges(match[2])


def _keep_edges(text: str) -> str:
    inner = text.strip()
    return text.replace(inner, translate(inner), 1) if inner else text


def _translate_text(text: str) -> str:
    inner = " ".join(html.unescape(text).split())
    if not any(map(str.isalpha, inner)):
        return text
    translated = translate(inner)
    if translated == inner:
        return text
    before, after = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
    return before + html.escape(translated) + after
