"""How a crawl behaves towards a site, and the small Scrapy components that make sure of it."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

from scrapy import Request, Spider
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.retry import RetryMiddleware
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.robotstxt import RobotParser

from jaso_core import __version__

LONGEST_WAIT = 600.0
"""Seconds. A site that asks for more is left alone: the crawl stops and can be continued later."""


@dataclass(frozen=True)
class Manners:
    """`delay` in seconds between two requests; `proxy` is a URL through which every request goes."""

    user_agent: str
    delay: float
    throttle: bool = True
    proxy: str | None = None
    timeout: float = 30.0
    retries: int = 3


def user_agent(contact: str) -> str:
    """An honest name: what we are, and whom to ask."""
    return f"jaso/{__version__} (Korean writing research; {contact})"


class ThroughProxy:
    """Sends every request through JASO_PROXY, the one for robots.txt among them."""

    def __init__(self, proxy: str | None) -> None:
        self._proxy = proxy

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> ThroughProxy:
        """Called by Scrapy."""
        return cls(crawler.settings["JASO_PROXY"])

    def process_request(self, request: Request) -> None:
        """Called by Scrapy before its own proxy handling."""
        if self._proxy is not None:
            request.meta["proxy"] = self._proxy


class StrictRobots(RobotsTxtMiddleware):
    """robots.txt as RFC 9309 has it: when it cannot be read, nothing is allowed. Scrapy alone would allow all."""

    def process_request_2(self, rp: RobotParser | None, request: Request) -> None:
        """Called by Scrapy with the rules for the request's host, None when there are none to be had."""
        if rp is None or self._broken():
            raise RobotsUnreadable("robots.txt could not be read")
        super().process_request_2(rp, request)

    def _broken(self) -> bool:
        stats = self._stats.get_stats()
        return any(key.startswith("robotstxt/response_status_count/5") for key in stats)


class RobotsUnreadable(IgnoreRequest):
    """Without robots.txt nobody knows what is allowed."""


class PatientRetry(RetryMiddleware):
    """Scrapy's retries, after the pause that a Retry-After header asks for."""

    async def process_response(  # type: ignore[override]
        self, request: Request, response: Response, spider: Spider | None = None
    ) -> Request | Response:
        """Called by Scrapy. Only one request is under way, so that waiting here holds up all."""
        wait = retry_after(response.headers.get("Retry-After"), time.time())
        if response.status in self.retry_http_codes and wait is not None:
            if wait > LONGEST_WAIT:
                return response
            await asyncio.sleep(wait)
        return super().process_response(request, response)


def retry_after(header: bytes | None, now: float) -> float | None:
    """Seconds to wait, from "120" or an HTTP date. None without a header that says so."""
    text = (header or b"").decode("latin-1").strip()
    if text.isdecimal():
        return float(text)
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - now)
    except (TypeError, ValueError):
        return None
