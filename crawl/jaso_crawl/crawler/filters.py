"""Filters by period, company and role, for list entries and for letters."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jaso_core.errors import RequestError
from jaso_core.records import Document
from jaso_core.text.company_name import plain_company
from jaso_crawl.season import year_of

_PERIOD = re.compile(r"(?P<first>\d{4})?(?:(?P<dash>\s*-\s*)(?P<last>\d{4})?)?")


@dataclass(frozen=True)
class Filters:
    """Criteria for letters.

    `period`: "2021-2023", "2021-", "-2019" or "2022", years included. `company`: its name, without legal form. `role`:
    words, one of which the role contains. `max_documents`: at most this many letters, in the lists' order.
    """

    period: str | None = None
    company: str | None = None
    role: tuple[str, ...] = ()
    max_documents: int | None = None

    def __post_init__(self) -> None:
        self.years()
        if self.max_documents is not None and self.max_documents < 1:
            what = f"config key 'max_documents': {self.max_documents} is too few"
            raise RequestError(what, "give 1 or more, or null for all")

    def years(self) -> tuple[int, int] | None:
        """Return the period's first and last year. RequestError when it is invalid."""
        if self.period is None:
            return None
        match = _PERIOD.fullmatch(self.period.strip())
        if match is None or not (match["first"] or match["last"]):
            raise RequestError(f"config key 'period': '{self.period}' is no period", "write 2021-2023, 2021-, or 2022")
        # "2021-" → (2021, 9999), "-2019" → (0, 2019), "2022" → (2022, 2022)
        first = int(match["first"] or 0)
        last = int(match["last"]) if match["last"] else (9999 if match["dash"] else first)
        if first > last:
            raise RequestError(f"config key 'period': {first} comes after {last}", f"write {last}-{first}")
        return first, last

    def may_match(self, context: Mapping[str, Any]) -> bool:
        """Whether a list entry may match; facts that the list omits are ignored."""
        return self._fits(context.get("company"), context.get("season"), context.get("role"), unknown=True)

    def matches(self, letter: Document) -> bool:
        """Whether a letter matches; facts that it omits count as no match."""
        return self._fits(letter.company, letter.season, letter.role, unknown=False)

    def _fits(self, company: str | None, season: str | None, role: str | None, unknown: bool) -> bool:
        years, year = self.years(), year_of(season)
        return (
            (
                self.company is None
                or _fits_if_known(company, unknown, lambda: plain_company(company) == plain_company(self.company))
            )
            and (years is None or _fits_if_known(year, unknown, lambda: years[0] <= (year or 0) <= years[1]))
            and (
                not self.role or _fits_if_known(role, unknown, lambda: any(word in (role or "") for word in self.role))
            )
        )


def _fits_if_known(value: object, unknown: bool, fits: Any) -> bool:
    return unknown if value is None else fits()
