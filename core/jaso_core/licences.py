"""Licence check: may a corpus, or a model trained on it, be redistributed?

The answer is read from the licence's name; an unknown licence does not allow it.

This is a guard against mistakes, no legal advice: it knows the common open licences and the words of the sources.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

NONE = "(none)"
"""Key in stats.json for documents without a licence."""

ATTRIBUTION = "name the authors and the licence, and say that the text was changed"
NON_COMMERCIAL = "no commercial use"
NOTICE = "keep the copyright line and the licence's text"


@dataclass(frozen=True)
class Verdict:
    """Result of a licence check.

    `allowed`: may be redistributed. `local`: a copy on the user's own disk is acceptable. `conditions` bind the one
    who redistributes it and every recipient.
    """

    allowed: bool
    why: str
    conditions: tuple[str, ...] = ()
    local: bool = True


@dataclass(frozen=True)
class LicenceTerms:
    """Terms of a known open licence.

    `hub`: its name in the head of a model or dataset card; `share_alike`: the licence that derived works must carry.
    """

    name: str
    conditions: tuple[str, ...] = ()
    share_alike: str | None = None
    hub: str = "other"


_NON_SHAREABLE = (
    (r"un-?licen[sc]ed|no licen[sc]e|without (?:a )?licen[sc]e", "its owners grant no licence"),
    (r"ai ?-?hub|aihub", "AI Hub's data, and text made from them, may not be passed on"),
    (r"all rights reserved|proprietary|confidential", "all rights are reserved"),
    (r"(?:may|must|can) ?not be (?:passed on|shared|redistributed)|no redistribution|do not (?:re)?distribute",
     "it may not be passed on"),
    (r"무단|재배포|배포\s*금지|공유\s*금지|외부\s*유출|대외비", "it may not be passed on"),
    (r"no-?deriv|\bnd\b|변경\s*금지", "changed copies may not be passed on (ND), nor what is made of it"),
    (r"(?:공공누리|kogl)\D{0,12}[34]", "changed copies may not be passed on (KOGL 3, 4), nor what is made of it"),
)  # fmt: skip
_RESTRICTION = re.compile(
    r"\b(?:only|not|no|except|unless|research|academic|internal)\b|금지|제한|비상업|연구|한정|제외"
)
_CC = re.compile(r"(?:cc|creative commons)-?(?P<kind>by(?:-nc)?(?:-sa)?)(?:-(?P<version>\d\.\d))?(?:-[a-z]{2,4})?")
_CC_LINK = re.compile(
    r"https?://(?:www\.)?creativecommons\.org/licenses/(?P<kind>by(?:-nc)?(?:-sa)?)/(?P<version>\d\.\d)/?.*"
)
_CC_WORDS = (
    (r"attribution", "by"), (r"non-?commercial", "nc"), (r"share-?alike", "sa"), (r"저작자표시", "by"),
    (r"비영리", "nc"), (r"동일조건변경허락", "sa"),
)  # fmt: skip
_CC_VERSIONS = {
    "by": ("2.0", "2.5", "3.0", "4.0"), "by-sa": ("3.0", "4.0"), "by-nc": ("2.0", "3.0", "4.0"),
    "by-nc-sa": ("2.0", "3.0", "4.0"),
}  # fmt: skip
_OTHER_LICENCES = (
    (r"cc-?0(?:-\d\.\d)?(?:-universal)?|creative commons-zero(?:-.*)?|https?://creativecommons\.org/publicdomain/zero/.*",
     LicenceTerms("CC0", hub="cc0-1.0")),
    (r"public-domain", LicenceTerms("public domain")),
    (r"pddl(?:-1\.0)?", LicenceTerms("PDDL", hub="pddl")),
    (r"unlicense", LicenceTerms("Unlicense", hub="unlicense")),
    (r"mit(?:-licen[sc]e)?", LicenceTerms("MIT", (NOTICE,), hub="mit")),
    (r"apache(?:-licen[sc]e)?(?:-(?:version-?|v)?2(?:\.0)?)?",
     LicenceTerms("Apache-2.0", (NOTICE, "say what was changed"), hub="apache-2.0")),
    (r"(?:0|2|3)?-?bsd(?:-[023])?(?:-clause)?(?:-licen[sc]e)?", LicenceTerms("BSD", (NOTICE,), hub="bsd")),
    (r"odc-by(?:-1\.0)?", LicenceTerms("ODC-By", (ATTRIBUTION,), hub="odc-by")),
    (r"odbl(?:-1\.0)?", LicenceTerms("ODbL", (ATTRIBUTION, "pass it on under ODbL only"), "ODbL", hub="odbl")),
    (r"cdla-permissive(?:-[12]\.0)?", LicenceTerms("CDLA-Permissive", (NOTICE,))),
    (r"(?:kogl|공공누리)-?(?:type|제)?-?1(?:-?유형)?",
     LicenceTerms("KOGL type 1", ("name the public body and KOGL type 1",))),
    (r"(?:kogl|공공누리)-?(?:type|제)?-?2(?:-?유형)?",
     LicenceTerms("KOGL type 2", ("name the public body and KOGL type 2", NON_COMMERCIAL))),
)  # fmt: skip


def check_licence(licence: str | None) -> Verdict:
    """Return the verdict on one licence name.

    None, "(none)" and unknown names are not allowed, but may be kept on a local disk.
    """
    if licence is None or not licence.strip() or licence.strip() == NONE:
        return Verdict(False, "no licence is told")
    reason = _refusal_reason(licence)
    if reason is not None:
        return Verdict(False, reason, local=False)
    terms = parse_licence(licence)
    if terms is None:
        return Verdict(False, "the licence is not known to jaso")
    return Verdict(True, f"{terms.name} allows it", terms.conditions)


def combine_licences(licences: Iterable[str | None]) -> Verdict:
    """Return the verdict on a corpus that mixes licences.

    Each licence must allow redistribution; the conditions of all hold for the whole.
    """
    names = sorted({licence or NONE for licence in licences}) or [NONE]
    verdicts = {name: check_licence(name) for name in names}
    refused = [name for name in names if not verdicts[name].allowed]
    refused.sort(key=lambda name: verdicts[name].local)  # those that bar even a local copy first
    if refused:
        first = refused[0]
        return Verdict(False, f"{first}: {verdicts[first].why}", local=all(v.local for v in verdicts.values()))
    conditions = tuple(dict.fromkeys(c for name in names for c in verdicts[name].conditions))
    conflict = _conflict([terms for terms in map(parse_licence, names) if terms is not None])
    if conflict:
        return Verdict(False, conflict, conditions)
    return Verdict(True, "all licences allow it" if len(names) > 1 else verdicts[names[0]].why, conditions)


def parse_licence(licence: str) -> LicenceTerms | None:
    """Return the terms of a known open licence.

    None where the licence is unknown, barred, or open with a reservation in brackets.
    """
    remark = " ".join(re.findall(r"\([^()]*\)", licence))
    if _refusal_reason(licence) is not None or _RESTRICTION.search(remark.casefold()):
        return None
    plain = _normalise(re.sub(r"\([^()]*\)", " ", licence))
    creative_commons = _CC.fullmatch(plain) or _CC_LINK.fullmatch(licence.strip().casefold())
    if creative_commons is not None:
        return _creative_commons(creative_commons["kind"], creative_commons["version"])
    return next((terms for pattern, terms in _OTHER_LICENCES if re.fullmatch(pattern, plain)), None)


def _refusal_reason(licence: str) -> str | None:
    text = licence.casefold()
    plain = f"{text} {_normalise(text)}"
    return next((reason for pattern, reason in _NON_SHAREABLE if re.search(pattern, plain)), None)


def _normalise(licence: str) -> str:
    """Return a canonical spelling: lower case, parts joined by "-", CC by its letters."""
    # "CC BY-NC v4.0" → "cc-by-nc-4.0", "The MIT License" → "mit"
    text = licence.strip().casefold().removeprefix("the ").removesuffix(" international")
    for word, short in _CC_WORDS:
        text = re.sub(word, f" {short} ", text)
    text = re.sub(r"\b(cc|by|nc|sa)\.? (?=v?\d)", r"\1-", text)
    text = re.sub(r"[\s_,/·-]+", "-", text) if "://" not in text else text
    text = re.sub(r"-v(?=\d)", "-", text.strip("-. ").replace("creative-commons", "creative commons"))
    text = text.removesuffix("-licence").removesuffix("-license").removesuffix("-international")
    return re.sub(r"^by(?=-|$)", "cc-by", text)


def _creative_commons(kind: str, version: str | None) -> LicenceTerms:
    name = f"CC {kind.upper()}"
    conditions = [ATTRIBUTION]
    if "nc" in kind:
        conditions.append(NON_COMMERCIAL)
    if "sa" in kind:
        conditions.append(f"pass it on under {name} only")
    # The hub's identifiers have versions; a licence without one, or with a rare one, is "cc" there.
    hub = f"cc-{kind}-{version}" if version in _CC_VERSIONS[kind] else "cc"
    return LicenceTerms(name, tuple(conditions), name if "sa" in kind else None, hub)


def _conflict(terms: list[LicenceTerms]) -> str | None:
    """Return why no single licence can cover the whole, or None.

    Two share-alike licences conflict, and a share-alike licence that allows commercial use with a non-commercial one.
    """
    licences = sorted({t.share_alike for t in terms if t.share_alike})
    if len(licences) > 1:
        return f"{' and '.join(licences)} conflict: each wants the whole passed on under itself"
    non_commercial = sorted({t.name for t in terms if NON_COMMERCIAL in t.conditions})
    if licences and non_commercial and "NC" not in licences[0]:
        return (
            f"{licences[0]} and {non_commercial[0]} conflict: the one wants the whole open to trade, the other bars it"
        )
    return None


def hub_licences(licences: Iterable[str | None]) -> list[str]:
    """Return the licence identifiers for a card's head on the Hugging Face Hub.

    "unknown" where the licence is missing, "other" where the hub has no identifier for it.
    """
    names = []
    for licence in sorted({licence or NONE for licence in licences}) or [NONE]:
        terms = parse_licence(licence)
        names.append("unknown" if licence == NONE else terms.hub if terms else "other")
    return sorted(set(names))
