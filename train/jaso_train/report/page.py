"""Render the Jinja templates of this package."""

from __future__ import annotations

from typing import Any

from jaso_core.report.number_format import count
from jaso_core.report.page import page_environment, render_page


def page(template: str, **context: Any) -> str:
    """Render a template as text that UTF-8 can encode, escaped unless marked safe."""
    environment = page_environment("jaso_train.report")
    environment.globals["count"] = count
    return render_page(environment, template, **context)
