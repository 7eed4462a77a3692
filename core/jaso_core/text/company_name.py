"""Company name normalisation for comparison."""

from __future__ import annotations

import re

_LEGAL_FORM = re.compile(r"㈜|주식회사|유한회사|유한책임회사|[(（][^)）]{0,40}[)）]|\s+")


def plain_company(name: str | None) -> str:
    """Return a company name without legal form, brackets and spaces, case-folded.

    "" for no name.
    """
    return _LEGAL_FORM.sub("", name or "").casefold()
