"""White space that means nothing."""

from __future__ import annotations

import re

from jaso_core.registry import NoOptions
from jaso_preprocess.steps import STEPS, TextStep

_BLANKS = re.compile(r"[ \t]+")
_AROUND_LINE_END = re.compile(r" *\n *")
_MANY_LINE_ENDS = re.compile(r"\n{3,}")


@STEPS.register("whitespace")
class Whitespace(TextStep):
    """One blank between words, none at line ends, at most one empty line between paragraphs."""

    def __init__(self, options: NoOptions) -> None:
        del options

    def text(self, text: str, field: str) -> str:
        del field
        text = _AROUND_LINE_END.sub("\n", _BLANKS.sub(" ", text))
        return _MANY_LINE_ENDS.sub("\n\n", text).strip()
