"""Decode HTML pages to text; a declared charset must agree with the bytes."""

from __future__ import annotations

from collections.abc import Iterator

from w3lib.encoding import html_body_declared_encoding, http_content_type_encoding, read_bom

# A superset of the other charsets of Korean pages (EUC-KR, KS C 5601).
_KOREAN_CHARSET = "cp949"
# Other charsets with Hangul, by Python's names. No other declaration can be right. Python has more charsets than pages
# do: some decode any byte (Latin-1, KOI8-R), some are no charsets at all (punycode, unicode_escape).
_ACCEPTED_CHARSETS = frozenset({"johab", *(f"utf-{bits}{order}" for bits in (16, 32) for order in ("", "-le", "-be"))})


def decode_page(body: bytes, content_type: str | None = None) -> str:
    """Decode an HTML page. Never fails: undecodable bytes become �.

    UTF-8 comes first, whatever the page declares: Korean text in another charset is never valid UTF-8, while headers
    that name the wrong charset are common. `content_type` is the header of that name.
    """
    for encoding in _candidates(body, content_type):
        try:
            return body.decode(encoding).removeprefix("\ufeff")
        except UnicodeDecodeError:
            continue
    # Truncated, or damaged in one place: take the charset with the fewest replacement characters.
    texts = [body.decode(encoding, "replace") for encoding in ("utf-8", _KOREAN_CHARSET)]
    return min(texts, key=lambda text: text.count("\ufffd")).removeprefix("\ufeff")


def _candidates(body: bytes, content_type: str | None) -> Iterator[str]:
    bom_encoding, _ = read_bom(body)
    if bom_encoding is not None:
        yield bom_encoding
    yield "utf-8"
    for declared in (http_content_type_encoding(content_type), html_body_declared_encoding(body)):
        if declared in _ACCEPTED_CHARSETS:
            yield declared
    yield _KOREAN_CHARSET
