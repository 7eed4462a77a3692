"""Hiring seasons (2018년 하반기): parse them and their year."""

from __future__ import annotations

import re

_SEASON = re.compile(r"(?P<year>(?:19|20)\d{2})\s*년?\s*(?P<half>상반기|하반기|상시|수시)?")


def season_of(text: str | None) -> str | None:
    """Normalise a season: "2018 하반기\\t신입/인턴 합격자소서" → "2018년 하반기".

    All sources share this form. None without a year.
    """
    match = _SEASON.search(text or "")
    return " ".join(filter(None, (f"{match['year']}년", match["half"]))) if match else None


def year_of(season: str | None) -> int | None:
    """Return the year of a season, or None."""
    match = _SEASON.search(season or "")
    return int(match["year"]) if match else None
