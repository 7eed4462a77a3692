"""Fields of a text that the user gives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from jaso_core.console import say

FIELDS = ("question", "occupation", "experience", "role", "company", "summary")


def split_fields(fields: Mapping[str, str], prompt: str, reads: Sequence[str]) -> tuple[dict[str, str], Sequence[str]]:
    """Split into the fields that the prompt format reads, and names of missing ones.

    A field that the format does not read is left out, which is said.
    """
    unread = [name for name in fields if name not in reads]
    if unread:
        say(f"generate: prompt format '{prompt}' reads {', '.join(reads) or 'nothing'}: {', '.join(unread)} left out")
    used = {name: value for name, value in fields.items() if name in reads and value.strip()}
    return used, [name for name in reads if name not in used]
