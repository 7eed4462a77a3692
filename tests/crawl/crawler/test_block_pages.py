"""A site that stops giving in mid-crawl, and runs that come after a broken one."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from sample_webs import Crawler, pairs, sample_web

from jaso_core.errors import WorkError
from jaso_crawl.browser.find_chromium import find_installed
from jaso_crawl.crawler.crawl_site import _load_freshness
from jaso_crawl.sources.sample_sites import webs_of
from jaso_synthetic.corpus import generate
from jaso_synthetic.web.site import Response, Web

DATE = "Mon, 05 Jan 2026 00:00:00 GMT"
needs_browser = pytest.mark.skipif(find_installed() is None, reason="needs Chromium and its driver")


@dataclass
class Souring:
    """A web that gives `answer` instead of a letter from the `good`-th letter on."""

    inner: Web
    sour: Response
    good: int
    given: set[str] = field(default_factory=set)
    hazards: frozenset[str] = frozenset()

    def answer(self, target: str, first_visit: bool) -> Response:
        if "real_seq=" not in target or target in self.given or len(self.given) < self.good:
            self.given |= {target} if "real_seq=" in target else set()
            return self.inner.answer(target, first_visit)
        return self.sour

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)


LOGIN = Response(302, "", DATE, headers=(("Location", "/zf_user/auth/login"),))


@pytest.mark.parametrize(
    ("sour", "cure"),
    [
        (LOGIN, "the site wants a log-in: renew your session, then run it again"),
        (Response(403, "", DATE), "the site turns us away: wait, or ask it"),
        pytest.param(Response(401, "", DATE), "the site turns us away: wait, or ask it", marks=pytest.mark.slow),
    ],
)
def test_a_site_that_turns_us_away_is_asked_three_times_and_the_next_run_gets_all(
    sour: Response, cure: str, tmp_path: Path
) -> None:
    web = sample_web("saramin", 25, "none")
    crawler = Crawler(Souring(web, sour, 10), tmp_path)
    with pytest.raises(WorkError, match=cure):
        crawler.crawl()
    assert sum("real_seq=" in request["target"] for request in crawler.requests) == 10 + 3
    assert Crawler(web, tmp_path).crawl().texts() == pairs(web.letters, web)


def test_a_site_that_says_of_many_letters_that_they_are_gone_is_not_believed(tmp_path: Path) -> None:
    web = sample_web("saramin", 25, "none")
    with pytest.raises(WorkError, match=r"only 18 of 25 letters could be read \(http_404 7\)"):
        Crawler(Souring(web, Response(404, "", DATE), 18), tmp_path).crawl()


def test_a_few_letters_that_are_gone_are_only_told(tmp_path: Path) -> None:
    web = sample_web("saramin", 25, "none")
    crawled = Crawler(Souring(web, Response(404, "", DATE), 22), tmp_path).crawl()
    assert list(crawled.rejected.values()) == ["http_404"] * 3


@pytest.mark.slow
@pytest.mark.browser
@needs_browser
def test_a_refresh_asks_a_browsers_list_anew_page_by_page(tmp_path: Path) -> None:
    letters = generate(letters=50, interviews=0, seed=7).letters
    before, after = (webs_of(letters[:n], ["eduss"], frozenset())[0] for n in (45, 50))
    Crawler(before, tmp_path, render=True).crawl()
    crawled = Crawler(after, tmp_path, render=True).crawl(refresh="lists")
    assert crawled.texts() == pairs(after.letters, after)
    assert sum("rows?page=" in target for target in crawled.targets) == 2


def test_a_refresh_says_what_is_no_longer_listed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    letters = generate(letters=30, interviews=0, seed=7).letters
    before, after = (webs_of(some, ["saramin"], frozenset())[0] for some in (letters, letters[4:]))
    Crawler(before, tmp_path).crawl()
    assert len(Crawler(after, tmp_path).crawl(refresh="lists").documents) == 26
    assert "4 letters are no longer listed and left out; cache/ has them" in capsys.readouterr().err


def test_a_broken_refresh_goes_on_unless_another_is_asked_for_or_a_day_has_passed(tmp_path: Path) -> None:
    path = tmp_path / "refresh.json"
    first = _load_freshness(path, "lists")
    assert (first.pages, _load_freshness(path, "lists"), _load_freshness(path, "none")) == (0.0, first, first)
    everything = _load_freshness(path, "all")
    assert everything.pages == everything.lists > first.lists
    state = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps({**state, "since": time.time() - 90_000}), encoding="utf-8")
    assert _load_freshness(path, "all").lists > everything.lists
    path.write_text(json.dumps({**state, "since": time.time() - 90_000}), encoding="utf-8")
    assert _load_freshness(path, "none").lists == 0.0


def test_filters_that_leave_nothing_are_named(crawl: Callable[..., Path]) -> None:
    config = {"source": "sample", "letters": 12, "interviews": 0, "render": "never", "sites": ["saramin"],
              "hazards": ["none"]}  # fmt: skip
    with pytest.raises(Exception, match=r"left by the filters, which took 12 away; widen them: period="):
        crawl(**config, period="1990")
    with pytest.raises(WorkError, match="the lists hold no entry for company=없는회사; check its name"):
        crawl("other", **config, company="없는회사")
