"""What a site refused is remembered over a kill."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from jaso_crawl.crawler.refused_urls import RefusedUrls
from jaso_crawl.types import Rejection

FIRST = Rejection("http://small.invalid/1", "http_404", "the server answered 404")
SECOND = Rejection("http://small.invalid/2", "unparsable", "한글 {자소서}가 없다", "div.{x}")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "refused.jsonl"


def test_a_later_run_knows_what_was_refused_and_why(path: Path) -> None:
    refusals = RefusedUrls(path)
    assert refusals.get(FIRST.where) is None
    for rejection in (FIRST, SECOND):
        refusals.add(rejection)
    for known in (refusals, RefusedUrls(path)):
        assert known.get(FIRST.where) == FIRST
        assert known.get(SECOND.where) == SECOND
        assert known.get("http://small.invalid/3") is None


def test_the_last_word_on_an_address_counts(path: Path) -> None:
    later = Rejection(FIRST.where, "login", "redirects to the log-in")
    refusals = RefusedUrls(path)
    refusals.add(FIRST)
    refusals.add(later)
    assert RefusedUrls(path).get(FIRST.where) == later


def test_a_line_cut_at_any_byte_costs_only_itself(path: Path) -> None:
    refusals = RefusedUrls(path)
    refusals.add(FIRST)
    before = path.stat().st_size
    refusals.add(SECOND)
    whole = path.read_bytes()
    third = Rejection("http://small.invalid/3", "robots", "robots.txt bars this address")
    for end in range(before, len(whole)):
        path.write_bytes(whole[:end])
        continued = RefusedUrls(path)
        assert continued.get(FIRST.where) == FIRST, f"cut at byte {end}"
        assert continued.get(SECOND.where) is None, f"cut at byte {end}"
        continued.add(third)
        again = RefusedUrls(path)
        assert (again.get(FIRST.where), again.get(third.where)) == (FIRST, third), f"cut at byte {end}"


@pytest.mark.parametrize("separator", ["\u2028", "\x85", "\x1c", "\n", "\r"])
def test_a_line_separator_in_an_address_or_a_reason_stays_in_its_line(separator: str, path: Path) -> None:
    odd = Rejection(f"http://small.invalid/{separator}x", "unreachable", f"a{separator}b")
    RefusedUrls(path).add(odd)
    assert RefusedUrls(path).get(odd.where) == odd


def test_several_threads_may_add_at_once(path: Path) -> None:
    refusals = RefusedUrls(path)
    many = [Rejection(f"http://small.invalid/{number}", "missing", "없음" * 50) for number in range(200)]
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(refusals.add, many))
    again = RefusedUrls(path)
    assert [again.get(rejection.where) for rejection in many] == many
