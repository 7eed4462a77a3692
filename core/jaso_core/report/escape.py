"""Escape texts for Markdown, LaTeX and spreadsheets.

HTML is escaped by markupsafe.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable

Escape = Callable[[str], str]

MARKDOWN_SPECIAL = "\\`*_{}[]<>|#~$"
"""Characters that are markup somewhere in GitHub-flavoured Markdown with formulas."""

_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_LATEX_SPECIAL = {character: f"\\{character}" for character in "&%$#_{}"} | {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "|": r"\textbar{}",
}
_LATEX_SYMBOLS = {
    "−": "$-$", "–": "--", "↑": r"$\uparrow$", "↓": r"$\downarrow$", "°": r"$^{\circ}$", "<": "$<$", ">": "$>$",
    "×": r"$\times$",
}  # fmt: skip
_LATEX = str.maketrans(_LATEX_SPECIAL)
_LATEX_WITH_SYMBOLS = str.maketrans(_LATEX_SPECIAL | _LATEX_SYMBOLS)
_FORMULA_STARTS = "=+-@|%\t\r＝＋－＠"
_MAX_NUMBER_LENGTH = 30
# Only where it is markup: an underscore within a word, a blank after "<" and brackets without a target are plain text.
_INLINE_MARKUP = re.compile(r"[\\`*|$~]|<(?=[A-Za-z/!?])|\](?=[(\[:])|&(?=#?\w+;)|(?<!\w)_|_(?!\w)")
_LINE_ENDS = re.compile(r"[\r\n\x0b\x0c\x1c-\x1e\x85\u2028\u2029]+")


def one_line(text: str) -> str:
    """Collapse white space, line ends included, to single blanks."""
    return " ".join(text.split())


def escape_markdown(text: str, special: str = MARKDOWN_SPECIAL, entities: str = "") -> str:
    """Escape Markdown: a backslash before `special`, an HTML entity for `entities`.

    A cell that holds markup of its own is escaped with `special="|"`. Line ends stay: see `one_line`.
    """
    return text.translate(_markdown(special, entities))


def escape_inline(text: str) -> str:
    """Escape a name or a sentence for one line of Markdown, also for a table cell.

    What is plain there stays as it is, byte for byte: run_a, [0.1, 0.2], p < 0.05.
    """
    return _INLINE_MARKUP.sub(lambda match: _ENTITIES.get(match[0], f"\\{match[0]}"), _LINE_ENDS.sub(" ", text))


@functools.cache
def _markdown(special: str, entities: str) -> dict[int, str]:
    table = {character: f"\\{character}" for character in special}
    return str.maketrans(table | {character: _ENTITIES[character] for character in entities})


def escape_code(text: str, bar: str = "\\|") -> str:
    """Replace what ends a Markdown code span (the backtick) or a table cell (the bar)."""
    return text.replace("`", "'").replace("|", bar)


def escape_latex(text: str, *, symbols: bool = True) -> str:
    """Escape LaTeX's special characters, and `symbols` that its fonts lack (− ↑ ×)."""
    return text.translate(_LATEX_WITH_SYMBOLS if symbols else _LATEX)


def raise_latex(mark: str) -> str:
    """Return LaTeX of raised symbols: "↑" becomes "$^{\\uparrow}$"."""
    escaped = (escape_latex(character) for character in mark)
    return "".join(text if text.startswith("$^") else f"$^{{{text.strip('$')}}}$" for text in escaped)


def is_formula(text: str) -> bool:
    """Whether a text begins like a spreadsheet formula, or like an escaped text."""
    return text.startswith("'") or text.lstrip()[:1] in tuple(_FORMULA_STARTS) or text[:1] in ("\t", "\r")


def escape_formula(text: str) -> str:
    """Escape a spreadsheet cell: an apostrophe against formula injection."""
    return f"'{text}" if is_formula(text) else text


def escape_cell(text: str) -> str:
    """Escape a spreadsheet cell that must stay the text it is.

    An apostrophe also before what a spreadsheet would take for a number or a date.
    """
    # =1+1 → '=1+1 (formula); 3/4 → '3/4 (date); 'a → ''a, so that unescape_cell gives 'a back
    short = len(text) <= _MAX_NUMBER_LENGTH and text.strip() and (text.isascii() or any(c.isdigit() for c in text))
    return f"'{text}" if is_formula(text) or short else text


def unescape_cell(text: str) -> str:
    """Undo `escape_formula` and `escape_cell`."""
    return text[1:] if text.startswith("'") else text
