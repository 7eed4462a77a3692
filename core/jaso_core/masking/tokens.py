"""The tokens that stand where something was masked, and the loop that makes masking idempotent."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from jaso_core.text.edits import Edit, Trail, without_overlaps

COMPANY, PERSON, SCHOOL, PLACE = "[회사]", "[이름]", "[학교]", "[지명]"
PHONE, EMAIL, LINK, HANDLE, ADDRESS = "[전화번호]", "[이메일]", "[링크]", "[계정]", "[주소]"
RESIDENT, BUSINESS, PASSPORT = "[주민등록번호]", "[사업자번호]", "[여권번호]"
LICENCE, STUDENT = "[면허번호]", "[학번]"
CARD, ACCOUNT = "[카드번호]", "[계좌번호]"

ALL = (
    *(COMPANY, PERSON, SCHOOL, PLACE, PHONE, EMAIL, LINK, HANDLE, ADDRESS),
    *(RESIDENT, BUSINESS, PASSPORT, LICENCE, STUDENT, CARD, ACCOUNT, "[동아리]"),
)

# Numbered tokens are tokens too.
_TOKEN = re.compile("|".join(rf"\[{re.escape(token[1:-1])}\d{{0,4}}\]" for token in ALL))
# A private-use character: no rule matches it, no step writes it.
BARRIER = "\ue000"


def shielded(text: str) -> str:
    """The text with every token blotted out, length kept, so that no rule reads inside a token."""
    return _TOKEN.sub(lambda found: BARRIER * len(found.group()), text) if "[" in text else text


def settle(text: str, find: Callable[[str], Sequence[Edit]]) -> list[Edit]:
    """All edits until `find` has nothing more to say about its own result; offsets in `text`.

    A masked neighbour can bring a cue closer, so that one pass would not be idempotent. Ends because each edit
    takes characters that are outside every token.
    """
    found = without_overlaps(find(text))
    if not found:
        return []
    trail, done = Trail(text), list[Edit]()
    while found:
        done += trail.apply(found)
        found = without_overlaps(find(trail.text))
    return sorted(done, key=lambda edit: edit.start)
