"""Marks beside numbers in tables: direction of a measure, tie with the best."""

from __future__ import annotations

ARROWS = {True: "↑", False: "↓", None: ""}
"""By `higher_is_better`; None: described, not judged."""

TIED = "°"
"""After a value that no test tells from the best of its row."""
