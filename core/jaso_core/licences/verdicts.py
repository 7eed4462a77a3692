"""Verdicts on a combination of licences: may the whole be redistributed?

Each licence must allow redistribution, together too.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from jaso_core.licences.free_text import NONE, read_licence
from jaso_core.licences.known import Licence, Verdict


def check_licence(licence: str | None) -> Verdict:
    """Return the verdict on one licence, told in words.

    None, "(none)" and unknown names are not allowed, but may be kept on a local disk.
    """
    return read_licence(licence).redistribution


def combine_licences(licences: Iterable[str | None]) -> Verdict:
    """Return the verdict on a corpus that mixes licences, told in words.

    Each licence must allow redistribution; the conditions of all hold for the whole.
    """
    named = {name: read_licence(name) for name in _names(licences)}
    refused = [name for name, licence in named.items() if not licence.redistribution.allowed]
    # Those that bar even a local copy first.
    refused.sort(key=lambda name: named[name].redistribution.local)
    if refused:
        first = refused[0]
        local = all(licence.redistribution.local for licence in named.values())
        return Verdict(False, f"{first}: {named[first].redistribution.why}", local=local)
    entries = list(named.values())
    conditions = tuple(dict.fromkeys(condition for licence in entries for condition in licence.conditions))
    conflict = _conflict(entries)
    if conflict:
        return Verdict(False, conflict, conditions)
    return Verdict(True, "all licences allow it" if len(entries) > 1 else entries[0].redistribution.why, conditions)


def _conflict(licences: Sequence[Licence]) -> str | None:
    """Return why no single licence can cover the whole, or None.

    Two share-alike licences conflict, and a share-alike licence that allows commercial use with a non-commercial one.
    """
    alike = sorted({licence.name for licence in licences if licence.share_alike})
    if len(alike) > 1:
        return f"{' and '.join(alike)} conflict: each wants the whole passed on under itself"
    open_to_trade = any(licence.share_alike and not licence.non_commercial for licence in licences)
    non_commercial = sorted({licence.name for licence in licences if licence.non_commercial})
    if open_to_trade and non_commercial:
        return f"{alike[0]} and {non_commercial[0]} conflict: the one wants the whole open to trade, the other bars it"
    return None


def hub_licences(licences: Iterable[str | None]) -> list[str]:
    """Return the licence identifiers for a card's head on the Hugging Face Hub.

    "unknown" where the licence is missing, "other" where the hub has no identifier for it.
    """
    return sorted({"unknown" if name == NONE else read_licence(name).hub for name in _names(licences)})


def _names(licences: Iterable[str | None]) -> list[str]:
    return sorted({licence or NONE for licence in licences}) or [NONE]
