"""Fault injection: slow, stalled, truncated, 429, 5xx, redirects, block page.

The affected addresses follow from the address alone, and each fault ends after one or two requests, so that a patient
crawl gets everything.
"""

from __future__ import annotations

import time
import zlib
from collections import Counter
from dataclasses import dataclass, field
from email.utils import formatdate
from threading import Lock

from jaso_synthetic.web.site import Response, server_date

SLOW_SECONDS = 0.4
STALL_SECONDS = 4.0
PAUSE_SECONDS = 1
BLOCK_AFTER = 40
"""Requests until the block page appears, if that hazard is on."""

BLOCK_PAGE = (
    "<html><body><h1>보안정책 서비스 이용 안내</h1>"
    "<p>현재 보안 정책에 따라 고객님의 접속이 일시적으로 제한되었습니다.</p></body></html>"
)
# hazard: (modulus, remainder) of the CRC-32 of the address: (23, 1) affects one address in 23
_FAULT_RATES = {
    "errors": (23, 1),
    "broken": (29, 5),
    "redirects": (31, 7),
    "slow": (47, 3),
    "busy": (53, 2),
    "stalled": (89, 4),
}


@dataclass(frozen=True, slots=True)
class Delivery:
    """How a response is sent: after `wait` seconds, whole or half, with a length.

    `whole` is false when only the first half is sent, `with_length` when there is no Content-Length.
    """

    response: Response
    hazard: str | None = None
    wait: float = 0.0
    whole: bool = True
    with_length: bool = True


@dataclass
class FaultInjector:
    """Fault injection for all hosts of the sample.

    `blocks`: whether the block page is still to appear.
    """

    hazards: frozenset[str]
    blocks: bool = True
    _request_counts: Counter[str] = field(default_factory=Counter, init=False)
    _lock: Lock = field(default_factory=Lock, init=False)

    def deliver(self, host: str, target: str, response: Response) -> Delivery:
        """Return the delivery of the response to `target`, with its fault."""
        address = f"{host}{target}"
        with self._lock:
            self._request_counts[address] += 1
            visits, total = self._request_counts[address], self._request_counts.total()
        if "block" in self.hazards and self.blocks and total > BLOCK_AFTER:
            return Delivery(Response(200, BLOCK_PAGE, server_date(0), "text/html"), "block")
        if target != "/robots.txt":
            for hazard, (modulus, remainder) in _FAULT_RATES.items():
                if hazard in self.hazards and zlib.crc32(address.encode()) % modulus == remainder:
                    return _apply_fault(hazard, visits, target, response)
        return Delivery(response)


def _apply_fault(hazard: str, visits: int, target: str, response: Response) -> Delivery:
    if hazard == "slow":
        return Delivery(response, hazard, wait=SLOW_SECONDS)
    if hazard == "redirects" and "moved=1" not in target and response.status == 200:
        moved = f"{target}{'&' if '?' in target else '?'}moved=1"
        return Delivery(Response(301, "", response.date, headers=(("Location", moved),)), hazard)
    if hazard == "errors" and visits <= 2:
        return Delivery(Response((503, 500)[visits - 1], "", response.date), hazard)
    if hazard == "busy" and visits == 1:
        return Delivery(Response(429, "", response.date, headers=(("Retry-After", _retry_after(len(target))),)), hazard)
    if hazard == "stalled" and visits == 1:
        return Delivery(response, hazard, wait=STALL_SECONDS)
    if hazard == "broken" and visits == 1:
        # Without Content-Length half of a fragment looks whole; half of a document lacks "</html".
        document = "</html" in (response.body if isinstance(response.body, str) else "")
        return Delivery(response, hazard, whole=False, with_length=not document or len(target) % 2 == 0)
    return Delivery(response)


def _retry_after(choice: int) -> str:
    """Return a Retry-After value in one of its two forms: seconds or a date."""
    return str(PAUSE_SECONDS) if choice % 2 else formatdate(time.time() + PAUSE_SECONDS + 1, usegmt=True)
