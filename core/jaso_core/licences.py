"""May a corpus with this licence, or a model made from it, be passed on?

Read from the licence's name; whatever is not known stays at home.

This is a guard against mistakes, no legal advice: it knows the common open licences and the words of the sources.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

NONE = "(none)"
"""How stats.json counts documents that say nothing of a licence."""

ATTRIBUTION = "name the authors and the licence, and say that the text was changed"
NON_COMMERCIAL = "no commercial use"
NOTICE = "keep the copyright line and the licence's text"


@dataclass(frozen=True)
class Verdict:
    """`allowed`: may be given to others. `local`: a copy on the user's own disk is no question of sharing.

    `conditions` hold for whoever passes it on, and for whoever gets it.
    """

    allowed: bool
    why: str
    conditions: tuple[str, ...] = ()
    local: bool = True


@dataclass(frozen=True)
class Terms:
    """What a known open licence asks for. `hub`: its name in a card's head; `alike`: the licence it clings to."""

    name: str
    conditions: tuple[str, ...] = ()
    alike: str | None = None
    hub: str = "other"


_BARRED = (
    (r"un-?licen[sc]ed|no licen[sc]e|without (?:a )?licen[sc]e", "its owners grant no licence"),
    (r"ai ?-?hub|aihub", "AI Hub's data, and text made from them, may not be passed on"),
    (r"all rights reserved|proprietary|confidential", "all rights are reserved"),
    (r"(?:may|must|can) ?not be (?:passed on|shared|redistributed)|no redistribution|do not (?:re)?distribute",
     "it may not be passed on"),
    (r"무단|재배포|배포\s*금지|공유\s*금지|외부\s*유출|대외비", "it may not be passed on"),
    (r"no-?deriv|\bnd\b|변경\s*금지", "changed copies may not be passed on (ND), nor what is made of it"),
    (r"(?:공공누리|kogl)\D{0,12}[34]", "changed copies may not be passed on (KOGL 3, 4), nor what is made of it"),
)  # fmt: skip
_LIMITING = re.compile(r"\b(?:only|not|no|except|unless|research|academic|internal)\b|금지|제한|비상업|연구|한정|제외")
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
_OTHERS = (
    (r"cc-?0(?:-\d\.\d)?(?:-universal)?|creative commons-zero(?:-.*)?|https?://creativecommons\.org/publicdomain/zero/.*",
     Terms("CC0", hub="cc0-1.0")),
    (r"public-domain", Terms("public domain")),
    (r"pddl(?:-1\.0)?", Terms("PDDL", hub="pddl")),
    (r"unlicense", Terms("Unlicense", hub="unlicense")),
    (r"mit(?:-licen[sc]e)?", Terms("MIT", (NOTICE,), hub="mit")),
    (r"apache(?:-licen[sc]e)?(?:-(?:version-?|v)?2(?:\.0)?)?",
     Terms("Apache-2.0", (NOTICE, "say what was changed"), hub="apache-2.0")),
    (r"(?:0|2|3)?-?bsd(?:-[023])?(?:-clause)?(?:-licen[sc]e)?", Terms("BSD", (NOTICE,), hub="bsd")),
    (r"odc-by(?:-1\.0)?", Terms("ODC-By", (ATTRIBUTION,), hub="odc-by")),
    (r"odbl(?:-1\.0)?", Terms("ODbL", (ATTRIBUTION, "pass it on under ODbL only"), "ODbL", hub="odbl")),
    (r"cdla-permissive(?:-[12]\.0)?", Terms("CDLA-Permissive", (NOTICE,))),
    (r"(?:kogl|공공누리)-?(?:type|제)?-?1(?:-?유형)?", Terms("KOGL type 1", ("name the public body and KOGL type 1",))),
    (r"(?:kogl|공공누리)-?(?:type|제)?-?2(?:-?유형)?",
     Terms("KOGL type 2", ("name the public body and KOGL type 2", NON_COMMERCIAL))),
)  # fmt: skip


def verdict(licence: str | None) -> Verdict:
    """What the name of one licence says; None, "(none)" and unknown names are not allowed, but may lie on a disk."""
    if licence is None or not licence.strip() or licence.strip() == NONE:
        return Verdict(False, "no licence is told")
    reason = _barred(licence)
    if reason is not None:
        return Verdict(False, reason, local=False)
    terms = terms_of(licence)
    if terms is None:
        return Verdict(False, "the licence is not known to jaso")
    return Verdict(True, f"{terms.name} allows it", terms.conditions)


def combined(licences: Iterable[str | None]) -> Verdict:
    """The verdict on a corpus that mixes these: all must allow it, and each condition holds for the whole."""
    names = sorted({licence or NONE for licence in licences}) or [NONE]
    verdicts = {name: verdict(name) for name in names}
    refusing = [name for name in names if not verdicts[name].allowed]
    refusing.sort(key=lambda name: verdicts[name].local)  # what bars even a copy comes first
    if refusing:
        first = refusing[0]
        return Verdict(False, f"{first}: {verdicts[first].why}", local=all(v.local for v in verdicts.values()))
    conditions = tuple(dict.fromkeys(c for name in names for c in verdicts[name].conditions))
    conflict = _conflict([terms for terms in map(terms_of, names) if terms is not None])
    if conflict:
        return Verdict(False, conflict, conditions)
    return Verdict(True, "all licences allow it" if len(names) > 1 else verdicts[names[0]].why, conditions)


def terms_of(licence: str) -> Terms | None:
    """The terms of a known open licence; None when it is unknown, barred, or open with a reservation behind it."""
    remark = " ".join(re.findall(r"\([^()]*\)", licence))
    if _barred(licence) is not None or _LIMITING.search(remark.casefold()):
        return None
    plain = _plain(re.sub(r"\([^()]*\)", " ", licence))
    found = _CC.fullmatch(plain) or _CC_LINK.fullmatch(licence.strip().casefold())
    if found is not None:
        return _creative_commons(found["kind"], found["version"])
    return next((terms for pattern, terms in _OTHERS if re.fullmatch(pattern, plain)), None)


def _barred(licence: str) -> str | None:
    text = licence.casefold()
    plain = f"{text} {_plain(text)}"
    return next((reason for pattern, reason in _BARRED if re.search(pattern, plain)), None)


def _plain(licence: str) -> str:
    """One spelling: lower case, parts joined by "-", long Creative Commons names as their letters."""
    text = licence.strip().casefold().removeprefix("the ").removesuffix(" international")
    for word, short in _CC_WORDS:
        text = re.sub(word, f" {short} ", text)
    text = re.sub(r"\b(cc|by|nc|sa)\.? (?=v?\d)", r"\1-", text)
    text = re.sub(r"[\s_,/·-]+", "-", text) if "://" not in text else text
    text = re.sub(r"-v(?=\d)", "-", text.strip("-. ").replace("creative-commons", "creative commons"))
    text = text.removesuffix("-licence").removesuffix("-license").removesuffix("-international")
    return re.sub(r"^by(?=-|$)", "cc-by", text)


def _creative_commons(kind: str, version: str | None) -> Terms:
    name = f"CC {kind.upper()}"
    conditions = [ATTRIBUTION]
    if "nc" in kind:
        conditions.append(NON_COMMERCIAL)
    if "sa" in kind:
        conditions.append(f"pass it on under {name} only")
    # A card's head names versions; one without a version, or with a rare one, is "cc" there.
    hub = f"cc-{kind}-{version}" if version in _CC_VERSIONS[kind] else "cc"
    return Terms(name, tuple(conditions), name if "sa" in kind else None, hub)


def _conflict(terms: list[Terms]) -> str | None:
    """Two share-alike licences, or one that allows trade beside text that does not: no licence serves for both."""
    alike = sorted({t.alike for t in terms if t.alike})
    if len(alike) > 1:
        return f"{' and '.join(alike)} conflict: each wants the whole passed on under itself"
    closed = sorted({t.name for t in terms if NON_COMMERCIAL in t.conditions})
    if alike and closed and "NC" not in alike[0]:
        return f"{alike[0]} and {closed[0]} conflict: the one wants the whole open to trade, the other bars it"
    return None


def hub_licences(licences: Iterable[str | None]) -> list[str]:
    """The names for a card's head on the hub: "unknown" where none is told, "other" for what it has no name for."""
    names = []
    for licence in sorted({licence or NONE for licence in licences}) or [NONE]:
        terms = terms_of(licence)
        names.append("unknown" if licence == NONE else terms.hub if terms else "other")
    return sorted(set(names))
