"""Texts of models on a page: nothing in them acts, nothing in them is invisible, and what two have in common is marked.

A text may hold anything that Unicode has. Characters that steer the direction of writing, that print nothing or that
browsers drop are shown as a box with their code, so that they can neither turn the page around nor hide words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import islice

from markupsafe import Markup, escape

LONGEST = 3000
"""Characters of a text on the page; what is beyond stands in predictions.jsonl."""

_MOST_BOXES = 200
"""Boxes in one text: a text of control characters only would make a page of megabytes."""

_RUN = 6
"""Characters (blanks aside) that two texts must share in a row for it to be marked; "습니다." is in every text."""

Span = tuple[int, int]

# Controls but tab and line feed, soft hyphen, zero-width and direction marks, fillers, private use, surrogates,
# noncharacters, tags. A joiner is shown unless it joins emoji, a combining mark only where it has nothing to stand on.
_HIDDEN = re.compile(
    r"([\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u115f\u180e\u200b\u200c\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164"
    r"\ud800-\uf8ff\ufdd0-\ufdef\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\U000e0000-\U0010ffff]"
    r"|(?<![\u2190-\u2bff\ufe0f\U0001f000-\U0001faff])\u200d"
    r"|(?:\A|(?<=\s))[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f])\1*"
)
_WORD = re.compile(r"\w{2,}")


def shown(text: str, spans: Sequence[Span] = (), most: int = LONGEST) -> Markup:
    """The text for an HTML element, at most `most` characters of it; `spans` of what `part` gives become <mark>."""
    body = part(text, most)
    pieces = []
    place = 0
    for start, end in spans:
        pieces += [_boxed(body[place:start]), "<mark>", _boxed(body[start:end]), "</mark>"]
        place = end
    pieces.append(_boxed(body[place:]))
    left = len(_with_plain_ends(text)) - len(body)
    if left:
        pieces.append(f'<span class="absent"> … ({left:,} more characters)</span>')
    return Markup("".join(pieces))


def part(text: str, most: int = LONGEST) -> str:
    """What of the text is shown: its beginning."""
    text = _with_plain_ends(text)
    end = min(len(text), most)
    beyond = next(islice(_HIDDEN.finditer(text, 0, end), _MOST_BOXES, None), None)
    end = beyond.start() if beyond else end
    while 0 < end < len(text) and _joins(text, end) and end > most - 50:
        end -= 1
    return text[:end]


def _with_plain_ends(text: str) -> str:
    return text.replace("\r\n", "\n")


def plain(text: object, most: int = 80) -> str:
    """One line without markup, for names in tables, titles and labels: codes for what cannot be seen."""
    line = re.sub(r"\s+", " ", str(text)[: 4 * most]).strip()
    line = _HIDDEN.sub(lambda found: _code(found[0]), line)
    return line if len(line) <= most else f"{line[: most - 1]}…"


def breakable(name: object) -> Markup:
    """A measure's name, `plain`, that may be broken after its underscores."""
    return Markup(str(escape(plain(name))).replace("_", "_<wbr>"))


def common(text: str, other: str) -> list[Span]:
    """Where `text` has what `other` has too: whole words, and runs of six characters or more, blanks aside.

    The same words at another place count: this marks what was taken over, it does not align. Takes linear time.
    """
    found = [*_common_words(text, other), *_common_runs(text, other)]
    return list(_whole(text, _merged(sorted(found))))


def _common_words(text: str, other: str) -> Iterator[Span]:
    words = set(_WORD.findall(other))
    return (match.span() for match in _WORD.finditer(text) if match[0] in words)


def _common_runs(text: str, other: str) -> Iterator[Span]:
    letters = [i for i, c in enumerate(text) if not c.isspace()]
    found = "".join(text[i] for i in letters)
    wanted = "".join(other.split())
    pieces = {wanted[i : i + _RUN] for i in range(len(wanted) - _RUN + 1)}
    starts = (i for i in range(len(found) - _RUN + 1) if found[i : i + _RUN] in pieces)
    for start, end in _merged((i, i + _RUN) for i in starts):
        yield letters[start], letters[end - 1] + 1


def _merged(spans: Iterator[Span] | Sequence[Span]) -> Iterator[Span]:
    """Sorted spans as such that neither touch nor overlap."""
    kept: Span | None = None
    for start, end in spans:
        if kept is not None and start <= kept[1]:
            kept = kept[0], max(kept[1], end)
            continue
        if kept is not None:
            yield kept
        kept = start, end
    if kept is not None:
        yield kept


def _whole(text: str, spans: Iterator[Span]) -> Iterator[Span]:
    """The spans grown to whole characters as a reader sees them: an accent stays with its letter, an emoji whole."""
    last = 0
    for start, end in spans:
        start = max(start, last)
        while start > last and _joins(text, start):
            start -= 1
        while end < len(text) and _joins(text, end):
            end += 1
        if start < end:
            yield start, end
            last = end


def _joins(text: str, place: int) -> bool:
    """Whether what stands at `place` belongs to the character before it: marks, vowels and finals in NFD, emoji."""
    if place == 0:
        return False
    c = text[place]
    return (
        c == "\u200d"
        or text[place - 1] == "\u200d"
        or "\u1160" <= c <= "\u11ff"
        or "\U0001f3fb" <= c <= "\U0001f3ff"
        or unicodedata.category(c).startswith("M")
    )


def _boxed(text: str) -> str:
    return _HIDDEN.sub(_box, str(escape(text)))


def _box(found: re.Match[str]) -> str:
    name = escape(unicodedata.name(found[1], "control character"))
    return f'<span class="control" title="{name}">{_code(found[0])}</span>'


def _code(run: str) -> str:
    """ "U+202E", and how often when it stands there more than once."""
    times = f" ×{len(run):,}" if len(run) > 1 else ""
    return f"[U+{ord(run[0]):04X}{times}]"
