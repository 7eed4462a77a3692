"""The second part of `crawl.py`: the same site, asked politely by jaso and by what a user would use instead.

A sample site is served on loopback, by a proxy that logs each request. Every contender runs in a process of its own,
from its start to its end, and gets a server and a log of its own. What counts as waiting that nobody can avoid is the
time of an ideal crawler, one that asks at the very moment at which it may: for each request but the first the delay
after the answer before, and for each request the server's own time. All seconds come from the server's log, but for
those of the whole process.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import median

from jaso_core.console import result
from jaso_crawl.crawler.live_source import LiveOptions
from jaso_synthetic.web.server import serving
from jaso_synthetic.web.site import Web

ROUNDS = 3
GOAL = 0.05
LIVE_DELAY = LiveOptions().delay

# A source with a proxy of ours, added as users add theirs: a file and its YAML below $JASO_EXTENSIONS.
SOURCE = '''
from dataclasses import dataclass
from jaso_core.stage.runner import volatile
from jaso_crawl.crawler.crawl_site import CrawlOptions, crawl_site
from jaso_crawl.http.politeness import Politeness, user_agent
from jaso_crawl.browser.pool import BrowserPool
from jaso_crawl.crawler.filters import Filters
from jaso_crawl.sources.sample_sites import site_of
from jaso_crawl.sources import SOURCES

@dataclass(frozen=True)
class Options:
    proxy: str = volatile("")
    delay: float = volatile(0.0)

@SOURCES.register("polite", Options)
class Polite:
    """A site of the sample's web, served by somebody else."""
    def __init__(self, options):
        self.options = options

    def inputs(self):
        return {}

    def collect(self, run):
        manners = Politeness(user_agent("benchmark"), self.options.delay, proxy=self.options.proxy)
        with BrowserPool(manners.user_agent, 1, allowed=False) as browsers:
            ways = CrawlOptions(manners, Filters())
            yield from crawl_site(site_of("saramin"), run.out / "cache" / "pages.sqlite", ways, browsers, run)
'''
SOURCE_YAML = "# @package _global_\nsource: polite\nproxy: ''\ndelay: 0.0\n"
JASO = """
import sys
from jaso_pipeline.cli.entry_point import main
proxy, delay, out = sys.argv[1:]
main(["crawl", "source=polite", f"proxy={proxy}", f"delay={delay}", f"out={out}"])
"""
# Scrapy counts its delay from the start of a request to the start of the next.
SCRAPY = """
import sys
import scrapy
from scrapy.crawler import CrawlerProcess
_, delay, out = sys.argv[1:]

class Letters(scrapy.Spider):
    name = "letters"
    start_urls = ["http://saramin.sample.invalid/zf_user/public-recruit/coverletter-list/page/1"]
    custom_settings = {
        "ROBOTSTXT_OBEY": True, "DOWNLOAD_DELAY": float(delay), "RANDOMIZE_DOWNLOAD_DELAY": False,
        "CONCURRENT_REQUESTS_PER_DOMAIN": 1, "USER_AGENT": "letters (benchmark)", "LOG_LEVEL": "ERROR",
        "TELNETCONSOLE_ENABLED": False, "FEEDS": {f"{out}/documents.jsonl": {"format": "jsonlines"}},
    }

    def parse(self, response):
        yield from response.follow_all(css="td.td_apply_subject a", callback=self.letter)
        yield from response.follow_all(css="div.pagination a", callback=self.parse)

    def letter(self, response):
        boxes = response.css("div.box_ty3")
        pairs = [(box.css("h3::text").get(), " ".join(box.xpath("text()").getall())) for box in boxes]
        yield {"url": response.url, "pairs": pairs}

process = CrawlerProcess()
process.crawl(Letters)
process.start()
"""
REQUESTS = """
import json, sys, time
from pathlib import Path
import requests
from bs4 import BeautifulSoup
_, delay, out = sys.argv[1:]

def ask(path):
    answer = requests.get("http://saramin.sample.invalid" + path, headers={"User-Agent": "letters (benchmark)"})
    time.sleep(float(delay))
    return BeautifulSoup(answer.text, "html.parser")

links, page, goes_on = {}, 0, True
while goes_on:
    page += 1
    found = ask(f"/zf_user/public-recruit/coverletter-list/page/{page}")
    links.update((a["href"], a.text) for a in found.select("td.td_apply_subject a"))
    goes_on = any(int(a["href"].rpartition("/")[2]) > page for a in found.select("div.pagination a"))
Path(out).mkdir(parents=True)
with open(f"{out}/documents.jsonl", "w") as stream:
    for link in links:
        pairs = [(box.h3.get_text(), box.get_text(" ")) for box in ask(link).select("div.box_ty3")]
        stream.write(json.dumps({"url": link, "pairs": pairs}, ensure_ascii=False) + "\\n")
"""
CONTENDERS = {"jaso crawl": JASO, "Scrapy spider": SCRAPY, "requests, sleep": REQUESTS}


@dataclass(frozen=True)
class Polite:
    """One polite crawl. Seconds: `asking` from the first request to the last answer, `whole` of the process.

    `pause` is the shortest one between an answer and the next request; `overlapping` counts requests that came while
    another one was being answered.
    """

    requests: int
    letters: int
    asking: float
    whole: float
    unavoidable: float
    pause: float
    overlapping: int


def measure_politeness(web: Web, delay: float, folder: Path) -> None:
    """The table of the second part."""
    extension = folder / "extension"
    for path, text in (("source/polite.py", SOURCE), ("configs/source/polite.yaml", SOURCE_YAML)):
        (extension / path).parent.mkdir(parents=True)
        (extension / path).write_text(text, "utf-8")
    ran: dict[str, list[Polite]] = {name: [] for name in CONTENDERS}
    for number in range(ROUNDS):
        for name, program in CONTENDERS.items():
            ran[name].append(_run(program, web, delay, folder / f"{name}-{number}", extension))
    result(f"\nA polite crawl, {len(web.letters)} letters, {delay:g} s between requests: medians of {ROUNDS} rounds\n")
    result(f"{'':<33}{'first request to last answer':>36}{'whole process':>25}{'shortest':>11}{'two':>9}")
    result(
        f"{'':<16}{'letters':>8}{'requests':>9}{'took':>9}{'ideal':>9}{'more':>8}{'a request':>10}"
        f"{'took':>9}{'more':>8}{'a run':>8}{'pause':>11}{'at once':>9}"
    )
    for name, runs in ran.items():
        result(_line(name, runs))
    ours = ran["jaso crawl"]
    result(f"\njaso's overhead while it asks: {_more(ours):.2%} (goal: under {GOAL:.0%})")
    asks, once = _each(ours), median(one.whole - one.asking for one in ours)
    ideal, asking = LIVE_DELAY * (ours[0].requests - 1), asks * ours[0].requests
    result(
        f"computed from that for {LIVE_DELAY:g} s, the delay towards live sites: {asking / ideal:.2%} while it asks,"
        f" {(asking + once) / ideal:.2%} with its start and end"
    )
    if any(one.letters != len(web.letters) or one.pause < delay or one.overlapping for one in ours):
        raise SystemExit("jaso did not fetch everything, or was not polite")


def _more(runs: list[Polite]) -> float:
    """The share by which asking took longer than it had to."""
    return median(one.asking / one.unavoidable - 1 for one in runs)


def _each(runs: list[Polite]) -> float:
    """Seconds a request beyond what could not be avoided."""
    return median((one.asking - one.unavoidable) / one.requests for one in runs)


def _line(name: str, runs: list[Polite]) -> str:
    asking, ideal, whole = (
        median(seconds) for seconds in zip(*((one.asking, one.unavoidable, one.whole) for one in runs), strict=True)
    )
    return (
        f"{name:<16}{runs[0].letters:>8}{runs[0].requests:>9}{asking:>8.2f}s{ideal:>8.2f}s{_more(runs):>8.1%}"
        f"{1000 * _each(runs):>8.1f}ms{whole:>8.2f}s{whole / ideal - 1:>8.1%}{whole - asking:>7.2f}s"
        f"{min(one.pause for one in runs):>10.4f}s{sum(one.overlapping for one in runs):>9}"
    )


def _run(program: str, web: Web, delay: float, out: Path, extension: Path) -> Polite:
    log, script = out.with_suffix(".jsonl"), out.with_suffix(".py")
    script.write_text(program, "utf-8")  # Scrapy wants to see the source of its spiders
    environment = {name: value for name, value in os.environ.items() if name.lower() not in ("no_proxy", "http_proxy")}
    with serving([web], log=log) as proxy:
        started = time.perf_counter()
        done = subprocess.run(
            [sys.executable, str(script), proxy, str(delay), str(out)],
            env={**environment, "http_proxy": proxy, "JASO_EXTENSIONS": str(extension)},
            capture_output=True,
            text=True,
        )
        seconds = time.perf_counter() - started
    if done.returncode:
        raise SystemExit(done.stderr)
    letters = len((out / "documents.jsonl").read_text("utf-8").splitlines())
    return _polite(log, letters, seconds, delay)


def _polite(log: Path, letters: int, seconds: float, delay: float) -> Polite:
    lines = sorted((json.loads(line) for line in log.read_text("utf-8").splitlines()), key=lambda line: line["at"])
    gaps = [later["at"] - earlier["until"] for earlier, later in pairwise(lines)]
    return Polite(
        requests=len(lines),
        letters=letters,
        asking=lines[-1]["until"] - lines[0]["at"],
        whole=seconds,
        unavoidable=delay * len(gaps) + sum(line["until"] - line["at"] for line in lines),
        pause=min(gaps),
        overlapping=sum(gap < 0 for gap in gaps),
    )
