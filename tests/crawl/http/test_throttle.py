"""How long a host is left in peace between two requests. Only the clock is ours; the numbers are worked out by hand."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jaso_crawl.http.throttle import LONGEST_PAUSE, Throttle, retry_after


@dataclass
class Clock:
    """Time that stands still until a test moves it."""

    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_the_first_request_need_not_wait(clock: Clock) -> None:
    assert Throttle(5.0, clock=clock).remaining() <= 0


def test_after_a_good_answer_the_delay_is_waited_and_time_that_passes_counts(clock: Clock) -> None:
    pace = Throttle(5.0, clock=clock)
    pace.record_answer(0.2)
    assert pace.remaining() == 5.0
    clock.now += 3
    assert pace.remaining() == pytest.approx(2.0)
    clock.now += 3
    assert pace.remaining() < 0


def test_a_slow_server_rests_as_long_as_it_worked(clock: Clock) -> None:
    pace = Throttle(5.0, clock=clock)
    pace.record_answer(12.5)
    assert pace.remaining() == 12.5
    pace.record_answer(0.1)
    assert pace.remaining() == 5.0, "one slow answer is no reason to be slow for ever"


def test_refusals_double_the_pause_beginning_with_the_stumble(clock: Clock) -> None:
    pace = Throttle(0.0, initial_backoff=1.0, clock=clock)
    pauses = []
    for _ in range(8):
        pace.record_refusal()
        pauses.append(pace.remaining())
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60]


def test_with_a_delay_the_first_refusal_doubles_that(clock: Clock) -> None:
    pace = Throttle(5.0, initial_backoff=1.0, clock=clock)
    pace.record_refusal()
    assert pace.remaining() == 10.0


def test_a_delay_above_the_cap_is_never_shortened_by_trouble(clock: Clock) -> None:
    pace = Throttle(90.0, clock=clock)
    pace.record_refusal()
    assert pace.remaining() == 90.0 > LONGEST_PAUSE


def test_good_answers_bring_the_pause_back_to_the_delay_and_no_further(clock: Clock) -> None:
    pace = Throttle(1.0, clock=clock)
    for _ in range(3):
        pace.record_refusal()
    assert pace.pause == 8.0
    seen = []
    for _ in range(8):
        pace.record_answer(0.0)
        seen.append(round(pace.remaining(), 4))
    assert seen == [5.6, 3.92, 2.744, 1.9208, 1.3446, 1.0, 1.0, 1.0]


@pytest.mark.parametrize(("asked", "rest"), [(120.0, 120.0), (1.0, 10.0), (None, 10.0), (0.0, 10.0)])
def test_retry_after_makes_a_rest_longer_and_never_shorter(asked: float | None, rest: float, clock: Clock) -> None:
    pace = Throttle(5.0, clock=clock)
    pace.record_refusal(asked)
    assert pace.remaining() == rest
    assert pace.pause == 10.0, "it holds for this one rest"


def test_what_the_site_asks_for_in_robots_txt_is_the_new_floor(clock: Clock) -> None:
    pace = Throttle(1.0, clock=clock)
    pace.slow_down_to(7.0)
    pace.record_answer(0.0)
    assert pace.remaining() == 7.0
    for _ in range(30):
        pace.record_answer(0.0)
    assert pace.remaining() == 7.0


def test_the_site_cannot_make_us_faster_than_the_user_wants(clock: Clock) -> None:
    pace = Throttle(5.0, clock=clock)
    pace.slow_down_to(1.0)
    pace.record_answer(0.0)
    assert pace.remaining() == 5.0


@given(st.floats(0, 20), st.lists(st.one_of(st.none(), st.floats(0, 600), st.just("good"))))
@settings(derandomize=True, database=None)
def test_whatever_happens_a_rest_is_neither_shorter_than_the_delay_nor_longer_than_was_asked_for(
    delay: float, events: list[float | str | None]
) -> None:
    pace = Throttle(delay, clock=Clock())
    for event in events:
        if event == "good":
            pace.record_answer(0.0)
        else:
            assert not isinstance(event, str)
            pace.record_refusal(event)
        asked = event if isinstance(event, float) else 0.0
        # Near 1000 on the clock, differences are known to some 1e-13.
        assert delay - 1e-9 <= pace.remaining() <= max(LONGEST_PAUSE, asked) + 1e-9


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (b"120", 120.0),
        (b" 0 ", 0.0),
        (b"Mon, 05 Jan 2026 00:01:00 GMT", 60.0),
        (b"Sun, 04 Jan 2026 00:00:00 GMT", 0.0),
        (b"-5", None),
        (b"soon", None),
        (b"\xff\xfe", None),
        (b"", None),
        (None, None),
    ],
)
def test_retry_after_is_read_in_both_of_its_forms(header: bytes | None, seconds: float | None) -> None:
    assert retry_after(header, now=1767571200.0) == seconds
