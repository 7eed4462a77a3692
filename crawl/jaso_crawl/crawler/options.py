"""Options shared by all sources that crawl sites, live or sample."""

from __future__ import annotations

from dataclasses import dataclass

from jaso_core.errors import RequestError, did_you_mean
from jaso_core.stage.runner import implied, volatile
from jaso_crawl.browser.page_limits import PageLimits
from jaso_crawl.crawler.crawl_site import REFRESH, RENDER
from jaso_crawl.crawler.filters import Filters

MOST_BROWSERS = 4


@dataclass(frozen=True)
class WebOptions:
    """Options of a crawl; see `Filters` and `CrawlOptions`.

    `period`, `company` and `max_documents` are explained in `Filters`, `refresh` and `offline` in `CrawlOptions`.
    """

    period: str | None = None
    company: str | None = None
    max_documents: int | None = None
    delay: float = volatile(0.0)
    render: str = "auto"
    browsers: int = volatile(1)
    refresh: str = volatile("none")
    offline: bool = False
    limits: PageLimits = implied(PageLimits())  # noqa: RUF009 - immutable

    def __post_init__(self) -> None:
        check_choice("render", self.render, RENDER)
        check_choice("refresh", self.refresh, REFRESH)
        if not 1 <= self.browsers <= MOST_BROWSERS:
            raise RequestError(f"config key 'browsers': {self.browsers}", f"give 1 to {MOST_BROWSERS}")
        if self.offline and self.refresh != "none":
            raise RequestError(f"offline=true asks for nothing, refresh={self.refresh} asks anew", "choose one of them")
        Filters(self.period, self.company, max_documents=self.max_documents)

    def refresh_reason(self) -> str | None:
        """Return why a complete folder is updated all the same, or None."""
        return f"refresh={self.refresh}" if self.refresh != "none" else None


def check_choice(key: str, value: str, known: tuple[str, ...]) -> None:
    """Raise RequestError when a config value is not among the known ones."""
    if value not in known:
        raise RequestError(f"config key '{key}': '{value}' is unknown", did_you_mean(value, list(known)))
