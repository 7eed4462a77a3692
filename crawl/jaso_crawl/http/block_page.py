"""Block pages: a site turns the crawler away with a page, perhaps with status 200."""

from __future__ import annotations

import re

# Every site has its own wording; only a headline or the title is looked at, for a letter may well say such a thing.
_HEADLINE = re.compile(r"<(?P<tag>h1|h2|title)\b[^>]*>(?P<text>.{0,200}?)</(?P=tag)\s*>", re.IGNORECASE | re.DOTALL)
_BLOCKED = re.compile(
    r"보안\s*정책 서비스 이용 안내|비정상적인 접근|자동\s*입력 방지|일시적으로 (?:차단|제한)|접근이 (?:제한|차단)"
)
_LONGEST_BLOCK_PAGE = 20_000


def is_block_page(html: str) -> bool:
    """Whether a site turned us away with a page that may have status 200."""
    if len(html) > _LONGEST_BLOCK_PAGE:
        return False
    return any(_BLOCKED.search(match["text"]) for match in _HEADLINE.finditer(html))
