"""Licence and hub name of a base model from a text such as "MIT (owner/name)"."""

from __future__ import annotations


def split_licence(text: str) -> tuple[str, str | None]:
    """Split "MIT (owner/name)" into the licence and the model's hub name.

    For what has the text alone: manifests of former train folders and families that give no fields. The name is None
    where the brackets hold a folder's.
    """
    licence, _, inside = text.partition(" (")
    return licence, hub_name(inside.rstrip(")"))


def hub_name(name: str) -> str | None:
    """Return "owner/name" of the hub, None for a folder's name."""
    return name if "/" in name and " " not in name else None
