"""Read a licence from free text.

The words are those of a user, a source, or an older folder.
"""

from __future__ import annotations

import re
from dataclasses import replace

from jaso_core.licences.known import KNOWN, UNKNOWN, UNSTATED, Licence, creative_commons_id

NONE = "(none)"
"""Key in stats.json for documents without a licence."""

_BARRED = (
    (r"un-?licen[sc]ed|no licen[sc]e|without (?:a )?licen[sc]e", "LicenseRef-unlicensed"),
    (r"ai ?-?hub|aihub", "LicenseRef-AI-Hub"),
    (r"all rights reserved|proprietary|confidential", "LicenseRef-all-rights-reserved"),
    (r"(?:may|must|can) ?not be (?:passed on|shared|redistributed)|no redistribution|do not (?:re)?distribute",
     "LicenseRef-no-redistribution"),
    (r"무단|재배포|배포\s*금지|공유\s*금지|외부\s*유출|대외비", "LicenseRef-no-redistribution"),
    (r"no-?deriv|\bnd\b|변경\s*금지", "LicenseRef-no-derivatives"),
    (r"(?:공공누리|kogl)\D{0,12}3", "LicenseRef-KOGL-3"),
    (r"(?:공공누리|kogl)\D{0,12}4", "LicenseRef-KOGL-4"),
)  # fmt: skip
"""Words anywhere in the text that bar redistribution."""

_RESTRICTION = re.compile(
    r"\b(?:only|not|no|except|unless|research|academic|internal)\b|금지|제한|비상업|연구|한정|제외"
)
_CC = re.compile(r"(?:cc|creative commons)-?(?P<kind>by(?:-nc)?(?:-sa|-nd)?)(?:-(?P<version>\d\.\d))?(?:-[a-z]{2,4})?")
_CC_LINK = re.compile(
    r"https?://(?:www\.)?creativecommons\.org/licenses/(?P<kind>by(?:-nc)?(?:-sa|-nd)?)/(?P<version>\d\.\d)/?.*"
)
_CC_WORDS = (
    (r"attribution", "by"), (r"non-?commercial", "nc"), (r"share-?alike", "sa"), (r"저작자표시", "by"),
    (r"비영리", "nc"), (r"동일조건변경허락", "sa"),
)  # fmt: skip
_SPELLINGS = (
    (r"cc-?0(?:-\d\.\d)?(?:-universal)?|creative commons-zero(?:-.*)?|https?://creativecommons\.org/publicdomain/zero/.*",
     "CC0-1.0"),
    (r"public-domain", "LicenseRef-public-domain"),
    (r"pddl(?:-1\.0)?", "PDDL-1.0"),
    (r"unlicense", "Unlicense"),
    (r"mit(?:-licen[sc]e)?", "MIT"),
    (r"apache(?:-licen[sc]e)?(?:-(?:version-?|v)?2(?:\.0)?)?", "Apache-2.0"),
    (r"(?:0-?bsd|bsd-0)(?:-clause)?", "0BSD"),
    (r"(?:2-?bsd|bsd-2)(?:-clause)?", "BSD-2-Clause"),
    (r"(?:3-?bsd|bsd-3)(?:-clause)?", "BSD-3-Clause"),
    (r"(?:0|2|3)?-?bsd(?:-[023])?(?:-clause)?(?:-licen[sc]e)?", "LicenseRef-BSD"),
    (r"odc-by(?:-1\.0)?", "ODC-By-1.0"),
    (r"odbl(?:-1\.0)?", "ODbL-1.0"),
    (r"cdla-permissive-1\.0", "CDLA-Permissive-1.0"),
    (r"cdla-permissive-2\.0", "CDLA-Permissive-2.0"),
    (r"cdla-permissive", "LicenseRef-CDLA-Permissive"),
    (r"(?:kogl|공공누리)-?(?:type|제)?-?1(?:-?유형)?", "LicenseRef-KOGL-1"),
    (r"(?:kogl|공공누리)-?(?:type|제)?-?2(?:-?유형)?", "LicenseRef-KOGL-2"),
)  # fmt: skip
"""Spellings of open licences, as `_normalise` leaves them; the first that fits the whole text counts."""


def read_licence(text: str | None) -> Licence:
    """Return the licence that a text names, with the text.

    An open licence must be all that the text says: one with a reservation in brackets is unknown. None, "(none)" and
    blank texts are NOASSERTION.
    """
    if text is None or not text.strip() or text.strip() == NONE:
        return replace(UNSTATED, text=text)
    remark = " ".join(re.findall(r"\([^()]*\)", text))
    barred = _barred_id(text)
    if barred is not None:
        licence = KNOWN[barred]
    elif _RESTRICTION.search(remark.casefold()):
        licence = UNKNOWN
    else:
        licence = KNOWN.get(_open_id(text) or "", UNKNOWN)
    return replace(licence, text=text)


def _barred_id(text: str) -> str | None:
    folded = text.casefold()
    both = f"{folded} {_normalise(folded)}"
    barred = next((spdx for pattern, spdx in _BARRED if re.search(pattern, both)), None)
    exact = _creative_commons(text) if barred == "LicenseRef-no-derivatives" else None
    # "…/by/4.0/, no derivatives" names an open licence and takes it back.
    return exact if exact is not None and not KNOWN[exact].redistribution.allowed else barred


def _open_id(text: str) -> str | None:
    plain = _plain(text)
    return _creative_commons(text) or next((spdx for pattern, spdx in _SPELLINGS if re.fullmatch(pattern, plain)), None)


def _creative_commons(text: str) -> str | None:
    match = _CC.fullmatch(_plain(text)) or _CC_LINK.fullmatch(text.strip().casefold())
    return creative_commons_id(match["kind"], match["version"]) if match else None


def _plain(text: str) -> str:
    """Return the canonical spelling without remarks in brackets."""
    return _normalise(re.sub(r"\([^()]*\)", " ", text))


def _normalise(text: str) -> str:
    """Return a canonical spelling: lower case, parts joined by "-", CC by its letters."""
    # "CC BY-NC v4.0" → "cc-by-nc-4.0", "The MIT License" → "mit"
    text = text.strip().casefold().removeprefix("the ").removesuffix(" international")
    for word, short in _CC_WORDS:
        text = re.sub(word, f" {short} ", text)
    text = re.sub(r"\b(cc|by|nc|sa)\.? (?=v?\d)", r"\1-", text)
    text = re.sub(r"[\s_,/·-]+", "-", text) if "://" not in text else text
    text = re.sub(r"-v(?=\d)", "-", text.strip("-. ").replace("creative-commons", "creative commons"))
    text = text.removesuffix("-licence").removesuffix("-license").removesuffix("-international")
    return re.sub(r"^by(?=-|$)", "cc-by", text)
