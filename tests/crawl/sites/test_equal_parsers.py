"""Digests of former parsers: they are listed as long as those read the same pages to the same documents."""

from __future__ import annotations

import hashlib
from urllib.parse import urlsplit

from jaso_core.io.files import json_line
from jaso_core.records import Document
from jaso_crawl.crawler.live_source import EQUAL_PARSERS
from jaso_crawl.crawler.validate import read_detail
from jaso_crawl.sources.sample_sites import SAMPLE_SITES, site_of, webs_of
from jaso_crawl.types import Page
from jaso_synthetic.corpus import generate
from jaso_synthetic.web.hazards import hazards_of

READ = "3860b5ac1e77e2f26efd98d02ec4ef901112e48483223b72df741fc981792a00"
"""SHA-256 of what version b2f1752 read on the letters' pages below."""


def test_parsers_give_the_bytes_of_the_listed_digests() -> None:
    sha, count = hashlib.sha256(), 0
    letters = generate(letters=40, interviews=0, seed=7).letters
    for name in SAMPLE_SITES:
        (web,), site = webs_of(letters, [name], hazards_of(["script", "layer"])), site_of(name)
        for letter in web.letters:
            url = web.address(letter.id)
            parts = urlsplit(url)
            answer = web.answer(f"{parts.path}?{parts.query}" if parts.query else parts.path, False)
            assert isinstance(answer.body, str), "no hazard of encodings is on"
            document = read_detail(site, Page(url, answer.body, "2026-01-05T00:00:00Z", {}))
            count += isinstance(document, Document)
            sha.update(json_line(document.to_json() if isinstance(document, Document) else repr(document)).encode())
    assert count > 100
    if EQUAL_PARSERS:
        assert sha.hexdigest() == READ, "parsers read other bytes now: empty EQUAL_PARSERS in crawler/live_source.py"
