"""Summary table of a crawl: counts of listed, fetched, parsed, rejected."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

COLUMNS = ("listed", "filtered", "fetched", "rendered", "parsed", "requests")


def table(counts: Mapping[str, Any], rejected: Mapping[str, int]) -> list[str]:
    """Format the table's lines: a row per site, or one for a source without sites.

    Empty without such counts.
    """
    sites: Mapping[str, Mapping[str, Any]] = counts.get("sites") or {"": {**counts, "rejected": rejected}}
    columns = [name for name in COLUMNS if any(name in row for row in sites.values())]
    if "listed" not in columns:
        return []
    width = max(len(name) for name in (*sites, "source"))
    head = f"  {'source' if '' in sites else 'site':<{width}}" + "".join(f"{name:>10}" for name in columns)
    rows = [
        f"  {name or 'all':<{width}}" + "".join(f"{row.get(column, 0):>10,}" for column in columns) + _reasons(row)
        for name, row in sites.items()
    ]
    return [f"{head}  rejected", *rows]


def _reasons(row: Mapping[str, Any]) -> str:
    reasons: Mapping[str, int] = row["rejected"]
    listing = ", ".join(f"{reason} {count:,}" for reason, count in reasons.items())
    return f"  {sum(reasons.values()):,}" + (f" ({listing})" if listing else "")
