"""Generator → site → Scrapy (and a browser) → documents: the round trip on every site of the sample's web."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from sample_webs import Changed, Crawler, asked_twice, gaps, pairs, sample_web

from jaso_core.errors import RequestError, WorkError
from jaso_crawl.browser.find_chromium import find_installed
from jaso_crawl.crawler.filters import Filters
from jaso_crawl.sites.jobkorea.job_groups import occupation_of
from jaso_crawl.sources.sample_sites import SAMPLE_SITES, expand_site_names, webs_of
from jaso_synthetic.corpus import generate
from jaso_synthetic.web.hazards import ALL, FATAL_HAZARDS, NETWORK_HAZARDS, PAGE_HAZARDS, USUAL, hazards_of
from jaso_synthetic.web.site import Response, digest

needs_browser = pytest.mark.skipif(find_installed() is None, reason="needs Chromium and its driver")
PLAIN = ("jobkorea", "saramin", "eduss_popup", "linkareer")
DATE = "Mon, 05 Jan 2026 00:00:00 GMT"


@pytest.mark.slow
@pytest.mark.browser
@needs_browser
@pytest.mark.parametrize("name", SAMPLE_SITES)
def test_with_all_hazards_every_letter_comes_back_and_every_bad_page_is_known(name: str, tmp_path: Path) -> None:
    web = sample_web(name, 60, "all")
    crawled = Crawler(web, tmp_path, delay=0.02, render=True).crawl()
    assert crawled.texts() == pairs(web.letters, web)
    assert crawled.rejected == dict(web.bad_pages())
    assert asked_twice(crawled.requests) == []
    assert min(gaps(crawled.requests)) >= 0.02
    barred = {url for url, reason in web.bad_pages().items() if reason == "robots"}
    assert len(barred) == 1
    assert not any(url.endswith(target) for url in barred for target in crawled.targets)
    assert {request["agent"] for request in crawled.requests} == {"jaso/0.1.0 (Korean writing research; test)"}


@pytest.mark.parametrize("name", PLAIN)
def test_a_plain_site_is_read_without_a_browser(name: str, tmp_path: Path) -> None:
    web = sample_web(name, 25, "none")
    crawled = Crawler(web, tmp_path).crawl()
    assert crawled.texts() == pairs(web.letters, web)
    assert crawled.rejected == {}
    site = crawled.counts["sites"][name]
    assert (site["listed"], site["fetched"], site["parsed"], site["rendered"]) == (*[len(web.letters)] * 3, 0)
    assert all((document.meta["robots"] or "").startswith("allowed by robots.txt ") for document in crawled.documents)


@pytest.mark.slow
@pytest.mark.browser
@needs_browser
def test_a_browser_and_a_plain_get_give_equal_documents(tmp_path: Path) -> None:
    scripted, plain = sample_web("jobkorea", 30, "script", "layer"), sample_web("jobkorea", 30, "none")
    by_browser = Crawler(scripted, tmp_path / "a", render=True).crawl()
    by_get = Crawler(plain, tmp_path / "b").crawl()
    assert by_browser.counts["rendered"] == 1
    assert by_browser.documents == by_get.documents


def test_the_letters_own_facts_come_along(tmp_path: Path) -> None:
    web = sample_web("jobkorea", 30, "usual")
    found = {document.url: document for document in Crawler(web, tmp_path).crawl().documents}
    for letter in web.letters:
        document = found.get(web.address(letter.id))
        if document is None:
            continue  # its answers need a browser
        assert (document.company, document.role, document.season) == (letter.company, letter.role, letter.season)
        assert (document.meta["occupation"], document.meta["experience"]) == (letter.occupation, letter.experience)
        assert document.meta["parts"] == sorted({letter.part, *letter.also_listed_in})
        assert document.meta["specs"] == list(letter.specs[:-1])


def test_without_a_browser_only_its_pages_are_dropped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("jaso_crawl.browser.pool.find_installed", lambda: None)
    crawled = Crawler(sample_web("jobkorea", 30, "usual"), tmp_path, render=True).crawl()
    assert sorted(crawled.rejected.values()) == ["missing", "needs_browser", "robots"]
    assert "apt-get install chromium chromium-driver" in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.browser
@needs_browser
def test_a_browser_that_does_not_start_costs_only_its_pages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CHROMEDRIVER", "/bin/false")
    crawled = Crawler(sample_web("jobkorea", 30, "script"), tmp_path, render=True).crawl()
    assert list(crawled.rejected.values()) == ["needs_browser"]
    assert "does not start" in capsys.readouterr().err


def test_a_list_that_needs_a_browser_says_so(tmp_path: Path) -> None:
    with pytest.raises(WorkError, match=r"passReport\?p=sub: .*no browser ran; a browser is needed for this list"):
        Crawler(sample_web("eduss", 10, "none"), tmp_path).crawl()


def test_a_block_page_stops_the_crawl_at_once_and_the_next_run_goes_on(tmp_path: Path) -> None:
    web = sample_web("saramin", 60, "block")
    crawler = Crawler(web, tmp_path)
    with pytest.raises(WorkError, match="the site has blocked us; wait a day, raise delay="):
        crawler.crawl()
    assert [request["hazard"] for request in crawler.requests].count("block") == 1
    assert crawler.requests[-1]["hazard"] == "block"
    before = crawler.requests[:-1]
    again = Crawler(sample_web("saramin", 60, "none"), tmp_path).crawl()
    assert again.texts() == pairs(web.letters, web)
    assert asked_twice([*before, *again.requests]) == []


def test_a_second_run_asks_for_nothing(tmp_path: Path) -> None:
    crawler = Crawler(sample_web("saramin", 25, "usual"), tmp_path)
    first = crawler.crawl()
    second = crawler.crawl()
    assert second.requests == []
    assert second.documents == first.documents


@pytest.mark.parametrize(
    ("name", "selector"), [("jobkorea", "dl.qnaLists > dt"), ("saramin", "div.open_recruit_content")]
)
def test_a_changed_site_fails_the_crawl_instead_of_writing_a_thin_file(
    name: str, selector: str, tmp_path: Path
) -> None:
    web = sample_web(name, 25, "none")
    changed = Response(200, "<html><body><main>새 모양</main></body></html>", DATE)
    some = {web.address(letter.id).partition(".invalid")[2]: changed for letter in web.letters[:5]}
    with pytest.raises(WorkError) as caught:
        Crawler(Changed(web, some), tmp_path).crawl()
    assert "only 20 of 25 letters could be read (unparsable 5); the first that could not is" in str(caught.value)
    assert f"nothing matches {selector}" in str(caught.value)
    assert "has the site changed, or turned us away? The pages are kept" in str(caught.value)


def test_one_changed_page_is_kept_counted_and_named_with_its_selector(tmp_path: Path) -> None:
    web = sample_web("jobkorea", 40, "redesigned")
    crawled = Crawler(web, tmp_path).crawl()
    assert list(crawled.rejected.values()) == ["unparsable"]
    assert crawled.counts["sites"]["jobkorea"]["rejected"] == {"unparsable": 1}
    again = Crawler(web, tmp_path).crawl(offline=True)
    assert (again.rejected, again.requests) == (crawled.rejected, [])


def test_a_list_that_gives_less_than_it_claims_fails_the_crawl(tmp_path: Path) -> None:
    web = sample_web("jobkorea", 60, "none")
    full = next(target for target in web.targets() if "Page=1" in target)
    asked = full.replace("&Page=1", "&OrderBy=0&Page=1")
    answer = web.answer(full, False)
    emptied = str(answer.body).replace("<li>\n  <a class", "<li>\n  <b class").replace("/View/", "/Sight/")
    with pytest.raises(WorkError, match=r"the list claims \d+ letters, 0 were found; has the site changed\?"):
        Crawler(Changed(web, {asked: Response(200, emptied, DATE)}), tmp_path).crawl()


def test_what_is_no_list_at_all_fails_the_crawl(tmp_path: Path) -> None:
    web = sample_web("saramin", 10, "none")
    start = next(target for target in web.targets() if "page/1" in target) + "?pass_status=y"
    with pytest.raises(WorkError, match=r"is no list page .*; has the site changed"):
        Crawler(Changed(web, {start: Response(200, "<html><body>점검 중</body></html>", DATE)}), tmp_path).crawl()


def test_filters_choose_before_a_page_is_fetched(tmp_path: Path) -> None:
    web = sample_web("saramin", 60, "none")
    crawled = Crawler(web, tmp_path, filters=Filters(period="2021-2022")).crawl()
    wanted = {web.address(letter.id) for letter in web.letters if letter.season[:4] in ("2021", "2022")}
    assert {document.url for document in crawled.documents} == wanted
    assert crawled.counts["filtered"] == 60 - len(wanted)
    assert sum("real_seq" in target for target in crawled.targets) == len(wanted)


@pytest.mark.parametrize("name", PLAIN)
def test_a_company_is_found_under_any_legal_form_and_no_other_is(name: str, tmp_path: Path) -> None:
    web = sample_web(name, 60, "wrong_company")
    letter = web.letters[5]
    filters = Filters(company=f"주식회사 {letter.canonical}")
    crawled = Crawler(web, tmp_path, company=letter.canonical, filters=filters).crawl()
    expected = {web.address(one.id) for one in web.letters if one.canonical == letter.canonical}
    assert {document.url for document in crawled.documents} == expected


def test_a_limit_takes_the_first_that_are_listed(tmp_path: Path) -> None:
    web = sample_web("saramin", 60, "none")
    crawled = Crawler(web, tmp_path, filters=Filters(max_documents=7)).crawl()
    newest = sorted((letter.id for letter in web.letters), reverse=True)[:7]
    assert {document.url for document in crawled.documents} == {web.address(number) for number in newest}
    assert sum("coverletter-list" in target for target in crawled.targets) == 1


def test_a_refresh_fetches_what_is_new_and_nothing_else(tmp_path: Path) -> None:
    corpus = generate(letters=40, interviews=0, seed=7)
    before = webs_of(corpus.letters[:30], ["saramin"], frozenset())[0]
    after = webs_of(corpus.letters, ["saramin"], frozenset())[0]
    Crawler(before, tmp_path).crawl()
    assert len(Crawler(after, tmp_path).crawl().documents) == 30
    crawled = Crawler(after, tmp_path).crawl(refresh="lists")
    assert crawled.texts() == pairs(after.letters, after)
    new = {f"real_seq={letter.id}" for letter in corpus.letters[30:]}
    assert {target.rpartition("?")[2] for target in crawled.targets if "real_seq" in target} == new


def test_offline_gives_the_same_documents_with_no_request(tmp_path: Path) -> None:
    crawler = Crawler(sample_web("linkareer", 25, "none"), tmp_path)
    first = crawler.crawl()
    again = crawler.crawl(offline=True)
    assert (again.documents, again.requests) == (first.documents, [])
    with pytest.raises(WorkError, match="offline=true"):
        Crawler(sample_web("saramin", 5, "none"), tmp_path / "other").crawl(offline=True)


def test_a_crawl_can_be_run_from_any_thread(tmp_path: Path) -> None:
    found: list[int] = []
    crawler = Crawler(sample_web("saramin", 10, "none"), tmp_path)
    thread = threading.Thread(target=lambda: found.append(len(crawler.crawl().documents)))
    thread.start()
    thread.join()
    assert found == [10]


@pytest.mark.parametrize("name", SAMPLE_SITES)
def test_a_sites_digest_changes_with_what_it_shows(name: str) -> None:
    webs = [sample_web(name, 30, "none"), sample_web(name, 29, "none"), sample_web(name, 30, "all")]
    assert len({digest(web) for web in webs}) == 3


def test_hazards_are_named_once_and_chosen_by_name() -> None:
    assert len({*PAGE_HAZARDS, *NETWORK_HAZARDS, *FATAL_HAZARDS}) == len(ALL) + 1
    assert ALL >= USUAL
    assert hazards_of(["slow", "usual"]) == USUAL | {"slow"}
    assert hazards_of(["none"]) == frozenset()
    with pytest.raises(RequestError, match="'slwo' is unknown; did you mean 'slow'"):
        hazards_of(["slwo"])
    with pytest.raises(RequestError, match="'sites': 'saramim' is unknown; did you mean 'saramin'"):
        expand_site_names(["saramim"])


def test_letters_are_shared_out_and_none_is_lost() -> None:
    letters = generate(letters=200, interviews=0, seed=3).letters
    webs = webs_of(letters, expand_site_names(["all"]), frozenset())
    assert sorted(letter.id for web in webs for letter in web.letters) == [letter.id for letter in letters]
    assert min(len(web.letters) for web in webs) > 30


def test_the_part_table_agrees_with_the_generator() -> None:
    letters = generate(letters=300, interviews=0, seed=1).letters
    assert all(occupation_of([letter.part, *letter.also_listed_in]) == letter.occupation for letter in letters)
