"""Table of the known licences, by SPDX id.

Terms without an SPDX id, such as those of portals and of AI Hub, have one that begins with `LicenseRef-` (SPDX 2.3,
annex D).
"""

from __future__ import annotations

from dataclasses import dataclass

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
class Licence:
    """A licence and what it allows.

    `id`: of SPDX, or LicenseRef-…; `name`: in sentences, without the version. `redistribution`: whether texts under it
    may be passed on. `share_alike`: derived works must carry the same licence. `hub`: its name in the head of a model
    or dataset card. `text`: the words that it was read from; they alone say what an unknown licence is.
    """

    id: str
    name: str
    redistribution: Verdict
    share_alike: bool = False
    non_commercial: bool = False
    hub: str = "other"
    text: str | None = None

    @property
    def conditions(self) -> tuple[str, ...]:
        """What binds the one who passes a text on, and every recipient."""
        return self.redistribution.conditions


def _open(
    spdx: str, name: str, conditions: tuple[str, ...] = (), *, hub: str = "other", share_alike: bool = False
) -> Licence:
    verdict = Verdict(True, f"{name} allows it", conditions)
    return Licence(spdx, name, verdict, share_alike, NON_COMMERCIAL in conditions, hub)


def _barred(spdx: str, name: str, why: str, *, non_commercial: bool = False) -> Licence:
    return Licence(spdx, name, Verdict(False, why, local=False), non_commercial=non_commercial)


_NO_DERIVATIVES = "changed copies may not be passed on (ND), nor what is made of it"
_NO_DERIVATIVES_KOGL = "changed copies may not be passed on (KOGL 3, 4), nor what is made of it"
_CC_VERSIONS = ("1.0", "2.0", "2.5", "3.0", "4.0")
_HUB_VERSIONS = {
    "by": ("2.0", "2.5", "3.0", "4.0"), "by-sa": ("3.0", "4.0"), "by-nc": ("2.0", "3.0", "4.0"),
    "by-nc-sa": ("2.0", "3.0", "4.0"),
}  # fmt: skip


def creative_commons_id(kind: str, version: str | None) -> str:
    """Return the id of a Creative Commons licence.

    `kind` is "by-nc-sa" and the like. SPDX has no id for one without a version.
    """
    return f"CC-{kind.upper()}-{version}" if version in _CC_VERSIONS else f"LicenseRef-CC-{kind.upper()}"


def _creative_commons(kind: str, version: str | None) -> Licence:
    spdx, name = creative_commons_id(kind, version), f"CC {kind.upper()}"
    if "nd" in kind:
        return _barred(spdx, name, _NO_DERIVATIVES, non_commercial="nc" in kind)
    conditions = [ATTRIBUTION]
    if "nc" in kind:
        conditions.append(NON_COMMERCIAL)
    if "sa" in kind:
        conditions.append(f"pass it on under {name} only")
    # The hub's identifiers have versions; a licence without one, or with a rare one, is "cc" there.
    hub = f"cc-{kind}-{version}" if version in _HUB_VERSIONS[kind] else "cc"
    return _open(spdx, name, tuple(conditions), hub=hub, share_alike="sa" in kind)


UNSTATED = Licence("NOASSERTION", "no licence", Verdict(False, "no licence is told"))
UNKNOWN = Licence("LicenseRef-unknown", "unknown licence", Verdict(False, "the licence is not known to jaso"))

_ROWS = (
    UNSTATED,
    UNKNOWN,
    _open("CC0-1.0", "CC0", hub="cc0-1.0"),
    *(
        _creative_commons(kind, version)
        for kind in ("by", "by-sa", "by-nc", "by-nc-sa", "by-nd", "by-nc-nd")
        for version in (*_CC_VERSIONS, None)
    ),
    _open("LicenseRef-public-domain", "public domain"),
    _open("PDDL-1.0", "PDDL", hub="pddl"),
    _open("Unlicense", "Unlicense", hub="unlicense"),
    _open("MIT", "MIT", (NOTICE,), hub="mit"),
    _open("Apache-2.0", "Apache-2.0", (NOTICE, "say what was changed"), hub="apache-2.0"),
    *(_open(spdx, "BSD", (NOTICE,), hub="bsd") for spdx in ("0BSD", "BSD-2-Clause", "BSD-3-Clause", "LicenseRef-BSD")),
    _open("ODC-By-1.0", "ODC-By", (ATTRIBUTION,), hub="odc-by"),
    _open("ODbL-1.0", "ODbL", (ATTRIBUTION, "pass it on under ODbL only"), hub="odbl", share_alike=True),
    *(
        _open(spdx, "CDLA-Permissive", (NOTICE,))
        for spdx in ("CDLA-Permissive-1.0", "CDLA-Permissive-2.0", "LicenseRef-CDLA-Permissive")
    ),
    _open("LicenseRef-KOGL-1", "KOGL type 1", ("name the public body and KOGL type 1",)),
    _open("LicenseRef-KOGL-2", "KOGL type 2", ("name the public body and KOGL type 2", NON_COMMERCIAL)),
    _barred("LicenseRef-KOGL-3", "KOGL type 3", _NO_DERIVATIVES_KOGL),
    _barred("LicenseRef-KOGL-4", "KOGL type 4", _NO_DERIVATIVES_KOGL, non_commercial=True),
    _barred("LicenseRef-AI-Hub", "AI Hub", "AI Hub's data, and text made from them, may not be passed on"),
    _barred("LicenseRef-unlicensed", "no licence", "its owners grant no licence"),
    _barred("LicenseRef-all-rights-reserved", "all rights reserved", "all rights are reserved"),
    _barred("LicenseRef-no-redistribution", "no redistribution", "it may not be passed on"),
    _barred("LicenseRef-no-derivatives", "no derivatives", _NO_DERIVATIVES),
)

KNOWN: dict[str, Licence] = {licence.id: licence for licence in _ROWS}
"""Each known licence by its id."""
