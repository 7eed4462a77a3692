"""What every source that crawls sites can be told, live or sample."""

from __future__ import annotations

from dataclasses import dataclass

from jaso_core.errors import RequestError, did_you_mean
from jaso_core.stage.runner import volatile
from jaso_crawl.crawler.crawl_site import REFRESH, RENDER
from jaso_crawl.crawler.filters import Filters

MOST_BROWSERS = 4


@dataclass(frozen=True)
class WebOptions:
    """`period`, `company` and `max_documents` are explained in `Filters`, `refresh` and `offline` in `CrawlOptions`."""

    period: str | None = None
    company: str | None = None
    max_documents: int | None = None
    delay: float = volatile(0.0)
    render: str = "auto"
    browsers: int = volatile(1)
    refresh: str = volatile("none")
    offline: bool = False

    def __post_init__(self) -> None:
        check_choice("render", self.render, RENDER)
        check_choice("refresh", self.refresh, REFRESH)
        if not 1 <= self.browsers <= MOST_BROWSERS:
            raise RequestError(f"config key 'browsers': {self.browsers}", f"give 1 to {MOST_BROWSERS}")
        if self.offline and self.refresh != "none":
            raise RequestError(f"offline=true asks for nothing, refresh={self.refresh} asks anew", "choose one of them")
        Filters(self.period, self.company, max_documents=self.max_documents)

    def refresh_reason(self) -> str | None:
        """Why a complete folder is brought up to date all the same; None when it is not."""
        return f"refresh={self.refresh}" if self.refresh != "none" else None


def check_choice(key: str, value: str, known: tuple[str, ...]) -> None:
    """RequestError when a config value is not among those that are known."""
    if value not in known:
        raise RequestError(f"config key '{key}': '{value}' is unknown", did_you_mean(value, list(known)))
