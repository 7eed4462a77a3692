"""Personal data in a text, as edits."""

from __future__ import annotations

from collections.abc import Collection

from jaso_core.masking.pii import addresses, contacts, numbers
from jaso_core.masking.pii.normalise import Copy
from jaso_core.masking.tokens import BARRIER, settle
from jaso_core.text.edits import Edit

# Each module's rules, and what must be in a text for one of them to match: most texts hold none of it.
_FAMILIES = ((contacts.HINT, contacts.RULES), (numbers.HINT, numbers.RULES), (addresses.HINT, addresses.RULES))
RULES = tuple(rule for _, rules in _FAMILIES for rule in rules)
KINDS = tuple(dict.fromkeys(rule.kind for rule in RULES))


def mask_pii(text: str, kinds: Collection[str] = KINDS) -> list[Edit]:
    """Edits in order, without overlaps; a second run on the result finds nothing."""
    return settle(text, lambda given: _find(given, kinds))


def _find(text: str, kinds: Collection[str]) -> list[Edit]:
    copy = Copy(text)
    edits, rest = [], copy.text
    for rule in (rule for hint, rules in _FAMILIES if hint.search(copy.text) for rule in rules):
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
