"""Licence check: may a corpus, or a model trained on it, be redistributed?

`known` is the table of licences by SPDX id, `free_text` reads a licence that is told in words, `verdicts` combines the
licences of a whole. An unknown licence does not allow redistribution.

This is a guard against mistakes, no legal advice: it knows the common open licences and the words of the sources.
"""

from __future__ import annotations

from jaso_core.licences.free_text import NONE, read_licence
from jaso_core.licences.known import ATTRIBUTION, KNOWN, NON_COMMERCIAL, NOTICE, Licence, Verdict
from jaso_core.licences.verdicts import check_licence, combine_licences, hub_licences

__all__ = [
    "ATTRIBUTION", "KNOWN", "NONE", "NON_COMMERCIAL", "NOTICE", "Licence", "Verdict", "check_licence",
    "combine_licences", "hub_licences", "read_licence",
]  # fmt: skip
