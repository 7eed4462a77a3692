"""What every HTML page of the project has in common."""

from __future__ import annotations

import re
from functools import cache

from support import ROOT

TEMPLATES = ("evaluate/jaso_evaluate/report", "train/jaso_train/report", "preprocess/jaso_preprocess/card")
MADE_IN_PYTHON = {"wbr", "sub", "sup", "mark", "bdi", "svg", "b", "small"}


@cache
def own_tags() -> frozenset[str]:
    """Tags of the templates, and those that Python puts together."""
    pages = [path for folder in TEMPLATES for path in (ROOT / folder).glob("*.html.j2")]
    written = {tag for page in pages for tag in re.findall(r"<([a-z][a-z0-9]*)\b", page.read_text(encoding="utf-8"))}
    assert {"article", "span", "table"} <= written
    return frozenset(written | MADE_IN_PYTHON)


def assert_no_escaped_tags(page: str) -> None:
    """No tag of ours is shown as text, as `&lt;wbr&gt;`; for pages whose data have no tags."""
    tags = "|".join(sorted(own_tags()))
    # Whole tags: a model of random weights may well write "<p", and hardly ever the end of the tag as well.
    opening, closing = (rf"&(?:amp;)*(?:{names});" for names in ("lt|#0*60|#x0*3c", "gt|#0*62|#x0*3e"))
    escaped = re.findall(rf"{opening}/?(?:{tags})(?:\s[^<>\n]{{0,80}}?)?/?{closing}", page, re.IGNORECASE)
    assert not escaped, escaped
