"""Scrapy 2.19: robots.txt rules by host, and answers that unpack to too much."""

from __future__ import annotations

from scrapy import Request
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.http import Response
from scrapy.robotstxt import RobotParser
from scrapy.utils._compression import _DecompressionMaxSizeExceeded


def is_too_large(error: BaseException) -> bool:
    """Whether an answer was ignored because it unpacks to more than DOWNLOAD_MAXSIZE.

    Scrapy raises a plain IgnoreRequest then; only its cause is of a class of its own.
    """
    return isinstance(error.__cause__, _DecompressionMaxSizeExceeded)


class HostRules(RobotsTxtMiddleware):
    """robots.txt middleware whose rules of a host can be read, set and dropped.

    The middleware's public hooks are for the rules as it has parsed them: none sees the answer they came from, and
    none puts stored rules in their place. Its table `_parsers` and its method `_parse_robots` do.
    """

    def has_rules(self, host: str) -> bool:
        """Return whether the rules of a host (with port) are known or under way."""
        return host in self._parsers

    def set_rules(self, host: str, rules: RobotParser) -> None:
        """Set the rules of a host: its robots.txt is not fetched."""
        self._parsers[host] = rules

    def drop_rules(self, host: str) -> None:
        """Drop the rules of a host, if any: its robots.txt is fetched again."""
        self._parsers.pop(host, None)

    async def parse_robots(self, response: Response, host: str, request: Request) -> None:
        """Parse the answer for robots.txt, and set the host's rules.

        For a subclass to extend. An IgnoreRequest from here means that the rules are not known.
        """
        await super()._parse_robots(response, host, request)

    def robots_error(self, error: Exception) -> None:
        """Take note of why robots.txt could not be fetched. For a subclass to extend."""

    def _robots_error(self, exc: Exception, netloc: str) -> None:
        self.robots_error(exc)
        super()._robots_error(exc, netloc)

    async def _parse_robots(self, response: Response, netloc: str, request: Request) -> None:
        await self.parse_robots(response, netloc, request)
