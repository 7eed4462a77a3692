"""Eduss: source, parser of current pages, parser of the pop-up pages of 2019."""

from __future__ import annotations

from jaso_core.moved_modules import former_names

__getattr__ = former_names(__name__)
