"""Personal data in a text, as edits."""

from __future__ import annotations

import re
from collections.abc import Collection

from jaso_preprocess.edits import Edit
from jaso_preprocess.masking import addresses, contacts, numbers
from jaso_preprocess.masking.matching import Copy
from jaso_preprocess.masking.tokens import BARRIER, settle

RULES = (*contacts.RULES, *numbers.RULES, *addresses.RULES)
KINDS = tuple(dict.fromkeys(rule.kind for rule in RULES))
# No rule can match without one of these.
_HINT = re.compile(r"\d|@|골뱅이|at[)\]}]|://|(?i:www)\.|\.[a-z]{2}|아이디|계정|[공영oO][일lI][공영oO]")


def mask_pii(text: str, kinds: Collection[str] = KINDS) -> list[Edit]:
    """Edits in order, without overlaps; a second run on the result finds nothing."""
    return settle(text, lambda given: _find(given, kinds))


def _find(text: str, kinds: Collection[str]) -> list[Edit]:
    copy = Copy(text)
    if not _HINT.search(copy.text):
        return []
    edits, rest = [], copy.text
    for rule in RULES:
        if rule.kind not in kinds:
            continue
        parts, at = [], 0
        for found in rule.pattern.finditer(rest):
            if rule.test(found):
                start, end = found.span(rule.group)
                parts += [rest[at:start], BARRIER * (end - start)]  # out of reach for the rules that follow
                at = end
                edits.append(Edit(*copy.span(start, end), rule.token, rule.kind))
        if parts:
            rest = "".join([*parts, rest[at:]])
    return edits
