"""How a page's bytes are damaged: each way is a function of the bytes and of chance. For the fuzzed pages' tests."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from random import Random
from typing import Any

from jaso_crawl.crawler.validate import read_list
from jaso_crawl.http.encoding import decode_page
from jaso_crawl.sources.sample_sites import SAMPLE_SITES, site_of, webs_of
from jaso_crawl.types import (
    Link,
    Page,
)
from jaso_synthetic.corpus import generate
from jaso_synthetic.web.hazards import ALL
from jaso_synthetic.web.site import Web, base_of

CASES = [(name, part) for name in SAMPLE_SITES for part in ("detail", "list")]


@dataclass(frozen=True)
class Sent:
    """A page as a server sends it, with what the list said about it."""

    url: str
    body: bytes
    content_type: str | None
    context: Mapping[str, Any]


@cache
def webs() -> tuple[Web, ...]:
    """The sample's sites, without hazards and with all of them."""
    letters = generate(letters=60, interviews=0, seed=7).letters
    return tuple(web for hazards in (frozenset[str](), ALL) for web in webs_of(letters, list(SAMPLE_SITES), hazards))


@cache
def sent(name: str, part: str) -> tuple[Sent, ...]:
    """A site's own pages."""
    site, found = site_of(name), []
    for web in [one for one in webs() if one.name == name]:
        answers = {base_of(name) + target: web.answer(target, False) for target in web.targets()}
        waiting, lists, contexts = [*site.start()], dict[str, Link](), dict[str, Mapping[str, Any]]()
        while waiting:
            link = waiting.pop()
            lists[link.url] = link
            answer = answers.setdefault(link.url, web.answer(link.url.removeprefix(base_of(name)), False))
            body = answer.body if isinstance(answer.body, bytes) else answer.body.encode()
            listing = read_list(site, Page(link.url, decode_page(body, answer.content_type), None, link.context))
            if not {one.url for one in listing.details} <= contexts.keys():  # some sites show the last page again
                waiting += listing.more
            contexts |= {one.url: one.context for one in listing.details}
        for url, answer in answers.items():
            if answer.status == 200 and not url.endswith("robots.txt") and (url in lists) == (part == "list"):
                context = lists[url].context if url in lists else contexts.get(url, {})
                body = answer.body if isinstance(answer.body, bytes) else answer.body.encode()
                found.append(Sent(url, body, answer.content_type, context))
    assert len(found) > 1
    return tuple(found)


TAG = re.compile(rb"<[^<>]*>")
TEXT = re.compile(rb">([^<>]+)<")
LINK = re.compile(rb'(href|onclick|value)="[^"]*"')
NUMBER = re.compile(rb"\d+")
ELEMENT = re.compile(rb"<(\w+)[^<>]*>.*?</\1>", re.DOTALL)
DATA_BEGINS = b'<script id="__NEXT_DATA__" type="application/json">'
DATA = re.compile(rb'<script id="__NEXT_DATA__"[^>]*>.*?</script>', re.DOTALL)
BLANKS = ["", " ", "\n", "&nbsp;", "\u200b", "\ufeff\u2060", "&#8203;&zwnj;", "\u3164", "\u00ad", "<br>", "1. ", "1.\n\u200b"]  # fmt: skip
JUNK = [
    b"\0", b"\0\0\0", b"\xff\xfe", b"\xed\xa0\x80", b"\xa4", b"\x1b$)C\x0e", b"\r", b"\x85", b"&#xD800;", b"&#xDFFF;", b"&#0;",
    b"&#1114112;", b"&#x80;", b"&#", b"&amp", b"&nosuch;", b"<", b">", b"</", b"<!", b"<?", b"<?xml ?>", b"<!--", b"-->", b"<!DOCTYPE",
    b"<script>", b"</script>", b"<![CDATA[", b"]]>", b"<textarea>", b"<select><option>", b"<svg><desc>", b"<math><mi>", b"<template>",
    b"<plaintext>", b"<title>", b"<style>", b"<frameset>", b"<base href='//[x'>", b"<br>", b"</br>", b"<p>", b"<table>", b"</table>",
    b"<tr><td>", b"<dt>", b"<dd>", b"<h3></h3>", b"<noscript>", b"<xmp>", b"<iframe>", b"</body>", b"</html>", b"<body>", b"'", b'"',
    b"<meta charset=utf-16>", b"<meta charset=punycode>", b"<meta charset=idna>", b"<meta charset=unicode_escape>", b"alert(", b"\n1. ",
]  # fmt: skip
ADDRESSES = [
    b"", b"#", b"http://[", b"//[::1", b"http://\xe2\x84\x80x/", b"//other.example/cover-letter/1", b"javascript:void(0)", b"?page=" + b"9" * 5000,
    b"?page=" + "\u0663".encode(), b"?Page=2&Page=x", b"/starter/PassAssay/View/" + b"8" * 5000, b"/cover-letter/" + b"8" * 5000, b"/cover-letter/",
    b"paperView('5','" + b"7" * 5000 + b"','19')", b"paperView()", b"window.open('http://[/view?no=3')", b"window.open('//x//view?no=3')",
    b"window.open('view?no=3", b"location='\n/view?no=4'", b"/zf_user/public-recruit/coverletter-list/page/" + b"9" * 5000,
    b"/zf_user/public-recruit/coverletter?real_seq=" + b"9" * 5000, b"mailto:a@b", b"\0", b"http://a:b/", b"ftp://eduss.sample.invalid/view?no=3",
]  # fmt: skip
NUMBERS = [b"", b"0", b"-1", b"9" * 5000, b",,,", "\u0661\u0662".encode(), b"1e999", b"NaN", "\u00b2".encode(), b"1.", b"2."]  # fmt: skip
VALUES: list[Any] = [
    None, True, 0, -1, 10**400, 1e308, float("nan"), float("inf"), "", " ", "\ud800", "1. \ud800\n\udfff", "1. 가\n\u200b", "1. \n나", [], [[]], {},
    {"content": 1}, ["1. 가\n나"], "1. 가\n나\n2. 다\n라", "\x00", "9" * 5000, [{"a": []}] * 3,
]  # fmt: skip
CHARSETS = ["utf-8", "cp949", "utf-16", "utf-16-be", "utf-32", "utf-7", "latin-1", "johab", "iso2022_kr"]
DECLARED = [*CHARSETS, "euc-kr", "punycode", "idna", "unicode_escape", "base64", "koi8-r", "no-such", '"', ""]
HEADERS = [None, "", "text/html", "image/png", *(f"text/html; charset={charset}" for charset in DECLARED)]
MARKS = [b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\xff\xfe\0\0", b"+/v8-"]
OPENINGS = [
    b"<div>", b"<span>", b"<table><tr><td>", b"<ul><li>", b"<b><i>", b"<div class=mt30>", b"<h3>", b"<dl class=qnaLists><dt><dd>",
]  # fmt: skip
ATTRIBUTES = [
    b" a=", b" ='", b' class="', b" class class=x", b" \xff\0=1", b" style='<'", b" id=print_area", b" onclick=paperView(", b" a" * 999, b"/",
]  # fmt: skip
BINARY = [b"\x89PNG\r\n\x1a\n", b"PK\x03\x04", b"\x1f\x8b\x08", b"%PDF-1.7\n", b"", b"http://a.example/", b"a.html"]
LONG = [b"x", b" ", b"\n", "가".encode(), b"<", b"&lt;", b"<p>", b"alert() ", b"\0"]


def somewhere(
    body: bytes, chance: Random, pattern: re.Pattern[bytes], put: Callable[[re.Match[bytes]], bytes]
) -> bytes:
    """`body` with some of what matches replaced."""
    found = list(pattern.finditer(body))
    wanted = chance.choice((1, 1, 2, 5, len(found)))
    parts, end = [], 0
    for match in sorted(chance.sample(found, min(wanted, len(found))), key=re.Match[bytes].start):
        parts += [body[end : match.start()], put(match)]
        end = match.end()
    return b"".join((*parts, body[end:]))


def span(body: bytes, chance: Random) -> tuple[int, int]:
    """Where some part of `body` begins and ends."""
    start = chance.randint(0, len(body))
    return start, min(len(body), start + chance.choice((1, 3, 30, 300, 3000)))


def inserted(body: bytes, chance: Random, what: bytes) -> bytes:
    """`what` behind some tag, or anywhere."""
    ends = [match.end() for match in TAG.finditer(body)]
    at = chance.choice(ends) if ends and chance.random() < 0.7 else chance.randint(0, len(body))
    return body[:at] + what + body[at:]


def cut(body: bytes, chance: Random) -> bytes:
    return body[: chance.randint(0, len(body))]


def dropped(body: bytes, chance: Random) -> bytes:
    start, end = span(body, chance)
    return body[:start] + body[end:]


def repeated(body: bytes, chance: Random) -> bytes:
    start, end = span(body, chance)
    return body[:end] + body[start:end] * chance.choice((1, 2, 20)) + body[end:]


def swapped(body: bytes, chance: Random) -> bytes:
    a, b, c, d = sorted(chance.randint(0, len(body)) for _ in range(4))
    return body[:a] + body[c:d] + body[b:c] + body[a:b] + body[d:]


def flipped(body: bytes, chance: Random) -> bytes:
    changed = bytearray(body)
    for _ in range(chance.choice((1, 5, 100)) if body else 0):
        changed[chance.randrange(len(body))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def littered(body: bytes, chance: Random) -> bytes:
    for _ in range(chance.choice((1, 1, 3, 10))):
        body = inserted(body, chance, chance.choice(JUNK) if chance.random() < 0.8 else chance.randbytes(8))
    return body


def nested(body: bytes, chance: Random) -> bytes:
    depth = chance.choice((1, 2, 5, 20, 100, 300) * 5 + (2000,))
    return inserted(body, chance, chance.choice(OPENINGS) * depth + chance.choice((b"", b"</div>" * depth, b"x")))


def retagged(body: bytes, chance: Random) -> bytes:
    tags = TAG.findall(body)

    def other(one: re.Match[bytes]) -> bytes:
        return chance.choice((b"", one[0] * 2, one[0] * 40, chance.choice(tags), one[0].replace(b"/", b"")))

    return somewhere(body, chance, TAG, other)


def without_element(body: bytes, chance: Random) -> bytes:
    return somewhere(body, chance, ELEMENT, lambda one: chance.choice((b"", one[0] * 2, one[0] * 9)))


def emptied(body: bytes, chance: Random) -> bytes:
    return somewhere(body, chance, TEXT, lambda one: b">" + chance.choice(BLANKS).encode() + b"<")


def attributed(body: bytes, chance: Random) -> bytes:
    return somewhere(body, chance, TAG, lambda one: one[0][:-1] + chance.choice(ATTRIBUTES) + b">")


def misled(body: bytes, chance: Random) -> bytes:
    return somewhere(
        body, chance, LINK, lambda one: chance.choice((one[1], b"onclick")) + b'="' + chance.choice(ADDRESSES) + b'"'
    )


def miscounted(body: bytes, chance: Random) -> bytes:
    return somewhere(body, chance, NUMBER, lambda one: chance.choice(NUMBERS))


def recoded(body: bytes, chance: Random) -> bytes:
    if chance.random() < 0.3:
        return chance.choice(MARKS) + body
    return decode_page(body).encode(chance.choice(CHARSETS), "replace")


def binary(body: bytes, chance: Random) -> bytes:
    return chance.choice(BINARY) + chance.choice((b"", chance.randbytes(chance.choice((1, 100, 5000))), body))


def spliced(body: bytes, chance: Random) -> bytes:
    other = chance.choice(sent(*chance.choice(CASES))).body
    return body[: chance.randint(0, len(body))] + other[chance.randint(0, len(other)) :]


def disordered(body: bytes, chance: Random) -> bytes:
    """With other data in the script from which Next.js pages are filled."""
    record: Any = {"content": "1. 가\n나", "types": ["신입"], "passedAt": 1730000000000, "organizationName": "가"}
    record |= {
        chance.choice([*record, "role", "university"]): chance.choice(VALUES) for _ in range(chance.randint(0, 3))
    }
    store: Any = {f"CoverLetter:{one.decode()}": record for one in re.findall(rb"9000\d\d", body)[:3] or [b"900004"]}
    for _ in range(chance.choice((1, 3))):
        store = chance.choice((store, {"props": {"pageProps": store}}, [store, chance.choice(VALUES)], {"page": store}))
    written, deep = json.dumps(store).encode(), chance.choice((10, 900, 100_000))
    broken = (written[: len(written) // 2], b"", b'{"a":' * deep + written + b"}" * deep, b"[" * deep, b"9" * 5000)
    script = DATA_BEGINS + chance.choice((written,) * 5 + broken) + b"</script>"
    return DATA.sub(lambda _: script, body) if DATA.search(body) else inserted(body, chance, script)


def huge(body: bytes, chance: Random) -> bytes:
    """Rarely; huge pages have a test of their own."""
    return inserted(body, chance, chance.choice(LONG) * (300_000 if chance.random() < 0.05 else 500))


def empty(body: bytes, chance: Random) -> bytes:
    return b"" if chance.random() < 0.2 else emptied(body, chance)


Damage = Callable[[bytes, Random], bytes]
DAMAGES: list[Damage] = [
    cut, dropped, repeated, swapped, flipped, littered, nested, retagged, without_element, emptied, emptied, emptied, attributed,
    misled, misled, miscounted, recoded, binary, spliced, disordered, huge, empty,
]  # fmt: skip


def told(context: Mapping[str, Any], part: str, chance: Random) -> dict[str, Any]:
    """A context in the shape that list pages give it, with odd things in it."""
    if part == "list" or chance.random() < 0.5:
        return dict(context) | ({"page": chance.choice((1, 2, 10**6))} if "page" in context else {})
    odd = (None, "\u200b", "가" * 5000, "2020년", "<b>", "\x00")
    return {key: value if isinstance(value, list) else chance.choice(odd) for key, value in context.items()}
