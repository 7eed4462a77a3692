"""Filter by year: letters of seasons before a year."""

from __future__ import annotations

import re
from dataclasses import dataclass

from jaso_core.records import Document, Item
from jaso_preprocess.steps import STEPS, Drop, Step

_YEAR = re.compile(r"(?<!\d)(?:19|20)\d{2}(?!\d)")


@dataclass(frozen=True)
class SinceOptions:
    """`year`: the first that stays; None: all."""

    year: int | None = None

    def __post_init__(self) -> None:
        if self.year is not None and not 1900 <= self.year <= 2100:
            raise ValueError(f"year is {self.year}; a year from 1900 to 2100")


@STEPS.register("since", SinceOptions)
class Since(Step):
    """Drops items of documents whose season is before a year ("before_since").

    Questions and ways of writing change. A document without a year stays.
    """

    def __init__(self, options: SinceOptions) -> None:
        self.options = options

    def apply(self, item: Item) -> Item:
        return item

    def apply_to(self, document: Document, item: Item) -> Item | Drop:
        year = _YEAR.search(document.season or "")
        if self.options.year is not None and year is not None and int(year[0]) < self.options.year:
            return Drop("before_since", f"{year[0]}")
        return item
