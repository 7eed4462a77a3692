"""White space normalisation."""

from __future__ import annotations

import re
from collections.abc import Sequence

from jaso_core.registry import NoOptions
from jaso_core.text.edits import Edit
from jaso_preprocess.steps import STEPS, EditStep

_RUN = re.compile(r"\A\s+|\s+\Z|[ \t]*\n[ \t\n]*|[ \t]{2,}|\t")


def whitespace_edits(text: str) -> list[Edit]:
    """Return edits of kind "whitespace".

    Outer white space goes, runs become a blank, a line end or an empty line.
    """
    edits = []
    for run in _RUN.finditer(text):
        start, end = run.span()
        outer = start == 0 or end == len(text)
        after = "" if outer else "\n" * min(run.group().count("\n"), 2) or " "
        if run.group() != after:
            edits.append(Edit(start, end, after, "whitespace"))
    return edits


@STEPS.register("whitespace")
class Whitespace(EditStep):
    """One blank between words, none at line ends, at most one empty line in a row."""

    def __init__(self, options: NoOptions) -> None:
        del options

    def edits(self, text: str, field: str) -> Sequence[Edit]:
        del field
        return whitespace_edits(text)
