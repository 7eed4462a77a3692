"""How fast a host is asked: one clock for all that is fetched from it, by a browser or without one."""

from __future__ import annotations

import time
from collections.abc import Callable
from email.utils import parsedate_to_datetime

LONGEST_PAUSE = 60.0
"""Seconds. Trouble makes the pause longer up to this; a Retry-After may ask for more."""
LONGEST_WAIT = 600.0
"""Seconds. A site that asks for more is left alone: the crawl stops and can be continued later."""

_RECOVERY = 0.7


class Throttle:
    """The pause between the end of an answer and the start of the next request.

    It is `delay` at least, and at least as long as the last answer took. It doubles with each refusal, beginning
    with `initial_backoff` seconds, and shrinks to 70 % with each good answer.
    """

    def __init__(self, delay: float, initial_backoff: float = 1.0, clock: Callable[[], float] = time.monotonic) -> None:
        self._min_pause = self._pause = delay
        self._initial_backoff = initial_backoff
        self._clock = clock
        self._next_at = clock()

    @property
    def pause(self) -> float:
        """Seconds between two requests, as things stand."""
        return self._pause

    def remaining(self) -> float:
        """Seconds until the next request may start; 0 or less when it may now."""
        return self._next_at - self._clock()

    def slow_down_to(self, delay: float) -> None:
        """A pause that the site itself asks for (robots.txt: Crawl-delay)."""
        self._min_pause = max(self._min_pause, delay)
        self._pause = max(self._pause, delay)

    def answered(self, seconds: float) -> None:
        """A good answer has come, after `seconds`."""
        self._pause = max(self._min_pause, self._pause * _RECOVERY)
        self._pause_for(max(self._pause, seconds))

    def refused(self, wait: float | None = None) -> None:
        """No answer, a broken one, or one that says "not now"; `wait` is what its Retry-After asks for."""
        self._pause = min(max(2 * self._pause, self._initial_backoff), max(LONGEST_PAUSE, self._min_pause))
        self._pause_for(max(self._pause, wait or 0.0))

    def _pause_for(self, seconds: float) -> None:
        self._next_at = self._clock() + seconds


def retry_after(header: bytes | None, now: float) -> float | None:
    """Seconds to wait, from "120" or an HTTP date. None without a header that says so."""
    text = (header or b"").decode("latin-1").strip()
    if text.isdecimal():
        return float(text)
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - now)
    except (TypeError, ValueError):
        return None
