"""Render untrusted model texts as safe HTML; mark what two texts have in common.

A text may hold anything that Unicode has. Characters that steer the direction of writing, that print nothing or that
browsers drop are shown as a box with their code, so that they can neither turn the page around nor hide words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import islice

from markupsafe import Markup, escape

MAX_CHARACTERS = 3000
"""Characters of a text on the page; the rest is in predictions.jsonl."""

_MAX_BOXES = 200
"""Boxes in one text.

A text of control characters only would make a page of megabytes.
"""

_MIN_RUN = 6
"""Characters (blanks aside) that two texts must share in a row to be marked.

"습니다." is in every text.
"""

Span = tuple[int, int]

# Controls but tab and line feed, soft hyphen, zero-width and direction marks, fillers, private use, surrogates,
# noncharacters, tags. A joiner is shown unless it joins emoji, a combining mark only where it has no base character.
_HIDDEN = re.compile(
    r"([\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u115f\u180e\u200b\u200c\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164"
    r"\ud800-\uf8ff\ufdd0-\ufdef\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\U000e0000-\U0010ffff]"
    r"|(?<![\u2190-\u2bff\ufe0f\U0001f000-\U0001faff])\u200d"
    r"|(?:\A|(?<=\s))[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f])\1*"
)
_WORD = re.compile(r"\w{2,}")


def render_text(text: str, spans: Sequence[Span] = (), max_length: int = MAX_CHARACTERS) -> Markup:
    """Render a text as HTML, at most `max_length` characters of it.

    `spans` of what `visible_part` returns become <mark>.
    """
    body = visible_part(text, max_length)
    pieces = []
    position = 0
    for start, end in spans:
        pieces += [_replace_hidden(body[position:start]), "<mark>", _replace_hidden(body[start:end]), "</mark>"]
        position = end
    pieces.append(_replace_hidden(body[position:]))
    left = len(_normalise_newlines(text)) - len(body)
    if left:
        pieces.append(f'<span class="absent"> … ({left:,} more characters)</span>')
    return Markup("".join(pieces))


def visible_part(text: str, max_length: int = MAX_CHARACTERS) -> str:
    """Return the beginning of a text that is shown."""
    text = _normalise_newlines(text)
    end = min(len(text), max_length)
    beyond = next(islice(_HIDDEN.finditer(text, 0, end), _MAX_BOXES, None), None)
    # Cut before the box that is one too many; then before a letter whose marks would be cut off (50 steps at most).
    end = beyond.start() if beyond else end
    while 0 < end < len(text) and _joins_previous(text, end) and end > max_length - 50:
        end -= 1
    return text[:end]


def _normalise_newlines(text: str) -> str:
    return text.replace("\r\n", "\n")


def plain(text: object, max_length: int = 80) -> str:
    """Make one line without markup, for names in tables, titles and labels.

    With codes for what cannot be seen.
    """
    line = re.sub(r"\s+", " ", str(text)[: 4 * max_length]).strip()
    line = _HIDDEN.sub(lambda match: _code(match[0]), line)
    return line if len(line) <= max_length else f"{line[: max_length - 1]}…"


def breakable(name: object) -> Markup:
    """Make a measure's name `plain`, with line breaks allowed after underscores."""
    return Markup(str(escape(plain(name))).replace("_", "_<wbr>"))


def common_spans(text: str, other: str) -> list[Span]:
    """Find where `text` has what `other` has too: words, and runs of six characters.

    Whole words, and runs of six characters or more, blanks aside. The same words at another position count: this marks
    what was taken over, it does not align. Takes linear time.
    """
    # "저는 개발자입니다", "나는 개발자입니다" → [(1, 9)]: the word and the run overlap, so they are merged
    spans = [*_common_words(text, other), *_common_runs(text, other)]
    return list(_extend_to_graphemes(text, _merge_spans(sorted(spans))))


def _common_words(text: str, other: str) -> Iterator[Span]:
    words = set(_WORD.findall(other))
    return (match.span() for match in _WORD.finditer(text) if match[0] in words)


def _common_runs(text: str, other: str) -> Iterator[Span]:
    positions = [i for i, c in enumerate(text) if not c.isspace()]
    letters = "".join(text[i] for i in positions)
    other_letters = "".join(other.split())
    pieces = {other_letters[i : i + _MIN_RUN] for i in range(len(other_letters) - _MIN_RUN + 1)}
    # "가나 다라마바사", "x가나다라마바y" → (0, 7): six letters in a row, the blank between them is marked too
    starts = (i for i in range(len(letters) - _MIN_RUN + 1) if letters[i : i + _MIN_RUN] in pieces)
    for start, end in _merge_spans((i, i + _MIN_RUN) for i in starts):
        yield positions[start], positions[end - 1] + 1


def _merge_spans(spans: Iterator[Span] | Sequence[Span]) -> Iterator[Span]:
    """Merge sorted spans that touch or overlap."""
    current: Span | None = None
    for start, end in spans:
        if current is not None and start <= current[1]:
            current = current[0], max(current[1], end)
            continue
        if current is not None:
            yield current
        current = start, end
    if current is not None:
        yield current


def _extend_to_graphemes(text: str, spans: Iterator[Span]) -> Iterator[Span]:
    """Extend the spans to grapheme clusters.

    An accent stays with its letter, an emoji stays whole.
    """
    last = 0
    for start, end in spans:
        start = max(start, last)
        while start > last and _joins_previous(text, start):
            start -= 1
        while end < len(text) and _joins_previous(text, end):
            end += 1
        if start < end:
            yield start, end
            last = end


def _joins_previous(text: str, position: int) -> bool:
    """Whether the character at `position` belongs to the one before it.

    Marks, vowels and finals in NFD, emoji.
    """
    if position == 0:
        return False
    c = text[position]
    return (
        c == "\u200d"
        or text[position - 1] == "\u200d"
        or "\u1160" <= c <= "\u11ff"
        or "\U0001f3fb" <= c <= "\U0001f3ff"
        or unicodedata.category(c).startswith("M")
    )


def _replace_hidden(text: str) -> str:
    return _HIDDEN.sub(_box, str(escape(text)))


def _box(match: re.Match[str]) -> str:
    name = escape(unicodedata.name(match[1], "control character"))
    return f'<span class="control" title="{name}">{_code(match[0])}</span>'


def _code(run: str) -> str:
    """Return "U+202E", and the number of repetitions if more than one."""
    times = f" ×{len(run):,}" if len(run) > 1 else ""
    return f"[U+{ord(run[0]):04X}{times}]"
