"""`jaso curves`: compare several trainings as tables, plots and a page."""

from __future__ import annotations

from jaso_core.moved_modules import former_names

__getattr__ = former_names(__name__)
