"""The session cookie: sent to the origin that it is of, and to nothing else."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler

_PORTS = {"http": 80, "https": 443}


class Origin(NamedTuple):
    """Scheme, host and port (RFC 6454)."""

    scheme: str
    host: str | None
    port: int | None


def origin_of(url: str) -> Origin:
    """Return the origin of a URL; the port is None where it is none."""
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        return Origin(parts.scheme, parts.hostname, None)
    return Origin(parts.scheme, parts.hostname, _PORTS.get(parts.scheme) if port is None else port)


class SessionCookie:
    """Middleware that gives the cookie to requests of its origin only.

    Every request passes here, those that follow a redirect too. robots.txt is public: it gets none.
    """

    def __init__(self, cookie: str | None, origin: Origin) -> None:
        self._cookie = cookie
        self._origin = origin

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> SessionCookie:
        """Create the middleware; called by Scrapy."""
        state = crawler.settings["JASO"]
        return cls(state.cookie, state.origin)

    def process_request(self, request: Request) -> None:
        """Set or remove the cookie; called by Scrapy."""
        request.headers.pop("Cookie", None)
        # A page may redirect there, too.
        is_robots = request.meta.get("dont_obey_robotstxt", False) or urlsplit(request.url).path == "/robots.txt"
        if self._cookie is not None and not is_robots and origin_of(request.url) == self._origin:
            request.headers["Cookie"] = self._cookie
