"""Comments of a site's experts that stand among an applicant's own lines."""

from __future__ import annotations

import re

from jaso_core.registry import NoOptions
from jaso_preprocess.steps import STEPS, TextStep

# A blank or a colon must follow the number: "좋은점 1가지는 …" is an applicant's sentence.
_COMMENT = re.compile(r"^[ \t]*(?:좋은점|아쉬운점)[ \t]*\d+(?:[ \t]*[:.)]|[ \t]+)[^\n]*(?:\n|$)", re.MULTILINE)


@STEPS.register("comments")
class Comments(TextStep):
    """Removes whole lines that begin with "좋은점 1" or "아쉬운점 2"."""

    def __init__(self, options: NoOptions) -> None:
        del options

    def text(self, text: str, field: str) -> str:
        return _COMMENT.sub("", text) if field == "answer" else text
