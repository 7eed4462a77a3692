"""robots.txt (RFC 9309): fetched once a day, always obeyed, verdict recorded."""

from __future__ import annotations

import hashlib
import math
import time
from urllib.parse import urljoin, urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.robotstxt import ProtegoRobotParser, RobotParser

from jaso_core.compat.scrapy import HostRules
from jaso_crawl.http.block_page import is_block_page
from jaso_crawl.http.certificates import certificate_problem
from jaso_crawl.http.encoding import decode_page
from jaso_crawl.http.page_store import StoredPage
from jaso_crawl.http.politeness import AGENT, FetchState

LARGEST = 512 * 2**10
"""Bytes of robots.txt. RFC 9309 §2.5 asks for 500 KiB; a rule of a larger one would be lost, so it allows nothing."""

VALID_SECONDS = 24 * 3600
"""RFC 9309 §2.4: a copy should not be used for longer."""


class RobotsUnreadableError(IgnoreRequest):
    """robots.txt cannot be read, so nothing may be fetched."""


class UntrustedError(RobotsUnreadableError):
    """The certificate of robots.txt's server is not accepted."""


class DisallowedError(IgnoreRequest):
    """robots.txt disallows the URL; no option overrides it."""


class StrictRobots(HostRules):
    """robots.txt middleware that allows nothing when the file is unreadable.

    Scrapy's own would allow everything then. The verdict is in `request.meta["robots"]`: "allowed by robots.txt <first
    16 digits of its SHA-256>".
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._state: FetchState = crawler.settings["JASO"]
        self._verdict = ""
        self._certificate_problem: str | None = None
        self._rules_read_at = time.time()

    async def robot_parser(self, request: Request) -> RobotParser | None:
        """Return the host's rules, from the store if fresh; called by Scrapy."""
        netloc = urlsplit(request.url).netloc
        if time.time() - self._rules_read_at > VALID_SECONDS:
            self.drop_rules(netloc)
        if not self.has_rules(netloc):
            stored = self._state.store.get(_robots_url(request), time.time() - VALID_SECONDS)
            if stored is not None:
                self.set_rules(netloc, self._rules(stored.status, stored.body))
        return await super().robot_parser(request)

    async def parse_robots(self, response: Response, host: str, request: Request) -> None:
        """Check, parse and store robots.txt; called with Scrapy's answer."""
        if response.status >= 500 or response.status == 429:
            raise RobotsUnreadableError(f"robots.txt: the server answered {response.status}")
        if len(response.body) > LARGEST and response.status < 400:
            raise RobotsUnreadableError(f"robots.txt: has more than {LARGEST:,} bytes")
        if is_block_page(decode_page(response.body)):
            raise RobotsUnreadableError("robots.txt: the server answered with a block page")
        await super().parse_robots(response, host, request)
        self.set_rules(host, self._rules(response.status, response.body))
        page = StoredPage(_robots_url(request), "robots", response.url, response.status, {}, response.body, time.time())
        self._state.store.put(page)

    def robots_error(self, error: Exception) -> None:
        """Remember that the certificate is the reason; called by Scrapy."""
        self._certificate_problem = certificate_problem(error)

    def _rules(self, status: int, body: bytes) -> RobotParser:
        # RFC 9309 §2.3.1.3: without the file (404 and the like) everything is allowed.
        rules = body if status < 400 else b""
        self._rules_read_at = time.time()
        parser = ProtegoRobotParser.from_crawler(self.crawler, rules)
        self._verdict = f"allowed by robots.txt {hashlib.sha256(rules).hexdigest()[:16]}"
        delay = parser.rp.crawl_delay(AGENT)
        if delay is not None and math.isfinite(float(delay)):
            self._state.throttle.slow_down_to(float(delay))
        return parser

    def process_request_2(self, rp: RobotParser | None, request: Request) -> None:
        """Apply the host's rules; called by Scrapy, with None when unavailable."""
        if rp is None and self._certificate_problem is not None:
            raise UntrustedError(self._certificate_problem)
        if rp is None:
            raise RobotsUnreadableError("robots.txt could not be read")
        if not rp.allowed(request.url, AGENT):
            raise DisallowedError("robots.txt bars this address")
        request.meta["robots"] = self._verdict


def _robots_url(request: Request) -> str:
    return urljoin(request.url, "/robots.txt")
