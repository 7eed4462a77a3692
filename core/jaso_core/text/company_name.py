"""Company names compared: without legal form, brackets and spaces."""

from __future__ import annotations

import re

_LEGAL_FORM = re.compile(r"㈜|주식회사|유한회사|유한책임회사|[(（][^)）]{0,40}[)）]|\s+")


def plain_company(name: str | None) -> str:
    """A name for comparing: without its legal form, what stands in brackets, and spaces; "" for no name."""
    return _LEGAL_FORM.sub("", name or "").casefold()
