"""Expert comments of a site among an applicant's own lines."""

from __future__ import annotations

import re
from collections.abc import Sequence

from jaso_core.registry import NoOptions
from jaso_core.text.edits import Edit
from jaso_preprocess.rules.idempotence import to_fixpoint
from jaso_preprocess.steps import STEPS, EditStep

# A blank or a colon must follow the number, and no counting word: "좋은점 3 가지는 …" is an applicant's sentence.
_HEAD = r"(?:좋은점|아쉬운점)[ \t]*\d+(?![ \t]*(?:가지|개|점|번째))(?:[ \t]*[:.)]|[ \t]+)"
_COMMENT = re.compile(rf"^[ \t]*{_HEAD}[^\n]*(?:\n|$)", re.MULTILINE)


@STEPS.register("comments")
class Comments(EditStep):
    """Removes whole lines that begin with "좋은점 1" or "아쉬운점 2"."""

    def __init__(self, options: NoOptions) -> None:
        del options

    def edits(self, text: str, field: str) -> Sequence[Edit]:
        return to_fixpoint(text, comment_edits) if field == "answer" else []


def comment_edits(text: str) -> list[Edit]:
    """Return one round of the edits that remove comments."""
    return [Edit(*match.span(), "", "expert_comment") for match in _COMMENT.finditer(text) if match.group()]
