"""Runs the steps over the documents and keeps account of what each changed and dropped."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace

from jaso_core.records import Document, Item
from jaso_preprocess.steps import Drop, Step


@dataclass
class Account:
    """What cleaning did: items changed by step, items dropped by reason, and the dropped items themselves."""

    changed: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    dropped: list[dict[str, object]] = field(default_factory=list)

    def drop(self, document: Document, place: int, step: str, drop: Drop) -> None:
        """Keeps the item as it was when it was dropped."""
        self.reasons[drop.reason] += 1
        self.dropped.append(
            {
                "document_id": document.id,
                "item": place,
                "step": step,
                "reason": drop.reason,
                "detail": drop.detail or None,
                **asdict(document.items[place]),
            }
        )


def clean(documents: Iterable[Document], steps: Mapping[str, Step], account: Account) -> Iterator[Document]:
    """Documents with cleaned items; an item that was dropped is an empty Item, so that places stay the same.

    A document of which nothing is left does not come out.
    """
    for document in documents:
        items = tuple(_clean_item(document, place, steps, account) for place in range(len(document.items)))
        if not items:
            account.reasons["no_items"] += 1
            account.dropped.append({"document_id": document.id, "item": None, "step": None, "reason": "no_items"})
        if any(item != Item() for item in items):
            yield replace(document, items=items)


def _clean_item(document: Document, place: int, steps: Mapping[str, Step], account: Account) -> Item:
    item = document.items[place]
    for name, step in steps.items():
        after = step.apply_to(document, item)
        if isinstance(after, Drop):
            account.drop(document, place, name, after)
            return Item()
        account.changed[name] += after != item
        item = after
    return item
