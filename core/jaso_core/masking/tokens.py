"""Mask tokens such as [회사], and the fixpoint loop that makes masking idempotent."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from jaso_core.text.edits import Edit, OffsetTracker, drop_overlaps

COMPANY, PERSON, SCHOOL, PLACE = "[회사]", "[이름]", "[학교]", "[지명]"
PHONE, EMAIL, LINK, HANDLE, ADDRESS = "[전화번호]", "[이메일]", "[링크]", "[계정]", "[주소]"
RESIDENT, BUSINESS, PASSPORT = "[주민등록번호]", "[사업자번호]", "[여권번호]"
LICENCE, STUDENT = "[면허번호]", "[학번]"
CARD, ACCOUNT = "[카드번호]", "[계좌번호]"

ALL = (
    *(COMPANY, PERSON, SCHOOL, PLACE, PHONE, EMAIL, LINK, HANDLE, ADDRESS),
    *(RESIDENT, BUSINESS, PASSPORT, LICENCE, STUDENT, CARD, ACCOUNT, "[동아리]"),
)

HIDING_SIGNS = "○◯〇●◇◆△▲□■☆◎▽▼"
"""Shapes that writers and sites themselves hide a name behind: ○○."""

# Numbered tokens are tokens too.
_TOKEN = re.compile("|".join(rf"\[{re.escape(token[1:-1])}\d{{0,4}}\]" for token in ALL))
# A private-use character: no rule matches it, no step writes it.
BARRIER = "\ue000"


def hide_tokens(text: str) -> str:
    """Replace every token by BARRIER, at equal length, so that no rule matches inside."""
    return _TOKEN.sub(lambda match: BARRIER * len(match.group()), text) if "[" in text else text


def edits_to_fixpoint(text: str, find: Callable[[str], Sequence[Edit]]) -> list[Edit]:
    """Apply `find` until it finds nothing in its own result; return all edits.

    Offsets are in `text`. A masked neighbour can bring a cue closer, so that one pass would not be idempotent. The
    loop ends because each edit takes characters that are outside every token.
    """
    edits = drop_overlaps(find(text))
    if not edits:
        return []
    tracker, done = OffsetTracker(text), list[Edit]()
    while edits:
        done += tracker.apply(edits)
        edits = drop_overlaps(find(tracker.text))
    return sorted(done, key=lambda edit: edit.start)
