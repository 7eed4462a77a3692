"""Conversations of a `messages` column of chat data: lists of {role, content}."""

from __future__ import annotations

import json
from typing import Any

_ROLES = {
    "system": "system", "developer": "system", "user": "user", "human": "user", "prompter": "user",
    "assistant": "assistant", "gpt": "assistant", "bot": "assistant", "model": "assistant", "tool": "tool",
    "function": "tool", "ipython": "tool",
}  # fmt: skip


class ConversationError(ValueError):
    """A cell holds no conversation; the message goes on after the column's name."""


def read_turns(cell: str | None) -> list[dict[str, str]]:
    """Return the turns of a cell, roles as system, user, assistant or tool.

    The cell is JSON: a list of {role, content}, or of {from, value} as ShareGPT has it. A content may be a list of
    {type: text, text}. ConversationError for anything else.
    """
    if cell is None or not cell.strip():
        raise ConversationError("is empty")
    try:
        turns = json.loads(cell)
    except (ValueError, RecursionError):
        raise ConversationError("holds no JSON; write a list of {role, content}") from None
    if not isinstance(turns, list) or not turns:
        raise ConversationError("holds no list of turns; write a list of {role, content}")
    return [_turn(number, turn) for number, turn in enumerate(turns, 1)]


def first_pair(turns: list[dict[str, str]]) -> dict[str, str | None]:
    """Return the first question and answer of a conversation.

    They are the first user's turn, and the first assistant's after it.
    """
    asked = next((index for index, turn in enumerate(turns) if turn["role"] == "user"), None)
    rest = turns[asked + 1 :] if asked is not None else []
    answer = next((turn["content"] for turn in rest if turn["role"] == "assistant"), None)
    question = turns[asked]["content"] if asked is not None else None
    return {"question": question or None, "answer": answer or None}


def _turn(number: int, turn: Any) -> dict[str, str]:
    if not isinstance(turn, dict):
        raise ConversationError(f"has a turn {number} that is no object; write {{role, content}}")
    name = turn.get("role", turn.get("from"))
    role = _ROLES.get(name.strip().lower()) if isinstance(name, str) else None
    if role is None:
        raise ConversationError(f"has a turn {number} of an unknown role; write system, user or assistant")
    text = _text(turn.get("content", turn.get("value")))
    if text is None:
        raise ConversationError(f"has a turn {number} whose content is no text")
    # Half of a surrogate pair, which UTF-8 cannot encode, becomes U+FFFD.
    return {"role": role, "content": text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")}


def _text(content: Any) -> str | None:
    if isinstance(content, str) or content is None:
        return content or ""
    if not isinstance(content, list) or not all(isinstance(part, dict) for part in content):
        return None
    parts = [part.get("text") for part in content if part.get("type", "text") == "text"]
    return "\n".join(parts) if all(isinstance(part, str) for part in parts) else None
