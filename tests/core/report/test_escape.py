"""Names in Markdown: markup is escaped, what is plain stays byte for byte."""

from __future__ import annotations

import pytest
from markdown_it import MarkdownIt

from jaso_core.report.escape import escape_inline

PLAIN = [
    "run_a", "낮음_run", "[0.1, 0.2]", "p < 0.05", "a & b", "CC-BY-NC-SA-4.0", "MIT (owner/name)", "86.3 (−1.2)", "x > y",
    "seed=1,lr=5e-4", "bits_per_character", "a__b", "#3", "100 %", "C++", "",
]  # fmt: skip
HOSTILE = [
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "[a](javascript:alert(1))", "![a](http://e.invalid/x)",
    "**bold**", "_em_", "`code`", "a | b", "a\n\n# heading", "a\r\n- item", "&lt;script&gt;", "$\\alpha$", "~~gone~~",
    "\\<b>", "[a]: http://e.invalid", "<!-- hidden", "<http://e.invalid>", "a\x85# b", "a\u2028# b",
]  # fmt: skip


@pytest.mark.parametrize("text", PLAIN)
def test_plain_names_stay(text: str) -> None:
    assert escape_inline(text) == text


@pytest.mark.parametrize("text", HOSTILE)
def test_markup_is_shown_as_text(text: str) -> None:
    escaped = escape_inline(text)
    assert "\n" not in escaped
    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(f"x {escaped}")
    kinds = {child.type for token in tokens for child in token.children or ()} | {token.type for token in tokens}
    assert kinds <= {"paragraph_open", "inline", "paragraph_close", "text", "text_special"}
