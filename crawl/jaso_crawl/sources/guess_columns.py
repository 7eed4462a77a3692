"""Guess which columns of a data set are question, answer or conversation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from jaso_core.errors import RequestError
from jaso_core.text.invisible import comparable_name

# In the order of preference, as public data sets and people name them.
_NAMES: Mapping[str, tuple[str, ...]] = {
    "messages": ("messages", "conversations", "conversation", "turns", "대화"),
    "question": ("question", "q", "질문", "문항", "prompt", "instruction", "query", "user", "input", "지시문", "요청"),
    "answer": (
        "answer", "a", "답변", "답", "대답", "response", "output", "completion", "assistant", "reply", "target",
        "응답", "출력",
    ),
}  # fmt: skip


def guess_columns(given: Mapping[str, str], columns: Sequence[str], where: Path | str) -> dict[str, str]:
    """Return {field: column}: those that are given, and guesses for what is needed.

    `messages` is guessed before question and answer, and where it is there, they are not needed. RequestError when
    neither is found.
    """
    chosen = dict(given)
    if "messages" in chosen or {"question", "answer"} <= chosen.keys():
        return chosen
    by_name = {comparable_name(name).lower(): name for name in reversed(columns) if name not in given.values()}
    guesses = {
        field: next((by_name[name] for name in names if name in by_name), None) for field, names in _NAMES.items()
    }
    if guesses["messages"] is not None and not ({"question", "answer"} & chosen.keys()):
        return {**chosen, "messages": guesses["messages"]}
    for field in ("question", "answer"):
        if field not in chosen:
            name = guesses[field]
            if name is None:
                listing = ", ".join(columns) or "none"
                raise RequestError(
                    f"{where}: which column is the {field}? It has {listing}",
                    "write columns.question=… columns.answer=…, or columns.messages=… for lists of {role, content}",
                )
            chosen[field] = name
    return chosen
