"""Politeness settings, and the Scrapy middlewares that enforce them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from scrapy import Request, Spider
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.redirect import RedirectMiddleware
from scrapy.downloadermiddlewares.retry import RetryMiddleware, get_retry_request
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.settings.default_settings import RETRY_EXCEPTIONS

from jaso_core import __version__
from jaso_crawl.http.certificates import certificate_problem
from jaso_crawl.http.page_store import PageStore
from jaso_crawl.http.session_cookie import Origin, origin_of
from jaso_crawl.http.throttle import LONGEST_WAIT, Throttle, retry_after

AGENT = "jaso"
"""The product token for robots.txt rules."""
CUT_OFF = "cut off"
"""A flag of truncated responses."""

# Waiting does not help where a host has no address: fail at once.
_RETRIED_EXCEPTIONS = [name for name in RETRY_EXCEPTIONS if name != "scrapy.exceptions.CannotResolveHostError"]
_REDIRECT_STATUSES = (301, 302, 303, 307, 308)


@dataclass(frozen=True)
class Politeness:
    """Politeness settings of a crawl.

    `delay` in seconds between an answer and the next request; `initial_backoff` is the pause after the first refusal,
    in seconds. `proxy` is a URL through which every request goes; `timeout` in seconds; `cookie` is the user's own
    session; `largest_page` in bytes, unpacked.
    """

    user_agent: str
    delay: float
    proxy: str | None = None
    timeout: float = 30.0
    retries: int = 3
    initial_backoff: float = 1.0
    cookie: str | None = None
    largest_page: int = 32 * 2**20


def user_agent(contact: str) -> str:
    """Return the User-Agent: program, version, purpose and contact."""
    return f"{AGENT}/{__version__} (Korean writing research; {contact})"


@dataclass(frozen=True)
class FetchState:
    """State shared by the Scrapy components, in the settings under JASO.

    `origin` is the site's, to which alone the `cookie` is sent.
    """

    throttle: Throttle
    store: PageStore
    is_login: Callable[[str], bool]
    proxy: str | None
    cookie: str | None
    origin: Origin

    def __deepcopy__(self, memo: object) -> FetchState:
        """Return itself: Scrapy copies its settings, this state must not be copied."""
        return self


class LoginNeededError(IgnoreRequest):
    """The site redirects to its log-in."""


class LeftSiteError(IgnoreRequest):
    """The site redirects to another host."""


class ThroughProxy:
    """Middleware that sends every request, robots.txt too, through the proxy."""

    def __init__(self, proxy: str | None) -> None:
        self._proxy = proxy

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> ThroughProxy:
        """Create the middleware; called by Scrapy."""
        return cls(crawler.settings["JASO"].proxy)

    def process_request(self, request: Request) -> None:
        """Set the proxy; called by Scrapy before its own proxy handling."""
        if self._proxy is not None:
            request.meta["proxy"] = self._proxy


class Gate:
    """Throttling middleware, the last before the network.

    Requests wait for the throttle, and responses adjust it.
    """

    def __init__(self, throttle: Throttle) -> None:
        self._throttle = throttle

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Gate:
        """Create the middleware; called by Scrapy."""
        return cls(crawler.settings["JASO"].throttle)

    async def process_request(self, request: Request) -> None:
        """Wait for the throttle; called by Scrapy.

        Only one request is under way, so that waiting here delays all.
        """
        while (wait := self._throttle.remaining()) > 0:
            await asyncio.sleep(wait)
        request.meta["sent_at"] = time.monotonic()

    def process_response(self, request: Request, response: Response) -> Response:
        """Report the response to the throttle; called by Scrapy."""
        wait = retry_after(response.headers.get("Retry-After"), time.time())
        if response.status in (429, 408) or response.status >= 500:
            # If a site asks for a longer pause, the client ends the crawl.
            self._throttle.record_refusal(wait if wait is None or wait <= LONGEST_WAIT else None)
        else:
            self._throttle.record_answer(time.monotonic() - request.meta["sent_at"])
        return response

    def process_exception(self, request: Request, exception: Exception) -> None:
        """Report a failed request to the throttle; called by Scrapy."""
        if not isinstance(exception, IgnoreRequest):
            self._throttle.record_refusal()


def _is_cut_off(response: Response) -> bool:
    """Whether a response without a length ended before its HTML did.

    Nothing else detects this.
    """
    start, end = response.body[:2000].lower(), response.body[-2000:].lower()
    return "partial" in response.flags and b"<html" in start and b"</html" not in end


class PatientRetry(RetryMiddleware):
    """Retry middleware, also for truncated responses.

    No retry when the site asks for a long pause.
    """

    def process_response(
        self, request: Request, response: Response, spider: Spider | None = None
    ) -> Request | Response:
        """Retry a truncated or failed response; called by Scrapy.

        Called after decompression. The throttle makes the pause.
        """
        wait = retry_after(response.headers.get("Retry-After"), time.time())
        if wait is not None and wait > LONGEST_WAIT:
            return response
        if _is_cut_off(response):
            response.flags.append(CUT_OFF)
            state: FetchState = self.crawler.settings["JASO"]
            state.throttle.record_refusal()
            assert self.crawler.spider is not None
            return get_retry_request(request, spider=self.crawler.spider, reason=CUT_OFF) or response
        return super().process_response(request, response)

    def process_exception(
        self, request: Request, exception: Exception, spider: Spider | None = None
    ) -> Request | Response | None:
        """Retry a failed request; called by Scrapy. A certificate gets no better."""
        if certificate_problem(exception) is not None:
            return None
        return super().process_exception(request, exception)


class SiteRedirects(RedirectMiddleware):
    """Redirect middleware: within the site only, and never to its log-in.

    Never to another port, where another server may be, nor from https to http.
    """

    def process_response(
        self, request: Request, response: Response, spider: Spider | None = None
    ) -> Request | Response:
        """Follow or refuse a redirect; called by Scrapy."""
        followed = super().process_response(request, response)
        # Check the URL that Scrapy resolved, not the Location: it reads "///host" and the like in its own way.
        if isinstance(followed, Request):
            state: FetchState = self.crawler.settings["JASO"]
            if state.is_login(followed.url):
                raise LoginNeededError(f"redirects to the log-in, {followed.url}")
            before, after = origin_of(request.url), origin_of(followed.url)
            if "@" in urlsplit(followed.url).netloc:
                raise LeftSiteError("redirects to an address with a user's name")
            if after.host != before.host:
                raise LeftSiteError(f"redirects to another site, {followed.url}")
            if before.scheme == "https" and after.scheme != "https":
                raise LeftSiteError(f"redirects from https to http, {followed.url}")
            # From http to https both ports change, from 80 to 443: that is how sites lead there.
            if after.port != before.port and (before.port, after.port) != (80, 443):
                raise LeftSiteError(f"redirects to another port, {followed.url}")
        elif response.status in _REDIRECT_STATUSES and "Location" in response.headers:
            raise LeftSiteError("redirects to what is no web page")
        return followed

    def handle_referer(self, request: Request, response: Response) -> None:
        """Send no Referer; called by Scrapy."""


def scrapy_settings(politeness: Politeness, state: FetchState) -> dict[str, Any]:
    """Return Scrapy's settings for one polite crawl."""
    package = "jaso_crawl.http"
    headers = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8", "Accept-Language": "ko,en;q=0.5"}
    return {
        "USER_AGENT": politeness.user_agent,
        "DEFAULT_REQUEST_HEADERS": headers,
        "ROBOTSTXT_OBEY": True,
        "ROBOTSTXT_USER_AGENT": AGENT,
        "CONCURRENT_REQUESTS": 1,
        "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
        "DOWNLOAD_DELAY": 0,  # the throttle of Gate counts from the end of an answer
        "DOWNLOAD_VERIFY_CERTIFICATES": True,  # Scrapy's default is to take any
        "DOWNLOAD_TIMEOUT": politeness.timeout,
        "DOWNLOAD_MAXSIZE": politeness.largest_page,
        "RETRY_TIMES": politeness.retries,
        "RETRY_EXCEPTIONS": _RETRIED_EXCEPTIONS,
        "REDIRECT_MAX_TIMES": 5,
        "METAREFRESH_ENABLED": False,  # it would lead to any host
        "DOWNLOAD_HANDLERS": {"data": None, "file": None, "ftp": None, "s3": None},
        "COOKIES_ENABLED": False,
        "TELNETCONSOLE_ENABLED": False,
        "REMOTE_CONTROL_ENABLED": False,  # it runs Python that comes over a port, and is on by default
        "LOG_LEVEL": "INFO",
        "DOWNLOADER_MIDDLEWARES": {
            "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
            f"{package}.robots.StrictRobots": 100,
            "scrapy.downloadermiddlewares.retry.RetryMiddleware": None,
            f"{package}.politeness.PatientRetry": 550,
            "scrapy.downloadermiddlewares.redirect.RedirectMiddleware": None,
            f"{package}.politeness.SiteRedirects": 600,
            f"{package}.politeness.ThroughProxy": 740,
            f"{package}.session_cookie.SessionCookie": 745,
            f"{package}.politeness.Gate": 950,
        },
        "JASO": state,
    }
