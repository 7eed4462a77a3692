"""Detect block pages, which refuse the crawler, possibly with status 200."""

from __future__ import annotations

import re

# Sites differ in their wording. Only headlines and the title are searched: a letter may contain such words.
_HEADLINE = re.compile(r"<(?P<tag>h1|h2|title)\b[^>]*>(?P<text>.{0,200}?)</(?P=tag)\s*>", re.IGNORECASE | re.DOTALL)
_BLOCKED = re.compile(
    r"보안\s*정책 서비스 이용 안내|비정상적인 접근|자동\s*입력 방지|일시적으로 (?:차단|제한)|접근이 (?:제한|차단)"
)
_LONGEST_BLOCK_PAGE = 20_000


def is_block_page(html: str) -> bool:
    """Whether the page is a block page, which may have status 200."""
    if len(html) > _LONGEST_BLOCK_PAGE:
        return False
    return any(_BLOCKED.search(match["text"]) for match in _HEADLINE.finditer(html))
