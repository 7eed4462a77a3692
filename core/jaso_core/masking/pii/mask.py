"""Masking of personal data (PII) in a text, as edits."""

from __future__ import annotations

from collections.abc import Collection

from jaso_core.masking.pii import addresses, contacts, numbers
from jaso_core.masking.pii.normalise import NormalisedText
from jaso_core.masking.tokens import BARRIER, edits_to_fixpoint
from jaso_core.text.edits import Edit

# Each module's rules, with a pattern that a text must match before they are tried: most texts do not.
_FAMILIES = ((contacts.HINT, contacts.RULES), (numbers.HINT, numbers.RULES), (addresses.HINT, addresses.RULES))
RULES = tuple(rule for _, rules in _FAMILIES for rule in rules)
KINDS = tuple(dict.fromkeys(rule.kind for rule in RULES))


def mask_pii(text: str, kinds: Collection[str] = KINDS) -> list[Edit]:
    """Return edits in order, without overlaps; a second run finds nothing."""
    return edits_to_fixpoint(text, lambda remaining: _find(remaining, kinds))


def _find(text: str, kinds: Collection[str]) -> list[Edit]:
    copy = NormalisedText(text)
    edits, rest = [], copy.text
    for rule in (rule for hint, rules in _FAMILIES if hint.search(copy.text) for rule in rules):
        if rule.kind not in kinds:
            continue
        parts, end_of_last = [], 0
        for match in rule.pattern.finditer(rest):
            if rule.test(match):
                start, end = match.span(rule.group)
                parts += [rest[end_of_last:start], BARRIER * (end - start)]  # hidden from the rules that follow
                end_of_last = end
                edits.append(Edit(*copy.span(start, end), rule.token, rule.kind))
        if parts:
            rest = "".join([*parts, rest[end_of_last:]])
    return edits
