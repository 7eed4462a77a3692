"""robots.txt: asked for first, obeyed without exception, believed for a day, and remembered with each page."""

from __future__ import annotations

import hashlib
import sqlite3
import time
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import pytest
from fetch_support import BASE, BLOCK_PAGE, DATE, SmallWeb, html, moved, requests_in, visiting

from jaso_core.errors import WorkError
from jaso_crawl.http.client import Client, RefusedError
from jaso_crawl.http.politeness import user_agent
from jaso_synthetic.web.site import Response

PAGES = {f"/{name}": html(name) for name in ("open", "open?2", "secret", "secret?2", "secret/open")}


def robots(text: str, status: int = 200) -> Response:
    return Response(status, text, DATE, "text/plain")


def site(rules: str) -> SmallWeb:
    return SmallWeb({**PAGES, "/robots.txt": robots(rules)})


def allowed(client: Client, path: str) -> bool:
    try:
        client.get(f"{BASE}{path}", "page")
    except RefusedError as error:
        if (error.rejection.reason, error.rejection.detail) != ("robots", "robots.txt bars this address"):
            raise
        return False
    return True


def test_a_barred_address_is_never_asked_for(tmp_path: Path) -> None:
    web = site("User-agent: *\nDisallow: /secret\nAllow: /secret/open\n")
    with visiting(web, tmp_path) as client:
        assert not allowed(client, "/secret")
        assert not allowed(client, "/secret?2")
        assert allowed(client, "/secret/open")
        assert allowed(client, "/open")
    assert web.asked == ["/robots.txt", "/secret/open", "/open"]


def test_a_redirection_is_no_way_around_it(tmp_path: Path) -> None:
    web = SmallWeb({**PAGES, "/way": moved("/secret"), "/robots.txt": robots("User-agent: *\nDisallow: /secret")})
    with visiting(web, tmp_path) as client:
        assert not allowed(client, "/way")
    assert web.asked == ["/robots.txt", "/way"]


@pytest.mark.parametrize("status", [404, 401, 403, 410])
def test_a_site_without_robots_txt_allows_everything(status: int, tmp_path: Path) -> None:
    web = SmallWeb({**PAGES, "/robots.txt": robots("User-agent: *\nDisallow: /", status)})
    with visiting(web, tmp_path) as client:
        assert allowed(client, "/secret")


@pytest.mark.parametrize("status", [500, 502, 503, 429])
def test_nothing_is_allowed_while_robots_txt_cannot_be_read(status: int, tmp_path: Path) -> None:
    web = SmallWeb({**PAGES, "/robots.txt": robots("", status)})
    cure = r"robots\.txt of this site cannot be read; run it again later, it continues"
    with visiting(web, tmp_path) as client:
        for path in ("/open", "/secret"):
            with pytest.raises(WorkError, match=cure):
                client.get(f"{BASE}{path}", "page")
    assert set(web.asked) == {"/robots.txt"}
    assert len(web.asked) <= 4
    with visiting(site(""), tmp_path) as client:  # and it is not remembered
        assert allowed(client, "/open")


@pytest.mark.parametrize(
    "answer",
    [Response(200, BLOCK_PAGE, DATE), moved("http://other.invalid/robots.txt"), moved("/login"), moved("/robots.txt")],
    ids=["a block page", "another host", "the log-in", "a ring"],
)
def test_what_comes_instead_of_robots_txt_allows_nothing(answer: Response, tmp_path: Path) -> None:
    web = SmallWeb({**PAGES, "/robots.txt": answer})
    with visiting(web, tmp_path) as client, pytest.raises(WorkError, match=r"robots\.txt of this site cannot be read"):
        client.get(f"{BASE}/open", "page")
    assert set(web.asked) == {"/robots.txt"}


def test_robots_txt_may_have_moved_within_the_site_and_is_still_fetched_once_a_day(tmp_path: Path) -> None:
    web = SmallWeb(
        {**PAGES, "/robots.txt": moved("/rules.txt"), "/rules.txt": robots("User-agent: *\nDisallow: /secret")}
    )
    for path in ("/open", "/secret/open"):
        with visiting(web, tmp_path) as client:
            assert not allowed(client, "/secret")
            assert allowed(client, path) == (path == "/open")
    assert web.asked == ["/robots.txt", "/rules.txt", "/open"]


def test_a_crawl_delay_slows_the_pace_also_in_the_next_run(tmp_path: Path) -> None:
    for path in ("/open", "/secret"):
        with visiting(site("User-agent: *\nCrawl-delay: 0.4\n"), tmp_path) as client:
            client.get(f"{BASE}{path}", "page")
            client.get(f"{BASE}{path}?2", "page")
    log = requests_in(tmp_path)
    assert [line["target"] for line in log] == ["/robots.txt", "/open", "/open?2", "/secret", "/secret?2"]
    gaps = [after["at"] - before["until"] for before, after in pairwise(log)]
    assert min(gaps[1], gaps[3]) >= 0.399


GROUPS = {
    "ours goes before everybody's": (
        "User-agent: *\nDisallow: /\n\nUser-agent: jaso\nDisallow: /secret\n",
        True,
        False,
    ),
    "ours in capital letters": ("User-agent: JASO\nDisallow: /secret\n\nUser-agent: *\nAllow: /\n", True, False),
    "ours among others": ("User-agent: Yeti\nUser-agent: jaso\nDisallow: /\n", False, False),
    "another's does not bind us": ("User-agent: Googlebot\nDisallow: /\n", True, True),
    "one that our name begins like": ("User-agent: jasonbot\nDisallow: /\n", True, True),
    "one that is in our contact": ("User-agent: GPTBot\nDisallow: /\n\nUser-agent: *\nDisallow: /secret", True, False),
    "one that is in our description": (
        "User-agent: research\nAllow: /\n\nUser-agent: *\nDisallow: /secret",
        True,
        False,
    ),
    "empty": ("", True, True),
    "with a mark and old line ends": ("\ufeffUser-agent: *\r\nDisallow: /secret\r\n", True, False),
    "a page of HTML": ("<html><body>Not here</body></html>", True, True),
}


@pytest.mark.parametrize("name", GROUPS)
def test_the_group_that_speaks_to_us_is_the_one_that_counts(name: str, tmp_path: Path) -> None:
    rules, open_, secret = GROUPS[name]
    with visiting(site(rules), tmp_path, user_agent=user_agent("me@gptbot.example")) as client:
        assert (allowed(client, "/open"), allowed(client, "/secret")) == (open_, secret)


def test_it_is_fetched_once_in_a_run_and_again_when_the_copy_is_older_than_a_day(tmp_path: Path) -> None:
    web = site("User-agent: *\nDisallow: /secret\n")
    for days_ago, fetched in ((0.0, 1), (0.0, 1), (0.99, 1), (1.01, 2)):
        if (tmp_path / "pages.sqlite").is_file():
            with closing(sqlite3.connect(tmp_path / "pages.sqlite")) as database, database:
                database.execute("DELETE FROM page WHERE kind = 'page'")
                database.execute("UPDATE page SET stored_at = ?", (time.time() - days_ago * 86400,))
        with visiting(web, tmp_path) as client:
            for _ in range(2):
                assert allowed(client, "/open")
                assert allowed(client, "/open?2")
                assert not allowed(client, "/secret")
        assert web.asked.count("/robots.txt") == fetched, f"the copy is {days_ago} days old"


def test_rules_that_changed_bind_from_the_day_after(tmp_path: Path) -> None:
    with visiting(site(""), tmp_path) as client:
        assert allowed(client, "/open")
    with closing(sqlite3.connect(tmp_path / "pages.sqlite")) as database, database:
        database.execute("UPDATE page SET stored_at = stored_at - 90000")
    with visiting(site("User-agent: *\nDisallow: /"), tmp_path) as client:
        assert not allowed(client, "/secret")


@pytest.mark.parametrize(
    ("text", "status", "rules"),
    [("User-agent: *\nDisallow: /x\n", 200, "User-agent: *\nDisallow: /x\n"), ("gone", 404, "")],
)
def test_each_page_remembers_by_which_rules_it_was_allowed(text: str, status: int, rules: str, tmp_path: Path) -> None:
    web = SmallWeb({**PAGES, "/robots.txt": robots(text, status)})
    verdict = f"allowed by robots.txt {hashlib.sha256(rules.encode()).hexdigest()[:16]}"
    for path in ("/open", "/secret"):  # by a fresh copy, then by the stored one
        with visiting(web, tmp_path) as client:
            assert client.get(f"{BASE}{path}", "page").robots == verdict
    with visiting(web, tmp_path, offline=True) as client:
        assert client.get(f"{BASE}/open", "page").robots == verdict
