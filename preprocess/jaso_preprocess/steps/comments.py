"""Comments of a site's experts that stand among an applicant's own lines."""

from __future__ import annotations

import re

from jaso_core.registry import NoOptions
from jaso_preprocess.steps import STEPS, TextStep

# A blank or a colon must follow the number, and no counting word: "좋은점 3 가지는 …" is an applicant's sentence.
_HEAD = r"(?:좋은점|아쉬운점)[ \t]*\d+(?![ \t]*(?:가지|개|점|번째))(?:[ \t]*[:.)]|[ \t]+)"
_COMMENT = re.compile(rf"^[ \t]*{_HEAD}[^\n]*(?:\n|$)", re.MULTILINE)


@STEPS.register("comments")
class Comments(TextStep):
    """Removes whole lines that begin with "좋은점 1" or "아쉬운점 2"."""

    def __init__(self, options: NoOptions) -> None:
        del options

    def text(self, text: str, field: str) -> str:
        return _COMMENT.sub("", text) if field == "answer" else text
