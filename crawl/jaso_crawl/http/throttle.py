"""Throttle: one request rate per host, shared by client and browsers."""

from __future__ import annotations

import time
from collections.abc import Callable
from email.utils import parsedate_to_datetime

LONGEST_PAUSE = 60.0
"""Seconds. Limit of the growing pause after refusals; a Retry-After may ask for more."""
LONGEST_WAIT = 600.0
"""Seconds. If a site asks for more, the crawl stops and can be continued later."""

_RECOVERY = 0.7


class Throttle:
    """Adaptive pause between the end of an answer and the next request.

    It is at least `delay`, and at least as long as the last answer took. It doubles with each refusal, beginning with
    `initial_backoff` seconds, and shrinks to 70 % with each good answer.
    """

    def __init__(self, delay: float, initial_backoff: float = 1.0, clock: Callable[[], float] = time.monotonic) -> None:
        self._min_pause = self._pause = delay
        self._initial_backoff = initial_backoff
        self._clock = clock
        self._next_at = clock()

    @property
    def pause(self) -> float:
        """Current pause between two requests, in seconds."""
        return self._pause

    def remaining(self) -> float:
        """Return seconds until the next request may start; 0 or less: now."""
        return self._next_at - self._clock()

    def slow_down_to(self, delay: float) -> None:
        """Raise the minimum pause to what the site asks for (Crawl-delay), in seconds."""
        self._min_pause = max(self._min_pause, delay)
        self._pause = max(self._pause, delay)

    def record_answer(self, seconds: float) -> None:
        """Record a good answer that took `seconds`."""
        self._pause = max(self._min_pause, self._pause * _RECOVERY)
        self._pause_for(max(self._pause, seconds))

    def record_refusal(self, wait: float | None = None) -> None:
        """Record a missing, broken or "not now" answer.

        `wait` is its Retry-After in seconds.
        """
        # delay 1, backoff 1: three refusals → 2, 4, 8 s; then two good answers → 5.6, 3.92 s
        self._pause = min(max(2 * self._pause, self._initial_backoff), max(LONGEST_PAUSE, self._min_pause))
        self._pause_for(max(self._pause, wait or 0.0))

    def _pause_for(self, seconds: float) -> None:
        self._next_at = self._clock() + seconds


def retry_after(header: bytes | None, now: float) -> float | None:
    """Parse Retry-After ("120" or an HTTP date) to seconds; None if absent."""
    text = (header or b"").decode("latin-1").strip()
    if text.isdecimal():
        return float(text)
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - now)
    except (TypeError, ValueError):
        return None
